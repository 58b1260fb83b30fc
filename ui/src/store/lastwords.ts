import { list, object, parse } from '../api/json'
import { type Kept, readKept } from './chats'
import { loadChoice, saveChoice } from './keys'

/**
 * What a page that goes could not be sure to have kept: localStorage writes before it
 * returns, the database after the page has gone. The next page puts it into the database.
 */
const place = 'unsaved'

/** What fits beside the rest; pictures and sounds are left out of what is larger. */
const most = 1 << 20

export function saveLastWords(owner: string, kept: Kept[]): void {
  const ids = new Set(kept.map((k) => k.chat.id))
  const others = rows().filter((r) => !(r.owner === owner && ids.has(String(object(object(r).chat).id))))
  const own = kept.map((k) => small({ owner, ...k }))
  if (own.length + others.length > 0 || loadChoice(place) !== '') saveChoice(place, own.length + others.length > 0 ? JSON.stringify([...others, ...own]) : '')
}

export function loadLastWords(owner: string, newId: () => string): Kept[] {
  return rows().filter((r) => r.owner === owner).map((r) => readKept(r, newId))
}

/** Forgets those that are in the database now. */
export function forgetLastWords(owner: string, ids: string[]): void {
  const left = rows().filter((r) => !(r.owner === owner && ids.includes(String(object(r.chat).id))))
  if (loadChoice(place) !== '') saveChoice(place, left.length > 0 ? JSON.stringify(left) : '')
}

/** Of two of one chat the later one. */
export function latest(stored: Kept[], last: Kept[]): Kept[] {
  const by = new Map(stored.map((k) => [k.chat.id, k]))
  for (const k of last) if (k.at > (by.get(k.chat.id)?.at ?? -1)) by.set(k.chat.id, k)
  return [...by.values()].sort((a, b) => b.chat.changed - a.chat.changed)
}

const rows = () => list(parse(loadChoice(place))).map(object)

function small(row: Kept & { owner: string }): Kept & { owner: string } {
  const plain = { ...row, chat: { ...row.chat, turns: row.chat.turns.map((t) => ('raw' in t ? { ...t, raw: null } : t.role === 'error' ? { ...t, request: null } : t)) } }
  if (JSON.stringify(plain).length <= most) return plain
  const bare = plain.chat.turns.map((t) => (t.role === 'user' ? { ...t, images: t.images.map((i) => ({ ...i, url: '' })), audio: t.audio?.map((a) => ({ ...a, data: '' })) } : t))
  return { ...plain, chat: { ...plain.chat, turns: bare } }
}
