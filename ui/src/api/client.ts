import { failureOf, readFailure } from './failure'
import { parse } from './json'
import { clockLag, readSession, sessionOfModels } from './session'
import type { Facts, Failure, Session } from './types'

/** Thrown by every call that does not succeed. */
export class CallError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message)
  }
}

/** Calls the gateway that served the page. The key travels in a header, never in a URL. */
export class Client {
  /** The newest session, with which refusals are told better. */
  private known: Session | null = null

  constructor(
    /** For the person to see and to take along, never for a URL or a log. */
    readonly key: string,
    private readonly base = '',
  ) {}

  /** Asks who the key belongs to and what it may use. */
  async session(): Promise<Session> {
    const origin = location.origin
    try {
      const res = await this.send('GET', '/api/v1/session')
      const lag = clockLag(res.headers.get('date'), Date.now())
      this.known = readSession(await this.json(res), origin, lag)
      return this.known
    } catch (e) {
      if (!(e instanceof CallError) || e.failure.status !== 404) throw e
      return sessionOfModels(await this.json(await this.send('GET', '/openai/v1/models')), origin)
    }
  }

  /** Posts JSON; the response is a success, with its body unread. */
  post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    return this.send('POST', path, JSON.stringify(body), signal)
  }

  /** Posts JSON and reads JSON. */
  async ask(path: string, body: unknown, signal?: AbortSignal): Promise<{ body: unknown; facts: Facts }> {
    const res = await this.post(path, body, signal)
    return { body: await this.json(res), facts: readFacts(res.headers) }
  }

  /** Posts a form, for files. */
  form(path: string, form: FormData, signal?: AbortSignal): Promise<Response> {
    return this.send('POST', path, form, signal)
  }

  private async send(method: string, path: string, body?: string | FormData, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { 'api-key': headerSafe(this.key) }
    if (typeof body === 'string') headers['content-type'] = 'application/json'
    let res: Response
    try {
      res = await fetch(this.base + path, { method, headers, body, signal, cache: 'no-store', credentials: 'same-origin', redirect: 'error' })
    } catch (e) {
      if (signal?.aborted) throw e
      throw new CallError(failureOf('unreachable', 'No answer came back.'))
    }
    if (res.ok) return res
    const said = await res.text().catch(() => '')
    throw new CallError(readFailure({ status: res.status, headers: res.headers, body: said }, Date.now(), this.known))
  }

  private async json(res: Response): Promise<unknown> {
    const said = await res.text().catch(() => '')
    const body = parse(said)
    if (body === undefined) throw new CallError(failureOf('broken', 'The answer was not JSON.'))
    return body
  }
}

/** Drops what a header cannot carry; such a key is refused by the gateway, not by the browser. */
export function headerSafe(key: string): string {
  return key.trim().replace(/[^\x21-\x7e]/g, '?')
}

export function readFacts(h: { get(name: string): string | null }): Facts {
  const count = (name: string): number | null => {
    const v = h.get(name)
    return v === null || v.trim() === '' || !Number.isFinite(Number(v)) ? null : Number(v)
  }
  return {
    requestId: h.get('x-request-id') ?? '',
    deployment: h.get('x-ms-deployment-name') ?? '',
    region: h.get('x-ms-region') ?? '',
    cappedTo: count('x-tallygate-max-tokens'),
    remainingRequests: count('x-ratelimit-remaining-requests'),
    remainingTokens: count('x-ratelimit-remaining-tokens'),
    budgetRemaining: h.get('x-tallygate-budget-remaining') ?? '',
  }
}

/** The failure in whatever a call threw; null when the person stopped it. */
export function failureFrom(thrown: unknown): Failure | null {
  if (thrown instanceof CallError) return thrown.failure
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return null
  return failureOf('broken', thrown instanceof Error ? thrown.message : String(thrown))
}
