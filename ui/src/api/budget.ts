import { localTime } from './times'
import type { Limit, Session } from './types'
import { figure } from '../parts/figures'

/** A refusal in the page's words. */
export interface LimitWords {
  title: string
  message: string
  advice: string
}

/** What the gateway's message tells about a budget that has no room for a request. */
interface Told {
  /** The limit's name, and behind it what it allows where the name does not say so. */
  name: string
  allows: string
  /** What is left, such as `849 tokens`; empty when it is not told, as of a limit that many share. */
  left: string
  need: string
  /** The largest answer that fits, in tokens; 0 when it is not told. */
  fits: number
  /** A smaller answer may fit, or a shorter prompt. */
  smaller: boolean
  shorter: boolean
  /** When it renews; null for never, undefined when it is not told. */
  renews: Date | null | undefined
}

const quoted = /"(?:[^"\\]|\\.)*"/.source
const noRoom = new RegExp(`^The limit (${quoted})( \\([^()]*\\))? has no room for this request(?:: (.+?) are left(?:, and it may use up to (.+?))?)?\\.(?: (.*))?$`)

function readTold(message: string): Told | null {
  const found = noRoom.exec(message)
  if (!found) return null
  const [, name = '', allows = '', left = '', need = '', rest = ''] = found
  const at = /renews at (\S+?)\.?(?:\s|$)/.exec(rest)
  const time = at ? new Date(at[1] as string) : undefined
  const fits = /max_tokens of up to (\d+)/.exec(rest)
  return {
    name: unquote(name), allows, left, need,
    fits: Number(fits?.[1] ?? 0),
    smaller: /smaller max_tokens/.test(rest),
    shorter: /shorter prompt/.test(rest),
    renews: time && !Number.isNaN(time.getTime()) ? time : /does not renew|allows none/.test(rest) ? null : undefined,
  }
}

function unquote(name: string): string {
  try {
    return String(JSON.parse(name))
  } catch {
    return name.slice(1, -1)
  }
}

/**
 * Says whose budget has no room, what is left of it and when it renews, each as far as
 * anything tells: the message, else the headers, else what the session said before.
 * `now` is milliseconds since 1970. Null when the message is not the gateway's.
 */
export function budgetWords(message: string, headers: { get(name: string): string | null }, now: number, session: Session | null): LimitWords | null {
  const told = readTold(message)
  if (!told) return null
  // The session tells of the limits that are the caller's alone, and of no others.
  const known = session?.limits.find((l) => l.name === told.name)
  const own = known !== undefined || told.left !== ''
  const left = Number.parseFloat(told.left)
  const some = left > 0 || told.fits > 0 || told.smaller || told.shorter
  const whose = own ? 'your budget' : eventsOwn(told, session) ? "the event's budget" : 'a budget that you share'
  return {
    title: some ? `Too little is left of ${whose}` : left === 0 ? `${upper(whose)} is used up` : `${upper(whose)} has no room left`,
    message: `${figures(told, left)} (limit “${told.name}”${told.allows}). ${renewal(renews(told, own, headers, now, known))}`.trim(),
    advice: adviceOf(told, some, session),
  }
}

function figures(told: Told, left: number): string {
  if (told.left === '') return 'There is no room for this request'
  const some = left > 0 ? `${amount(told.left)} ${left === 1 ? 'is' : 'are'} left` : 'Nothing is left'
  return told.need ? `${some}, and this request may use up to ${amount(told.need)}` : some
}

function renews(told: Told, own: boolean, headers: { get(name: string): string | null }, now: number, known: Limit | undefined): Date | null | undefined {
  if (told.renews !== undefined) return told.renews
  const seconds = Number(headers.get('x-tallygate-budget-reset') ?? NaN)
  // The headers are about the caller's own budget of money.
  if (own && known?.quantity === 'money' && seconds > 0) return new Date(now + seconds * 1000)
  return known?.resets ?? undefined
}

function renewal(at: Date | null | undefined): string {
  if (at === undefined) return ''
  return at ? `It renews on ${localTime(at)}.` : 'It does not renew.'
}

function adviceOf(told: Told, some: boolean, session: Session | null): string {
  if (told.fits > 0) return `Set Max response to ${figure(told.fits)} or less and try again.`
  if (told.smaller) return 'A smaller Max response could fit.'
  // The prompt alone is more than what is left.
  if (some) return 'A shorter message, or fewer past messages, could fit.'
  if (told.renews !== null) return ''
  return session?.event ? 'Ask your host for more.' : 'Ask whoever gave you the key for more.'
}

/** A limit for the event as a whole: it lasts as long, or its name begins as the event's limits do. */
function eventsOwn(told: Told, session: Session | null): boolean {
  if (!session?.event) return false
  return / for the event\b/.test(`${told.name}${told.allows}`) || [':', ','].some((end) => told.name.startsWith(`event ${session.event?.id}${end}`))
}

/** Says that a rate refused; what is left may still do for a smaller answer. */
export function rateWords(message: string, session: Session | null): Partial<LimitWords> {
  const name = unquote(new RegExp(quoted).exec(message)?.[0] ?? '""')
  const known = session?.limits.find((l) => l.name === name)
  const tokens = known ? known.quantity.includes('token') : /\btokens\b/.test(message)
  if (!tokens) return {}
  const left = known && known.left > 0 ? ` About ${figure(known.left)} tokens are left: a smaller Max response could fit at once.` : ''
  return { title: 'Too many tokens just now', advice: `Wait for the time shown, then try again.${left}` }
}

/** Says that a request is larger than a limit allows at all. */
export function tooLargeWords(message: string): string {
  return message.replace(/ Ask for fewer tokens with max_tokens.*$/, '')
}

const amount = (s: string) => s.replace(/^\d+(?![\d.])/, (n) => figure(Number(n)))
const upper = (s: string) => s.charAt(0).toUpperCase() + s.slice(1)
