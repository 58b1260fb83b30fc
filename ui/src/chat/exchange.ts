import { isObject, list, number, object, text, texts } from '../api/json'
import { emptyFacts } from '../api/facts'
import { readVerdicts } from './accumulate'
import { estimateTokens } from './tokens'
import { type AssistantTurn, type Card, type Chat, defaultSettings, emptySetup, type Setup, type Settings, type Sound, type Turn, type UserTurn } from './types'

const format = 'tallygate-chat'

/** Writes a chat with its setup and settings as a file's JSON. */
export function exportChat(chat: Chat): string {
  return JSON.stringify({ format, version: 1, ...slim(chat) }, null, 2)
}

/** How many characters of pictures and sounds a chat keeps, the newest first. */
const mostKept = 24 << 20

/** Leaves out the requests, each of which repeats the chat before it, and pictures and sounds beyond what a chat keeps. */
export function slim(chat: Chat): Chat {
  let room = mostKept
  const kept = (data: string) => ((room -= data.length) >= 0 ? data : '')
  const backwards = chat.turns.toReversed().map((t) => {
    if (t.role !== 'user' || t.images.length + (t.audio?.length ?? 0) === 0) return t
    const images = t.images.map((i) => ({ ...i, url: kept(i.url) }))
    return { ...t, images, ...(t.audio ? { audio: t.audio.map((a) => ({ ...a, data: kept(a.data) })) } : {}) }
  })
  return {
    ...chat,
    turns: backwards.reverse().map((t) => {
      if (t.role === 'error') return { ...t, request: null }
      return t.role === 'assistant' ? slimAnswer(t) : t
    }),
  }
}

function slimAnswer(t: AssistantTurn): AssistantTurn {
  const raw = t.raw ? { request: null, response: t.raw.response } : null
  const bare = (v: AssistantTurn) => ({ ...v, raw: null })
  return { ...t, raw, ...(t.earlier ? { earlier: t.earlier.map(bare) } : {}), ...(t.later ? { later: t.later.map(bare) } : {}) }
}

/** Reads an exported chat; throws with words for the person. `id` makes fresh ids. */
export function importChat(source: string, id: () => string): Chat {
  let file: unknown
  try {
    file = JSON.parse(source)
  } catch {
    throw new Error('The file is not JSON.')
  }
  if (!isObject(file) || file.format !== format) throw new Error('The file is not a chat exported from this playground.')
  if (file.version !== 1) throw new Error(`The file has version ${String(file.version)}; this playground reads version 1.`)
  return readChat({ ...file, id: id() }, id)
}

/** Reads a chat from storage or a file; whatever does not fit becomes its default. */
export function readChat(value: unknown, id: () => string): Chat {
  const o = object(value)
  return {
    id: text(o.id) || id(),
    name: text(o.name).slice(0, 100),
    setup: readSetup(o.setup),
    settings: readSettings(o.settings),
    turns: list(o.turns).flatMap((t) => readTurn(t, id)),
    changed: number(o.changed) ?? 0,
    ...(o.pinned === true ? { pinned: true } : {}),
  }
}

function readSetup(v: unknown): Setup {
  const o = object(v)
  return {
    system: typeof o.system === 'string' ? o.system : emptySetup.system,
    examples: list(o.examples).map((e) => ({ user: text(object(e).user), assistant: text(object(e).assistant) })),
    tools: text(o.tools),
    toolChoice: text(o.toolChoice) || 'auto',
    index: text(o.index),
  }
}

function readSettings(v: unknown): Settings {
  const o = object(v)
  const d = defaultSettings
  const within = (name: keyof Settings, low: number, high: number) =>
    Math.min(high, Math.max(low, number(o[name]) ?? (d[name] as number)))
  const effort = text(o.effort)
  return {
    model: text(o.model),
    maxTokens: Math.round(within('maxTokens', 1, 1_000_000)),
    temperature: within('temperature', 0, 2),
    topP: within('topP', 0, 1),
    frequencyPenalty: within('frequencyPenalty', -2, 2),
    presencePenalty: within('presencePenalty', -2, 2),
    pastMessages: Math.round(within('pastMessages', 0, 100)),
    stop: texts(o.stop).slice(0, 4),
    seed: text(o.seed),
    // Chats of earlier versions knew JSON and text only.
    format: o.format === 'schema' || o.format === 'json' ? o.format : o.json === true ? 'json' : 'text',
    schema: text(o.schema).slice(0, 200_000),
    schemaName: text(o.schemaName) || d.schemaName,
    schemaStrict: typeof o.schemaStrict === 'boolean' ? o.schemaStrict : d.schemaStrict,
    effort: effort === 'minimal' || effort === 'low' || effort === 'medium' || effort === 'high' ? effort : '',
  }
}

function readTurn(v: unknown, fresh: () => string): Turn[] {
  const o = object(v)
  const id = text(o.id) || fresh()
  switch (o.role) {
    case 'user': {
      const turn: Turn = { role: 'user', id, text: text(o.text), ...readAttachments(o) }
      return [o.refused === true ? { ...turn, refused: true } : turn]
    }
    case 'tool':
      return [{ role: 'tool', id, callId: text(o.callId), name: text(o.name), text: text(o.text) }]
    case 'assistant':
      return [{ ...readAssistant(o, id), ...readVersions(o, 'earlier', fresh), ...readVersions(o, 'later', fresh) }]
    case 'error': {
      const f = object(o.failure)
      const failure = {
        status: number(f.status) ?? 0, code: text(f.code), title: text(f.title), message: text(f.message), advice: text(f.advice),
        retryAt: 0, requestId: text(f.requestId), ended: f.ended === true, raw: f.raw,
      }
      const turn: Turn = { role: 'error', id, failure, request: null }
      return [text(o.again) ? { ...turn, again: text(o.again) } : turn]
    }
    default:
      return []
  }
}

function readAttachments(o: Record<string, unknown>): Pick<UserTurn, 'images' | 'audio' | 'files'> {
  const images = list(o.images).map(object).map((i) => {
    const size = { width: number(i.width) ?? 0, height: number(i.height) ?? 0 }
    return { name: text(i.name), url: text(i.url), ...(size.width > 0 && size.height > 0 ? size : {}) }
  })
  const audio = list(o.audio).map(object).flatMap((a): Sound[] =>
    (a.format === 'wav' || a.format === 'mp3') && /^[A-Za-z0-9+/]*=*$/.test(text(a.data))
      ? [{ name: text(a.name), format: a.format, data: text(a.data), seconds: number(a.seconds) ?? 0 }]
      : [],
  )
  const files = list(o.files).map(object).map((f) => ({ name: text(f.name), text: text(f.text), tokens: estimateTokens(text(f.text)) }))
  return {
    // An empty address is a picture that was too much to keep; one of elsewhere is never asked for.
    images: images.filter((i) => i.url === '' ? i.name !== '' : /^data:image\/(png|jpeg|gif|webp);base64,/.test(i.url)),
    ...(audio.length > 0 ? { audio } : {}),
    ...(files.length > 0 ? { files } : {}),
  }
}

function readAssistant(o: Record<string, unknown>, id: string): AssistantTurn {
  const state = o.state === 'done' || o.state === 'stopped' ? o.state : 'broken'
  return {
    role: 'assistant',
    id,
    text: text(o.text),
    reasoning: text(o.reasoning),
    calls: list(o.calls).map((c) => ({ id: text(object(c).id), name: text(object(c).name), arguments: text(object(c).arguments) })),
    // An answer that was still coming when the page closed has broken off.
    state,
    card: readCard(o.card),
    ...(number(o.left) ? { left: number(o.left) ?? 0 } : {}),
    ...(isObject(o.asked) ? { asked: { schema: o.asked.schema ?? null } } : {}),
    raw: isObject(o.raw) ? { request: null, response: o.raw.response } : null,
  }
}

function readVersions(o: Record<string, unknown>, which: 'earlier' | 'later', fresh: () => string): Pick<AssistantTurn, 'earlier' | 'later'> {
  const versions = list(o[which]).slice(0, 20).map((v) => readAssistant(object(v), text(object(v).id) || fresh()))
  return versions.length > 0 ? { [which]: versions } : {}
}

function readCard(v: unknown): Card | null {
  if (!isObject(v)) return null
  const facts = object(v.facts)
  const verdicts = (x: unknown) => list(x).flatMap((r) => readVerdicts({ [text(object(r).category)]: r }))
  return {
    model: text(v.model),
    finish: text(v.finish),
    promptTokens: number(v.promptTokens),
    completionTokens: number(v.completionTokens),
    totalTokens: number(v.totalTokens),
    reasoningTokens: number(v.reasoningTokens),
    firstMs: number(v.firstMs),
    totalMs: number(v.totalMs) ?? 0,
    facts: {
      ...emptyFacts,
      requestId: text(facts.requestId),
      deployment: text(facts.deployment),
      region: text(facts.region),
      cappedTo: number(facts.cappedTo),
    },
    promptFilter: verdicts(v.promptFilter),
    answerFilter: verdicts(v.answerFilter),
  }
}
