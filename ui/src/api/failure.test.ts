import { describe, expect, it } from 'vitest'
import { headerSafe, readFacts } from './client'
import { failureInStream, readFailure, retryAt, signInFailure } from './failure'
import { clockLag, guessCapabilities, guessKind, limitName, nextLook, readSession, sessionOfModels } from './session'

const now = Date.parse('2026-06-01T12:00:00Z')
const headers = (h: Record<string, string> = {}) => ({ get: (n: string) => h[n] ?? null })
const failure = (status: number, error: unknown, h = {}) => readFailure({ status, headers: headers(h), body: JSON.stringify({ error }) }, now)

describe('readFailure', () => {
  it.each([
    ['EventNotStarted', 403, 'The event has not started'],
    ['EventEnded', 403, 'The event has ended'],
    ['EventInactive', 403, 'The event is switched off'],
    ['EventFull', 403, 'The event is full'],
    ['EventKeyRevoked', 401, 'This key was taken back'],
    ['TooManyGuesses', 429, 'Too many wrong codes'],
    ['Unauthorized', 401, 'Key not accepted'],
  ])('tells %s apart', (code, status, title) => {
    expect(failure(status, { code, message: 'm' }).title).toBe(title)
  })

  it("says an event's times in the visitor's zone", () => {
    const start = '2031-05-01T08:00:00Z'
    const f = failure(403, { code: 'EventNotStarted', message: 'm', event: { name: 'Oslo', start } })
    expect(f.message).toBe(`Oslo opens on ${new Date(start).toLocaleString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short' })}.`)
  })

  it("says at signing in that a key is unknown, and never in Azure's words", () => {
    const f = failure(401, { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint. Make sure to …' })
    expect([f.title, f.message]).toEqual(['Key not accepted', ''])
    expect(signInFailure(f, 'Why.')).toMatchObject({ title: 'This key or code is not known here', message: 'Why.', advice: expect.stringContaining('upper and lower case') })
  })

  it("keeps an event's own reason at signing in, and promises no chats", () => {
    expect(signInFailure(failure(401, { code: 'EventEnded', message: 'm' }), '')).toMatchObject({ title: 'The event has ended', advice: '' })
    expect(signInFailure(failure(401, { code: 'EventInactive', message: 'm' }), '').title).toBe('The event is switched off')
  })

  it('names what the content filter found', () => {
    const f = failure(400, { code: 'content_filter', message: 'm', innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { self_harm: { filtered: true, severity: 'high' }, hate: { filtered: false, severity: 'safe' } } } })
    expect(f.message).toBe('The prompt was stopped by the content filter. Reason: Self harm (high).')
  })

  it('knows an ended event, and gives no page of HTML as a message', () => {
    expect(failure(403, { code: 'EventEnded', message: 'm' }).ended).toBe(true)
    const page = readFailure({ status: 502, headers: headers(), body: '<html>bad gateway</html>' }, now)
    expect([page.title, page.message]).toEqual(['The model is not available', ''])
    expect(readFailure({ status: 401, headers: headers(), body: '{"detail":"No."}' }, now).message).toBe('No.')
  })

  it('reads an error that came in a stream', () => {
    expect(failureInStream({ error: { code: '429', message: 'busy' } }, now)).toMatchObject({ status: 429, message: 'busy' })
    expect(failureInStream({ error: {} }, now).status).toBe(500)
  })
})

it.each([
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, now + 1500],
  [{ 'retry-after': '2' }, now + 2000],
  [{ 'retry-after': 'Mon, 01 Jun 2026 12:00:30 GMT' }, now + 30_000],
  [{ 'retry-after': 'Mon, 01 Jun 2020 12:00:30 GMT' }, now],
  [{ 'retry-after': '-1' }, 0],
  [{ 'retry-after': 'soon' }, 0],
  [{}, 0],
])('retry-after %o', (h, want) => {
  expect(retryAt(headers(h as Record<string, string>), now)).toBe(want)
})

it('facts are read from the headers', () => {
  const facts = readFacts(headers({ 'x-ms-region': 'Sweden Central', 'x-ratelimit-remaining-requests': '0', 'x-tallygate-max-tokens': '512', 'x-ratelimit-remaining-tokens': 'x' }))
  expect(facts).toMatchObject({ region: 'Sweden Central', remainingRequests: 0, cappedTo: 512, remainingTokens: null })
})

it('a key with what no header can carry becomes one that is refused', () => {
  expect(headerSafe(' CODE/USER ')).toBe('CODE/USER')
  expect(headerSafe('a\nb\u0000ü')).toBe('a?b??')
})

describe('readSession', () => {
  it('takes an empty answer', () => {
    expect(readSession({}, 'http://here')).toMatchObject({ event: null, maxTokens: null, models: [], limits: [], server: { endpoint: 'http://here' } })
  })

  it('guesses what the gateway does not know of a model', () => {
    const [m] = readSession({ models: [{ name: 'text-embedding-3-small', kind: '', capabilities: [] }] }, '').models
    expect(m?.kind).toBe('embedding')
    expect(sessionOfModels({ data: [{ id: 'o4-mini' }] }, '').models[0]?.capabilities).toContain('reasoning')
  })

  it('drops addresses that are not of the web', () => {
    const event = readSession({ event: { url: 'javascript:alert(1)', image: 'data:text/html,x', start: 'never' } }, '').event
    expect(event).toMatchObject({ url: '', image: '', start: null })
    expect(readSession({ event: { url: '//evil.example.com', image: 'data:image/png;base64,AA==' } }, '').event).toMatchObject({ url: '', image: 'data:image/png;base64,AA==' })
  })
})

it.each([
  ['gpt-4o', 'chat'], ['dall-e-3', 'image'], ['gpt-image-1', 'image'], ['whisper', 'transcription'], ['gpt-4o-transcribe', 'transcription'],
  ['tts-hd', 'speech'], ['gpt-4o-mini-tts', 'speech'], ['text-embedding-ada-002', 'embedding'], ['gpt-35-turbo-instruct', 'completion'],
])('%s is of kind %s', (name, kind) => {
  expect(guessKind(name)).toBe(kind)
})

it('vision and reasoning are guessed by name', () => {
  expect(guessCapabilities('gpt-4o-mini', 'chat')).toContain('vision')
  expect(guessCapabilities('gpt-5-mini', 'chat')).toContain('reasoning')
  expect(guessCapabilities('gpt-5-chat', 'chat')).not.toContain('reasoning')
  expect(guessCapabilities('gpt-35-turbo', 'chat')).not.toContain('vision')
})

it('a clock that is right within seconds has no lag', () => {
  expect(clockLag('Mon, 01 Jun 2026 12:00:03 GMT', now)).toBe(0)
  expect(clockLag('Mon, 01 Jun 2026 12:10:00 GMT', now)).toBe(600_000)
  expect(clockLag(null, now)).toBe(0)
})

it.each([
  ['day', 'requests a day'], ['hour', 'requests an hour'], ['event', 'requests in the event'], ['ever', 'requests in all'], ['sliding', '5k requests a minute'],
])('a limit of period %s is called "%s"', (period, name) => {
  const [limit] = readSession({ limits: [{ name: 'demo: 5k requests a minute', quantity: 'requests', period }] }, '').limits
  expect(limit && limitName(limit)).toBe(name)
})

it.each([
  ['nothing is missing', { left: 10, period: 'day', resets: '2026-06-01T12:00:10Z' }, null],
  ['a period ends', { left: 3, period: 'hour', resets: '2026-06-01T12:00:10Z' }, 11_000],
  ['a period has ended by this clock', { left: 3, period: 'hour', resets: '2026-06-01T11:59:59Z' }, 10_000],
  ['a sliding limit fills', { left: 3, period: 'sliding' }, 10_000],
  ['it never renews', { left: 3, period: 'ever' }, null],
])('what is left is asked for again when %s', (_, limit, wait) => {
  expect(nextLook(readSession({ limits: [{ amount: 10, ...limit }] }, ''), now)).toBe(wait)
})
