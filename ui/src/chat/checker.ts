/** What is wrong with an answer that was to be JSON: where, and what. */
export interface Finding {
  at: string
  message: string
}

export type Checked = { ok: true } | { ok: false; words: string; findings: Finding[] }

const slowest = 3000

let last: Promise<unknown> = Promise.resolve()

/**
 * Checks an answer against a schema, or that it is JSON where the schema is null. It runs
 * beside the page, and is given up after a while: a schema's patterns may take for ever.
 */
export function checkAnswer(text: string, schema: unknown): Promise<Checked> {
  const next = last.then(() => ask(text, schema))
  last = next
  return next
}

function ask(text: string, schema: unknown): Promise<Checked> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./checkerWorker.ts', import.meta.url), { type: 'module' })
    const end = (c: Checked) => {
      clearTimeout(timer)
      worker.terminate()
      resolve(c)
    }
    const timer = setTimeout(() => end({ ok: false, words: 'Not checked: it takes too long', findings: [] }), slowest)
    worker.onmessage = (e: MessageEvent<Checked>) => end(e.data)
    worker.onerror = () => end({ ok: false, words: 'Not checked', findings: [] })
    worker.postMessage({ text, schema })
  })
}
