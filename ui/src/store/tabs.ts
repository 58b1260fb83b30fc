import { object, text, number } from '../api/json'
import { newId } from '../parts/hooks'
import { readKept } from './chats'
import type { News } from './keeper'

/** The other tabs of one person. */
export interface Tabs {
  tell(news: News): void
  close(): void
}

/** Hears what the same person's other tabs change; without the channel each tab is alone until it is loaded anew. */
export function listenToTabs(owner: string, hear: (news: News) => void): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => undefined, close: () => undefined }
  const channel = new BroadcastChannel('tallygate.chats')
  channel.onmessage = (e) => {
    const o = object(e.data)
    if (o.owner !== owner) return
    if (text(o.removed) !== '') hear({ removed: text(o.removed), at: number(o.at) ?? 0 })
    else if (o.kept) hear({ kept: readKept(o.kept, newId) })
  }
  return { tell: (news) => channel.postMessage({ owner, ...news }), close: () => channel.close() }
}
