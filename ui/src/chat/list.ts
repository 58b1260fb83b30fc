import { chatName } from './reducer'
import type { Chat } from './types'

/** Chats of one time, or those that are pinned. */
export interface Group {
  title: string
  chats: Chat[]
}

const day = 24 * 3600_000

/** Puts chats under the time of their last message, the latest first; what the clock calls the future is today. */
export function groupChats(chats: Chat[], now: number): Group[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const groups = new Map<string, Chat[]>()
  const sorted = chats.toSorted((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false) || b.changed - a.changed)
  for (const c of sorted) {
    const title = c.pinned ? 'Pinned' : titleOf(c.changed, midnight)
    const group = groups.get(title)
    if (group) group.push(c)
    else groups.set(title, [c])
  }
  return [...groups].map(([title, of]) => ({ title, chats: of }))
}

function titleOf(at: number, midnight: number): string {
  if (at >= midnight) return 'Today'
  if (at >= midnight - day) return 'Yesterday'
  if (at >= midnight - 7 * day) return 'The last seven days'
  return new Date(at).toLocaleDateString(undefined, { month: 'long', year: 'numeric' })
}

/** Of a chat of enormous length so much is searched. */
const searched = 500_000

const texts = new WeakMap<Chat, string>()

/** The chats in whose name or messages all the words stand. */
export function searchChats(chats: Chat[], words: string): Chat[] {
  const wanted = plain(words).split(/\s+/).filter((w) => w !== '')
  return wanted.length === 0 ? chats : chats.filter((c) => wanted.every((w) => textOf(c).includes(w)))
}

function textOf(chat: Chat): string {
  const known = texts.get(chat)
  if (known !== undefined) return known
  let text = chatName(chat)
  for (const t of chat.turns) {
    if (text.length > searched) break
    if (t.role !== 'error') text += `\n${t.text}`
  }
  const made = plain(text.slice(0, searched))
  texts.set(chat, made)
  return made
}

/** Without case and accents: who looks for “resume” finds “Résumé”. */
const plain = (s: string) => s.normalize('NFD').replace(/\p{Mn}/gu, '').toLowerCase()
