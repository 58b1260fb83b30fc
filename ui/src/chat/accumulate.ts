import { isObject, list, number, object, text } from '../api/json'
import type { Verdict } from '../api/types'
import type { ToolCall } from './types'

/** Gathers the pieces of one streamed answer, or takes a whole one. */
export class Answer {
  text = ''
  reasoning = ''
  refusal = ''
  finish = ''
  id = ''
  model = ''
  calls: ToolCall[] = []
  /** Calls beyond as many as are kept. */
  private readonly beyond = new Set<number>()
  usage: Record<string, unknown> | null = null
  promptFilter: Verdict[] = []
  answerFilter: Verdict[] = []
  /** An error that came inside the stream. */
  error: unknown = null

  /** Takes one chunk; returns whether it carried anything the person can see. */
  add(chunk: unknown): boolean {
    const c = object(chunk)
    if (isObject(c.error)) {
      this.error = chunk
      return false
    }
    this.id ||= text(c.id)
    this.model ||= text(c.model)
    if (isObject(c.usage)) this.usage = c.usage
    const prompt = object(list(c.prompt_filter_results)[0])
    this.promptFilter = mergeVerdicts(this.promptFilter, readVerdicts(prompt.content_filter_results))
    const choice = object(list(c.choices).find((x) => (number(object(x).index) ?? 0) === 0))
    this.answerFilter = mergeVerdicts(this.answerFilter, readVerdicts(choice.content_filter_results))
    this.finish = text(choice.finish_reason) || this.finish
    return this.delta(object(choice.delta ?? choice.message))
  }

  private delta(d: Record<string, unknown>): boolean {
    const said = text(d.content)
    const thought = text(d.reasoning_content) || text(d.reasoning)
    const refused = text(d.refusal)
    this.text += said
    this.reasoning += thought
    this.refusal += refused
    const calls = list(d.tool_calls)
    calls.forEach((call, place) => this.call(object(call), place))
    return said !== '' || thought !== '' || refused !== '' || calls.length > 0
  }

  private call(c: Record<string, unknown>, place: number): void {
    const index = number(c.index) ?? place
    if (index > 127) this.beyond.add(index)
    if (index < 0 || index > 127 || !Number.isInteger(index)) return
    while (this.calls.length <= index) this.calls.push({ id: '', name: '', arguments: '' })
    const f = object(c.function)
    const was = this.calls[index] as ToolCall
    this.calls[index] = {
      id: was.id || text(c.id),
      name: was.name || text(f.name),
      arguments: was.arguments + text(f.arguments),
    }
  }

  /** How many calls were left out, as far as they were counted. */
  get left(): number {
    return this.beyond.size
  }

  tokens(name: string): number | null {
    return number(this.usage?.[name])
  }

  get reasoningTokens(): number | null {
    return number(object(this.usage?.completion_tokens_details).reasoning_tokens)
  }

  /** What the person reads: the answer, or why there is none. */
  get shown(): string {
    return this.text || this.refusal
  }

  /** The answer as one completion, for the raw view. */
  whole(): unknown {
    const message = {
      role: 'assistant',
      content: this.text || null,
      ...(this.refusal ? { refusal: this.refusal } : {}),
      ...(this.calls.length > 0
        ? { tool_calls: this.calls.map((c) => ({ id: c.id, type: 'function', function: { name: c.name, arguments: c.arguments } })) }
        : {}),
    }
    return {
      id: this.id,
      model: this.model,
      choices: [{ index: 0, message, finish_reason: this.finish || null, content_filter_results: asJson(this.answerFilter) }],
      prompt_filter_results: asJson(this.promptFilter),
      usage: this.usage,
    }
  }
}

const asJson = (verdicts: Verdict[]) =>
  Object.fromEntries(verdicts.map((v) => [v.category, { filtered: v.filtered, ...(v.severity ? { severity: v.severity } : {}) }]))

export function readVerdicts(v: unknown): Verdict[] {
  return Object.entries(object(v))
    .filter(([, r]) => isObject(r) && 'filtered' in r)
    .map(([category, r]) => {
      const o = object(r)
      return { category, filtered: o.filtered === true, severity: text(o.severity) || (o.detected === true ? 'detected' : '') }
    })
}

const severities = ['', 'safe', 'low', 'medium', 'high', 'detected']

/** Keeps the gravest verdict of each category: every chunk of a stream brings its own. */
export function mergeVerdicts(a: Verdict[], b: Verdict[]): Verdict[] {
  if (b.length === 0) return a
  const out = new Map(a.map((v) => [v.category, v]))
  for (const v of b) {
    const was = out.get(v.category)
    const graver = !was || severities.indexOf(v.severity) > severities.indexOf(was.severity)
    out.set(v.category, { ...(graver ? v : was), filtered: v.filtered || (was?.filtered ?? false) })
  }
  return [...out.values()]
}
