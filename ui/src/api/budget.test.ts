import { describe, expect, it } from 'vitest'
import { readFailure } from './failure'
import { readSession } from './session'
import { localTime, readableTimes, shortTime } from './times'

const now = Date.parse('2026-11-01T12:00:00Z')
const session = readSession({
  event: { id: 'oslo', name: 'Oslo' },
  limits: [
    { name: 'each: 4k tokens an hour', quantity: 'tokens', amount: 4000, left: 849, period: 'hour', resets: '2026-11-01T13:00:00Z' },
    { name: 'mine: 2 USD a day', quantity: 'money', amount: 2, left: 0, period: 'day', unit: 'USD' },
    { name: 'each: 3k tokens a minute', quantity: 'tokens', amount: 3000, left: 700, period: 'sliding' },
  ],
}, '')
const refused = (code: string, message: string, headers: Record<string, string> = {}, known: typeof session | null = session, status = 429) =>
  readFailure({ status, headers: { get: (n) => headers[n] ?? null }, body: JSON.stringify({ error: { code, message } }) }, now, known)
const budget = (message: string, headers = {}, known: typeof session | null = session) => refused('insufficient_quota', message, headers, known)
const midnight = localTime(new Date('2026-11-22T00:00:00+01:00'))

describe('a budget that has no room', () => {
  it("is the event's where it is, and says once that it does not renew", () => {
    const f = budget('The limit "event oslo: 0.01 USD for the event" has no room for this request. It does not renew.')
    expect(f).toMatchObject({
      title: "The event's budget has no room left",
      message: 'There is no room for this request (limit “event oslo: 0.01 USD for the event”). It does not renew.',
      advice: 'Ask your host for more.',
    })
  })

  it('says that a shorter message could fit where the prompt is too long for what is left', () => {
    const f = budget('The limit "all" (3000 tokens for the event) has no room for this request. A shorter prompt may fit. It does not renew.')
    expect(f).toMatchObject({ title: "Too little is left of the event's budget", advice: 'A shorter message, or fewer past messages, could fit.' })
  })

  it('is known by its event also when it renews, and then nobody is to be asked', () => {
    const f = budget('The limit "event oslo, gpt-4o: 5 USD a day" (5 USD a day) has no room for this request. It renews at 2026-11-22T00:00:00+01:00.')
    expect([f.title, f.advice]).toEqual(["The event's budget has no room left", ''])
    expect(f.message).toMatch(new RegExp(`It renews on ${midnight.replace(/[.+]/g, '\\$&')}\\.$`))
    expect(f.message).not.toContain('T00:00')
  })

  it('may be one that others share', () => {
    expect(budget('The limit "all" (5 USD a day) has no room for this request. It renews at 2026-11-22T00:00:00+01:00.').title).toBe('A budget that you share has no room left')
  })

  it.each([
    ['tells how large an answer may be', ' With a max_tokens of up to 480 it fits.', 'Set Max response to 480 or less and try again.'],
    ['says that a smaller answer could fit', ' With a smaller max_tokens it may fit.', 'A smaller Max response could fit.'],
    ['advises a shorter prompt when no answer is small enough', '', 'A shorter message, or fewer past messages, could fit.'],
  ])('%s while something is left', (_, hint, advice) => {
    const f = budget(`The limit "each: 4k tokens an hour" has no room for this request: 849 tokens are left, and it may use up to 3151 tokens.${hint} It renews at 2026-11-22T00:00:00+01:00.`)
    expect([f.title, f.advice]).toEqual(['Too little is left of your budget', advice])
    expect(f.message).toContain(`849 tokens are left, and this request may use up to ${(3151).toLocaleString()} tokens (limit “each: 4k tokens an hour”). It renews on ${midnight}.`)
  })

  it('is used up only when nothing is left', () => {
    const f = budget('The limit "mine: 2 USD a day" has no room for this request: 0 USD are left, and it may use up to 0.0012 USD.', { 'x-tallygate-budget-reset': '3600' })
    expect(f).toMatchObject({ title: 'Your budget is used up', advice: '' })
    expect(f.message).toBe(`Nothing is left, and this request may use up to 0.0012 USD (limit “mine: 2 USD a day”). It renews on ${localTime(new Date(now + 3600_000))}.`)
    expect(budget('The limit "say \\"hi\\"" (0 requests a day) has no room for this request. It allows none.').message).toContain('“say "hi"” (0 requests a day)')
  })

  it('renews when the session says so, where the message does not', () => {
    expect(budget('The limit "each: 4k tokens an hour" has no room for this request: 0 tokens are left, and it may use up to 9 tokens.').message)
      .toContain(`It renews on ${localTime(new Date('2026-11-01T13:00:00Z'))}.`)
  })

  it('keeps words that it does not know, with their times made readable', () => {
    const f = budget('No money until 2026-11-22T00:00:00+01:00.', {}, null)
    expect([f.title, f.message, f.advice]).toEqual(['The budget has no room for this', `No money until ${midnight}.`, ''])
  })
})

describe('a rate', () => {
  it('of tokens is told from one of requests, with what is left', () => {
    const f = refused('RateLimitReached', 'Your requests have exceeded the limit "each: 3k tokens a minute". Please retry after 42 seconds.', { 'retry-after': '42' })
    expect(f).toMatchObject({ title: 'Too many tokens just now', retryAt: now + 42_000 })
    expect(f.advice).toContain('About 700 tokens are left: a smaller Max response could fit at once.')
    expect(refused('RateLimitReached', 'Your requests have exceeded the limit "x" (3 requests a minute). Please retry after 42 seconds.').title).toBe('Too many requests just now')
  })

  it('that a request is too large for names the settings that make it smaller', () => {
    const f = refused('RequestTooLargeForLimit', 'This request may use up to 9000 tokens, more than the limit "x" (3000 tokens a minute) allows at all. Ask for fewer tokens with max_tokens, or send a shorter prompt.', {}, session, 400)
    expect(f).toMatchObject({ title: 'Too much at once', message: 'This request may use up to 9000 tokens, more than the limit "x" (3000 tokens a minute) allows at all.' })
    expect(f.advice).toContain('smaller Max response')
  })
})

describe('times', () => {
  it.each([
    ['ends at 2026-11-22T00:00:00+01:00, or 2026-11-21T23:00:00.5Z', `ends at ${midnight}, or ${midnight}`],
    ['at 2026-11-21 23:00 UTC.', `at ${midnight}.`],
    ['at 2026-99-99T00:00:00Z', 'at 2026-99-99T00:00:00Z'],
    ['gpt-4o-2024-11-20 and 2026-11-21', 'gpt-4o-2024-11-20 and 2026-11-21'],
  ])('in "%s" are made readable', (text, want) => {
    expect(readableTimes(text)).toBe(want)
  })

  it('keep a zone that only its abbreviation names', () => {
    expect(readableTimes('It ended, at 2026-01-15 17:00 CET.')).toMatch(/2026, 17:00 CET\.$/)
  })

  it('of today are told without the day, and always with a zone', () => {
    const d = new Date(2026, 5, 1, 17, 0)
    const zone = /[A-Z]{2,}|[+-]\d/
    expect(shortTime(d, d)).not.toContain('Jun')
    expect(shortTime(d, new Date(2026, 5, 2))).toContain('Jun')
    for (const words of [shortTime(d, d), localTime(d)]) expect(words).toMatch(zone)
  })
})
