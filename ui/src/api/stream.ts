import { Answer } from '../chat/accumulate'
import { CallError } from './client'
import { failureInStream, failureOf } from './failure'
import { parse } from './json'
import { EventParser } from './sse'

/** Silence after which a stream that had begun counts as broken. */
export const stallMs = 60_000

/**
 * Reads a chat answer, streamed or whole, into `answer`, and calls `seen` whenever
 * something visible came. Throws a CallError when the stream breaks off, stalls or
 * brings an error; what came until then stays in `answer`.
 */
export async function readAnswer(res: Response, answer: Answer, seen: () => void, signal: AbortSignal): Promise<void> {
  if (!(res.headers.get('content-type') ?? '').includes('text/event-stream')) {
    const body = parse(await res.text())
    if (body === undefined) throw new CallError(failureOf('broken', 'The answer was not JSON.'))
    if (answer.add(body)) seen()
    return finish(answer)
  }
  await readEvents(res, signal, (data) => {
    const chunk = parse(data)
    if (chunk === undefined) throw new CallError(failureOf('broken', 'A piece of the answer was not JSON.'))
    if (answer.add(chunk)) seen()
    if (answer.error !== null) throw new CallError(failureInStream(answer.error, Date.now()))
  })
  finish(answer)
}

/** Hands each event's data to `each` until [DONE] or the end. */
export async function readEvents(res: Response, signal: AbortSignal, each: (data: string) => void): Promise<void> {
  if (!res.body) return
  const reader = res.body.getReader()
  const parser = new EventParser()
  try {
    for (;;) {
      const { value, done } = await withinTime(reader.read(), signal)
      if (done) break
      for (const event of parser.push(value)) {
        if (event.data === '[DONE]') return
        each(event.data)
      }
    }
    if (parser.dangling) throw new CallError(failureOf('broken', 'The connection closed in the middle of the answer.'))
  } catch (e) {
    if (e instanceof CallError || signal.aborted) throw e
    throw new CallError(failureOf('broken', 'The connection was lost in the middle of the answer.'))
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

async function withinTime<T>(read: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const stalled = () => reject(new CallError(failureOf('broken', `Nothing came for ${stallMs / 1000} seconds.`)))
    timer = setTimeout(stalled, stallMs)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
    if (signal.aborted) read.catch(() => undefined)
  }
}

function finish(answer: Answer): void {
  if (answer.finish === '') {
    throw new CallError(failureOf('broken', 'The answer ended without a reason to finish.'))
  }
}
