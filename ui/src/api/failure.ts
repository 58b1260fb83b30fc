import { budgetWords, rateWords, tooLargeWords } from './budget'
import { date, isObject, object, parse, text } from './json'
import { localTime, readableTimes } from './times'
import type { Failure, Session } from './types'

/** The part of a response that tells about its failure. */
export interface Refused {
  status: number
  headers: { get(name: string): string | null }
  body: string
}

interface Words {
  title: string
  advice: string
}

const byCode: Record<string, Words> = {
  EventNotStarted: { title: 'The event has not started', advice: 'Come back when it opens.' },
  EventEnded: { title: 'The event has ended', advice: '' },
  EventInactive: { title: 'The event is switched off', advice: 'Ask your host to switch it on.' },
  EventKeyRevoked: { title: 'This key was taken back', advice: 'Ask your host for another.' },
  TooManyGuesses: { title: 'Too many wrong codes', advice: '' },
  EventSignUpNeeded: { title: 'Sign up first', advice: '' },
  NameTaken: { title: 'That name is taken', advice: '' },
  NameInvalid: { title: 'That is no name', advice: '' },
  TooManyNames: { title: 'Too many new names', advice: '' },
  TicketGone: { title: 'This sign-in is no longer good', advice: '' },
  EventFull: { title: 'The event is full', advice: 'All its seats are taken. Ask your host for one.' },
  content_filter: { title: 'Filtered', advice: 'Rephrase the message and send it again.' },
  context_length_exceeded: {
    title: 'The chat is too long for this model',
    advice: 'Include fewer past messages, or start a new chat.',
  },
  ReachNotAllowed: { title: 'Not allowed in this event', advice: 'Take it out of the setup or the message, or ask your host.' },
  DeploymentNotFound: { title: 'No such model', advice: 'Choose another model.' },
  insufficient_quota: { title: 'The budget has no room for this', advice: '' },
  RequestTooLargeForLimit: { title: 'Too much at once', advice: 'Choose a smaller Max response, include fewer past messages, or write less.' },
  unreachable: { title: 'The gateway cannot be reached', advice: 'Check your connection and try again.' },
  broken: { title: 'The answer broke off', advice: 'What came is kept. Try again for a whole one.' },
}

const byStatus: [test: (status: number) => boolean, words: Words][] = [
  [(s) => s === 401, { title: 'Key not accepted', advice: 'Sign out and sign in with a valid key or event code.' }],
  [(s) => s === 403, { title: 'Not allowed', advice: 'Choose another model, or ask your host.' }],
  [(s) => s === 404, { title: 'Not found', advice: 'Choose another model.' }],
  [(s) => s === 408, { title: 'It took too long', advice: 'Try again.' }],
  [(s) => s === 413, { title: 'Too much at once', advice: 'Send a shorter message or smaller images.' }],
  [(s) => s === 429, { title: 'Too many requests just now', advice: 'Wait for the time shown, then try again.' }],
  [(s) => s >= 500, { title: 'The model is not available', advice: 'Try again in a moment.' }],
  [(s) => s >= 400, { title: 'The request was not understood', advice: 'Change the settings or the message and try again.' }],
]

/** Tells a refused call in words. `now` is milliseconds since 1970; the session is what was known before. */
export function readFailure(r: Refused, now: number, session: Session | null = null): Failure {
  const body = parse(r.body)
  const error = object(object(body).error)
  const filtered = filterReason(error)
  const code = filtered ? 'content_filter' : text(error.code) || String(r.status)
  const words = byCode[code] ?? byStatus.find(([test]) => test(r.status))?.[1] ?? { title: 'The call failed', advice: 'Try again.' }
  const said = text(error.message)
  const told = filtered || eventWords(code, error) || said || plainBody(r.body, body)
  return {
    status: r.status,
    code,
    ...words,
    message: azures.test(told) ? '' : readableTimes(told),
    ...limitWords(code, said, r.headers, now, session),
    retryAt: retryAt(r.headers, now),
    requestId: r.headers.get('x-request-id') ?? '',
    ended: code === 'EventEnded',
    raw: body ?? r.body.slice(0, 4000),
  }
}

/** What Azure says of a key that it does not know; it speaks of subscriptions, which no visitor has. */
const azures = /^Access denied due to invalid subscription key/

function limitWords(code: string, message: string, headers: Refused['headers'], now: number, session: Session | null): Partial<Failure> {
  switch (code) {
    case 'insufficient_quota':
      return budgetWords(message, headers, now, session) ?? {}
    case 'RateLimitReached':
      return rateWords(message, session)
    case 'RequestTooLargeForLimit':
      return { message: tooLargeWords(message) }
  }
  return {}
}

/** A refusal as it is said to somebody who signs in, and has typed what is refused. */
export function signInFailure(f: Failure, why: string): Failure {
  if (f.status === 401 && byCode[f.code] === undefined) {
    return { ...f, title: 'This key or code is not known here', message: why, advice: 'Check each letter (in a key upper and lower case count), or ask your host.' }
  }
  return f
}

/** Tells a failure that has no response: the network, or a stream cut short. */
export function failureOf(code: 'unreachable' | 'broken', message: string): Failure {
  const words = byCode[code] as Words
  return { ...words, status: 0, code, message, retryAt: 0, requestId: '', ended: false }
}

/** Tells an error that arrives inside a stream that had begun well. */
export function failureInStream(event: unknown, now: number): Failure {
  const status = Number(object(object(event).error).status ?? object(object(event).error).code) || 500
  return readFailure({ status, headers: { get: () => null }, body: JSON.stringify(event) }, now)
}

/** Times in a refusal are said in the visitor's own zone. */
function eventWords(code: string, error: Record<string, unknown>): string {
  const event = object(error.event)
  const name = text(event.name) || 'The event'
  const start = date(event.start)
  const end = date(event.end)
  if (code === 'EventNotStarted' && start) return `${name} opens on ${localTime(start)}.`
  if (code === 'EventEnded' && end) return `${name} ended on ${localTime(end)}.`
  return ''
}

function filterReason(error: Record<string, unknown>): string {
  const inner = object(error.innererror)
  if (error.code !== 'content_filter' && inner.code !== 'ResponsibleAIPolicyViolation') return ''
  const results = object(inner.content_filter_result ?? error.content_filter_result)
  const reasons = Object.entries(results)
    .filter(([, v]) => isObject(v) && v.filtered === true)
    .map(([k, v]) => `${categoryName(k)}${text(object(v).severity) ? ` (${text(object(v).severity)})` : ''}`)
  const reason = reasons.length > 0 ? ` Reason: ${reasons.join(', ')}.` : ''
  return `The prompt was stopped by the content filter.${reason}`
}

/** Makes `self_harm` readable: `Self harm`. */
export function categoryName(key: string): string {
  const words = key.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function plainBody(raw: string, body: unknown): string {
  if (typeof body === 'string') return body
  const detail = text(object(body).detail) || text(object(body).message)
  if (detail) return detail
  return /^\s*</.test(raw) ? '' : raw.slice(0, 500)
}

/** Reads retry-after-ms, or retry-after as seconds or a date. */
export function retryAt(headers: { get(name: string): string | null }, now: number): number {
  const ms = Number(headers.get('retry-after-ms') ?? NaN)
  if (Number.isFinite(ms) && ms >= 0) return now + ms
  const after = headers.get('retry-after')
  if (after === null || after.trim() === '') return 0
  const seconds = Number(after)
  if (Number.isFinite(seconds)) return seconds >= 0 ? now + seconds * 1000 : 0
  const at = Date.parse(after)
  return Number.isNaN(at) ? 0 : Math.max(now, at)
}

/** A failure as it is said to those who listen. */
export const spokenFailure = (f: Failure): string => [`${f.title}.`, f.message, f.advice].filter(Boolean).join(' ')
