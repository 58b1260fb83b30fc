import { list, object, parse, text } from '../api/json'
import { readSession } from '../api/session'
import type { Session } from '../api/types'
import { openChats, ownerOf } from './chats'
import { loadChoice, saveChoice } from './keys'

/** Somebody whose chats this browser keeps, and who need not be let in to read them. */
export interface Past {
  owner: string
  /** The person and the event; nothing of what could be used there. */
  session: Session
  chats: number
}

const place = 'past'
const most = 30

/** Notes whose chats a key leads to, so that they can be read when the gateway takes the key no more. */
export function keepPast(key: string, s: Session): void {
  const e = s.event
  // Its times are left out: an organiser may change them when nobody here is told.
  const event = e && { id: e.id, name: e.name }
  const others = kept().filter((k) => object(k).label !== label(key))
  const own = { label: label(key), session: { caller: s.caller, attendee: s.attendee, name: s.name, event } }
  saveChoice(place, JSON.stringify([own, ...others].slice(0, most)))
}

/** Finds whose chats the key led to; null when there are none. */
export async function findPast(key: string, newId: () => string): Promise<Past | null> {
  const found = kept().find((k) => object(k).label === label(key))
  if (found === undefined) return null
  const session = readSession(object(found).session, location.origin)
  const owner = ownerOf(session)
  const rows = await openChats(owner, newId).then((s) => s.load()).catch(() => [])
  const count = rows.filter((k) => k.chat.turns.length > 0).length
  return count > 0 ? { owner, session, chats: count } : null
}

const kept = () => list(parse(loadChoice(place))).filter((k) => text(object(k).label) !== '')

/**
 * Tells keys apart without telling them: 32 bits say little about a key, and the gateway,
 * not this, decides who gets in. Spellings that differ in case alone have one label.
 */
export function label(key: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(key.trim().toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
