import type { Chat } from '../chat/types'
import type { ChatStore, Kept } from './chats'
import { forgetLastWords, saveLastWords } from './lastwords'

/** What tabs of one person tell each other. */
export type News = { kept: Kept } | { removed: string; at: number }

export interface Outside {
  owner: string
  /** The chat with what has come of its answers so far. */
  whole(chat: Chat): Chat
  draft(id: string): string
  tell(news: News): void
  /** The browser refused to keep something. */
  trouble(error: unknown): void
}

/** Keeps the chats of a page as they change, and again when the page goes. */
export class Keeper {
  private chats = new Map<string, Chat>()
  private readonly saved = new Map<string, { chat: Chat; draft: string; at: number }>()
  /** Handed to the store, which has not yet said that they are there. */
  private readonly waiting = new Map<string, Kept>()
  private left = false

  constructor(private readonly store: ChatStore | null, private readonly outside: Outside) {}

  /** Takes what the store had, so that it is not written again. */
  had(kept: Kept[]): void {
    for (const k of kept) this.saved.set(k.chat.id, k)
  }

  /** Takes another tab's, unless this one's is later; says whether it counts. */
  heard(id: string, at: number): boolean {
    return at >= (this.saved.get(id)?.at ?? 0)
  }

  /** Told of the chats that there are; forgets those that are gone. */
  now(chats: Chat[]): void {
    this.chats = new Map(chats.map((c) => [c.id, c]))
    for (const id of [...this.saved.keys()]) if (!this.chats.has(id)) this.remove(id)
  }

  /** Another tab removed it. */
  forget(id: string): void {
    this.saved.delete(id)
    this.waiting.delete(id)
  }

  /** Whether a chat's messages are others than those that are kept. */
  urgent(): boolean {
    return [...this.chats.values()].some((c) => c.turns !== (this.saved.get(c.id)?.chat.turns ?? c.turns) || (c.turns.length > 0 && !this.saved.has(c.id)))
  }

  /** Writes what is not kept yet; `worth` says which new chats are. */
  save(worth: (c: Chat) => boolean): void {
    for (const chat of this.chats.values()) {
      const draft = this.outside.draft(chat.id)
      const before = this.saved.get(chat.id)
      const comes = chat.turns.some((t) => t.role === 'assistant' && t.state === 'streaming')
      if (!comes && before?.chat === chat && before.draft === draft) continue
      if (before || draft !== '' || worth(chat)) this.put(chat, draft, comes)
    }
  }

  /** The page may be gone in a moment. */
  leave(worth: (c: Chat) => boolean): void {
    this.save(worth)
    if (this.waiting.size === 0) return
    this.left = true
    saveLastWords(this.outside.owner, [...this.waiting.values()])
  }

  private put(chat: Chat, draft: string, comes: boolean): void {
    const at = Date.now()
    const kept = { chat: this.outside.whole(chat), draft, at }
    this.saved.set(chat.id, { chat, draft, at })
    this.waiting.set(chat.id, kept)
    if (!this.store) return
    this.store.save(kept).then(
      () => this.arrived(kept),
      (e) => this.outside.trouble(e),
    )
    // Elsewhere half an answer would look like one that broke off.
    if (!comes) this.outside.tell({ kept })
  }

  private arrived(kept: Kept): void {
    if (this.waiting.get(kept.chat.id) !== kept) return
    this.waiting.delete(kept.chat.id)
    if (this.left) forgetLastWords(this.outside.owner, [kept.chat.id])
  }

  private remove(id: string): void {
    this.forget(id)
    this.store?.remove(id).catch((e) => this.outside.trouble(e))
    this.outside.tell({ removed: id, at: Date.now() })
  }
}
