import type { Model } from '../api/types'
import { parse } from '../api/json'
import { responseFormat } from './schema'
import { fenced } from './textfile'
import { toolNames } from './tools'
import type { AssistantTurn, Setup, Settings, ToolTurn, Turn, UserTurn } from './types'

type Part =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } }
  | { type: 'input_audio'; input_audio: { data: string; format: string } }

export interface Message {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string | Part[] | null
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[]
  tool_call_id?: string
}

export interface ChatBody {
  model: string
  messages: Message[]
  stream?: boolean
  [field: string]: unknown
}

export const reasons = (m: Model | undefined): boolean => m?.capabilities.includes('reasoning') ?? false
/** The efforts that a reasoning model knows: minimal is GPT-5's own, as long as it has no later number. */
export function efforts(m: Model | undefined): Exclude<Settings['effort'], ''>[] {
  const base = m?.base ?? ''
  const known = /^o\d|gpt-oss|gpt-5\.\d/.test(base)
  return known ? ['low', 'medium', 'high'] : ['minimal', 'low', 'medium', 'high']
}
export const sees = (m: Model | undefined): boolean => m?.capabilities.includes('vision') ?? false
export const hears = (m: Model | undefined): boolean => m?.capabilities.includes('audio') ?? false
export const callsTools = (m: Model | undefined): boolean => m?.capabilities.includes('tools') ?? true

/** The most tokens an answer may have: the event's cap, the model's own, whichever is less. */
export function answerCap(cap: number | null, m: Model | undefined): number {
  const own = m && m.maxOutput > 0 ? m.maxOutput : 16384
  return cap !== null && cap > 0 ? Math.min(cap, own) : own
}

/** Builds the body of POST /openai/v1/chat/completions from what the page shows. */
export function buildChat(setup: Setup, settings: Settings, turns: Turn[], model: Model | undefined, cap: number | null): ChatBody {
  const body: ChatBody = { model: settings.model, messages: buildMessages(setup, settings, turns, model) }
  const max = Math.min(settings.maxTokens, answerCap(cap, model))
  if (reasons(model)) {
    body.max_completion_tokens = max
    if (settings.effort !== '' && efforts(model).includes(settings.effort)) body.reasoning_effort = settings.effort
  } else {
    body.max_tokens = max
    body.temperature = settings.temperature
    body.top_p = settings.topP
    body.frequency_penalty = settings.frequencyPenalty
    body.presence_penalty = settings.presencePenalty
    const stop = settings.stop.filter((s) => s !== '')
    if (stop.length > 0) body.stop = stop.slice(0, 4)
  }
  if (/^-?\d+$/.test(settings.seed.trim())) body.seed = Number(settings.seed)
  const format = responseFormat(settings)
  if (format) body.response_format = format
  addTools(body, setup, model)
  if (setup.index !== '') {
    body.data_sources = [{ type: 'azure_search', parameters: { index_name: setup.index } }]
  }
  return streamed(body, model)
}

function streamed(body: ChatBody, model: Model | undefined): ChatBody {
  if (model && model.capabilities.length > 0 && !model.capabilities.includes('stream')) return body
  return { ...body, stream: true, stream_options: { include_usage: true } }
}

function addTools(body: ChatBody, setup: Setup, model: Model | undefined): void {
  const names = toolNames(setup.tools)
  if (names.length === 0 || !callsTools(model)) return
  body.tools = parse(setup.tools)
  const choice = setup.toolChoice
  if (choice === 'none' || choice === 'required') body.tool_choice = choice
  // The choice may name a tool that has been taken out since.
  if (names.includes(choice)) body.tool_choice = { type: 'function', function: { name: choice } }
}

/**
 * The messages to send: the system's, the examples, and as much of the chat as the settings
 * include. What the model cannot take is left out of them; without a model everything stays.
 */
export function buildMessages(setup: Setup, settings: Settings, turns: Turn[], model?: Model): Message[] {
  const messages: Message[] = []
  if (setup.system.trim() !== '') messages.push({ role: 'system', content: setup.system })
  for (const e of setup.examples) {
    if (e.user.trim() === '' || e.assistant.trim() === '') continue
    messages.push({ role: 'user', content: e.user }, { role: 'assistant', content: e.assistant })
  }
  return messages.concat(included(turns, settings.pastMessages).map((t) => messageOf(t, model)))
}

export type Sendable = UserTurn | AssistantTurn | ToolTurn

/** Picks the turns that are sent: what followed the last question, and `past` messages before it. */
export function included(turns: Turn[], past: number): Sendable[] {
  const all = sendable(turns)
  const last = all.findLastIndex((t) => t.role === 'user')
  if (last < 0) return all
  let from = Math.max(0, last - past)
  // A result without the call it answers would be refused, so such a beginning is left out.
  while (from < last && all[from]?.role === 'tool') from++
  return all.slice(from)
}

/** Leaves out errors, earlier questions that were refused, answers without content, and calls that have not all been answered. */
function sendable(turns: Turn[]): Sendable[] {
  const answered = new Set(turns.filter((t) => t.role === 'tool').map((t) => t.callId))
  const kept = new Set<string>()
  const question = turns.findLast((t) => t.role === 'user')
  const out: Sendable[] = []
  for (const t of turns) {
    if (t.role === 'user' && (!t.refused || t === question)) out.push(t)
    if (t.role === 'tool' && kept.has(t.callId)) out.push(t)
    if (t.role !== 'assistant') continue
    const whole = t.calls.length > 0 && t.calls.every((c) => answered.has(c.id))
    if (whole) for (const c of t.calls) kept.add(c.id)
    if (whole || t.text !== '') out.push(whole ? t : { ...t, calls: [] })
  }
  return out
}

function messageOf(t: Sendable, model?: Model): Message {
  if (t.role === 'tool') return { role: 'tool', content: t.text, tool_call_id: t.callId }
  if (t.role === 'user') return { role: 'user', content: contentOf(t, model) }
  if (t.calls.length === 0) return { role: 'assistant', content: t.text }
  const calls = t.calls.map((c) => ({ id: c.id, type: 'function' as const, function: { name: c.name, arguments: c.arguments } }))
  return { role: 'assistant', content: t.text || null, tool_calls: calls }
}

/** A question with its attachments; one string where there is nothing but text. */
function contentOf(t: UserTurn, model?: Model): string | Part[] {
  const { images, audio } = taken(t, model)
  const left = t.images.length + (t.audio?.length ?? 0) - images.length - audio.length
  const files = (t.files ?? []).map((f) => fenced(f.name, f.text))
  const text = [t.text, ...files].filter((s) => s !== '').join('\n\n')
  // A question that was nothing else would be empty, which is refused.
  const words = text === '' && left > 0 && images.length + audio.length === 0 ? '(an attachment that this model does not take)' : text
  if (images.length + audio.length === 0) return words
  const parts: Part[] = words === '' ? [] : [{ type: 'text', text: words }]
  return [
    ...parts,
    ...images.map((i) => ({ type: 'image_url' as const, image_url: { url: i.url } })),
    ...audio.map((a) => ({ type: 'input_audio' as const, input_audio: { data: a.data, format: a.format } })),
  ]
}

/** The pictures and sounds of a question that the model takes and the browser still has. */
function taken(t: UserTurn, model?: Model) {
  return {
    images: !model || sees(model) ? t.images.filter((i) => i.url !== '') : [],
    audio: !model || hears(model) ? (t.audio ?? []).filter((a) => a.data !== '') : [],
  }
}

/** Counts the pictures and sounds that would go along but for the model, or because they were not kept. */
export function leftOut(settings: Settings, turns: Turn[], model: Model | undefined): number {
  let count = 0
  for (const t of included(turns, settings.pastMessages)) {
    if (t.role !== 'user') continue
    const { images, audio } = taken(t, model)
    count += t.images.length + (t.audio?.length ?? 0) - images.length - audio.length
  }
  return count
}
