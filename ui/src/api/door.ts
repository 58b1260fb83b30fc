import { CallError, headerSafe } from './client'
import { failureOf, readFailure } from './failure'
import { object, parse, text } from './json'
import type { EventInfo, Failure, Session } from './types'
import type * as wire from './wire'

/** Whose playground it is, and where to ask; empty where nobody said. */
export async function askPortal(): Promise<wire.Portal> {
  const o = object<wire.Portal>(await ask('GET'))
  return { organisation: text(o.organisation), help: text(o.help) }
}

/** Comes in by an event's shared code, under a name; gives the key of one's own. */
export async function arrive(code: string, name: string, remember: boolean): Promise<string> {
  const body: wire.Arrival = { code, name, remember }
  return keyOf(await ask('POST', '', body))
}

/** Hands in a ticket from another device; gives the key that it was for. */
export async function redeem(ticket: string): Promise<string> {
  const body: wire.Redemption = { ticket }
  return keyOf(await ask('POST', '/key', body))
}

/** Asks for a ticket that lets another device in with this key. */
export async function askTicket(key: string): Promise<wire.Ticket> {
  const o = object<wire.Ticket>(await ask('POST', '/ticket', undefined, { 'api-key': headerSafe(key) }))
  const picture = text(o.qr)
  if (!picture.startsWith('data:image/svg+xml;base64,')) throw new CallError(failureOf('broken', 'The answer has no picture.'))
  return { url: text(o.url), qr: picture, expires: text(o.expires), seconds: Number(o.seconds) || 0 }
}

async function ask(method: string, path = '', body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  let res: Response
  try {
    res = await fetch(`/api/v1/door${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
    })
  } catch {
    throw new CallError(failureOf('unreachable', 'No answer came back.'))
  }
  const said = await res.text().catch(() => '')
  if (!res.ok) throw new CallError(readFailure({ status: res.status, headers: res.headers, body: said }, Date.now()))
  return parse(said)
}

function keyOf(answer: unknown): string {
  const key = text(object<wire.Admission>(answer).key)
  if (key === '') throw new CallError(failureOf('broken', 'The answer has no key.'))
  return key
}

/** The event that somebody is in by its bare code, without a name; null for everybody else. */
export const namelessIn = (s: Session, key: string): EventInfo | null => (s.attendee === 'guest' && !key.includes('/') ? s.event : null)

/** Where to sign up first, with the code and the name carried along behind the #, where no log sees them; empty for other failures. */
export function signUpPage(f: Failure, key: string): string {
  const id = text(object(object(object(f.raw).error).event).id)
  if (f.code !== 'EventSignUpNeeded' || !/^[a-z0-9-]{1,64}$/.test(id)) return ''
  const slash = key.indexOf('/')
  const code = slash < 0 ? key : key.slice(0, slash)
  const name = slash < 0 ? '' : `&name=${encodeURIComponent(key.slice(slash + 1))}`
  return `/event/${id}#code=${encodeURIComponent(code)}${name}`
}

/** Says what is wrong with a key or code that nobody here knows, as far as its form tells: of others' it tells nothing. */
export function unknownWords(key: string): string {
  if (/\s/.test(key)) return 'There is a space in it.'
  if (/[^\x21-\x7e]/.test(key)) return 'It has characters that no key or code has; some look like others.'
  if (/^tge-/i.test(key)) return key.length === 44 ? 'No event here gave out this personal key, or it was renewed since.' : `A personal key has 44 characters; this one has ${key.length}.`
  if (key.length < 6) return 'Codes have 6 characters or more.'
  return ''
}
