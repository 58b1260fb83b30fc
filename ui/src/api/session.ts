import { date, list, number, object, text, texts } from './json'
import type { EventInfo, Kind, Limit, Model, Prompt, Session } from './types'
import type * as wire from './wire'

const kinds: Kind[] = ['chat', 'completion', 'embedding', 'image', 'speech', 'transcription', 'realtime', 'video']

/** Reads the gateway's `GET /api/v1/session`; missing fields become empty ones. */
export function readSession(body: unknown, origin: string, clockLag = 0): Session {
  const o = object<wire.Session & { indexes: string[] }>(body) // no gateway tells indexes yet
  const server = object<wire.Server>(o.server)
  return {
    caller: text(o.caller),
    attendee: text(o.attendee),
    name: text(o.name),
    event: readEvent(o.event),
    maxTokens: number(o.max_tokens),
    allow: Array.isArray(o.allow) ? texts(o.allow) : null,
    models: list(o.models).map(readModel).filter((m) => m.name !== ''),
    limits: list(o.limits).map(readLimit),
    indexes: texts(o.indexes),
    server: {
      name: text(server.name) || 'Tallygate',
      version: text(server.version),
      endpoint: (text(server.endpoint) || origin).replace(/\/+$/, ''),
    },
    clockLag,
  }
}

/** Makes a session from a plain list of models, for a gateway without the session route. */
export function sessionOfModels(body: unknown, origin: string): Session {
  const models = list(object(body).data).map((m) => ({ name: text(object(m).id) }))
  return readSession({ models }, origin)
}

function readEvent(v: unknown): EventInfo | null {
  if (v === null || v === undefined) return null
  const o = object<wire.SessionEvent>(v)
  return {
    id: text(o.id),
    name: text(o.name),
    url: webAddress(text(o.url)),
    urlText: text(o.url_text),
    image: webAddress(text(o.image)) || dataImage(text(o.image)),
    start: date(o.start),
    end: date(o.end),
    zone: text(o.zone),
    organizerName: text(o.organizer_name),
    organizerEmail: text(o.organizer_email),
    prompts: list(o.prompts).map(readPrompt).filter((p) => p.text.trim() !== ''),
    systemMessage: text(o.system_message),
  }
}

function readPrompt(v: unknown): Prompt {
  const o = object<wire.Prompt>(v)
  const said = text(o.text)
  return { title: text(o.title).trim() || said.trim().slice(0, 60), text: said }
}

/** Keeps http(s) addresses and paths of this origin only: an organiser's text never becomes a script. */
function webAddress(address: string): string {
  return /^https?:\/\//i.test(address) || /^\/[^/\\]/.test(address) ? address : ''
}

function dataImage(address: string): string {
  return /^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i.test(address) ? address : ''
}

function readModel(v: unknown): Model {
  const o = object<wire.Model>(v)
  const name = text(o.name)
  const base = text(o.base) || name
  const kind = kinds.find((k) => k === o.kind) ?? guessKind(base)
  const told = texts(o.capabilities)
  return {
    name,
    base,
    kind,
    // An empty list means that nobody knows, so the name has to tell.
    capabilities: told.length > 0 ? told : guessCapabilities(base, kind),
    context: number(o.context) ?? 0,
    maxOutput: number(o.max_output) ?? 0,
    regions: texts(o.regions),
  }
}

function readLimit(v: unknown): Limit {
  const o = object<wire.Left>(v)
  const amount = number(o.amount) ?? 0
  return {
    name: text(o.name),
    quantity: text(o.quantity),
    amount,
    left: Math.max(0, number(o.left) ?? amount),
    period: text(o.period),
    resets: date(o.resets),
    unit: text(o.unit),
  }
}

/** Guesses what a model does from a name such as Azure gives it, for a gateway that does not say it. */
export function guessKind(name: string): Kind {
  const n = name.toLowerCase()
  if (n.includes('realtime')) return 'realtime'
  if (n.includes('embed') || n.includes('ada-002')) return 'embedding'
  if (/dall-?e|gpt-image|(^|-)flux/.test(n)) return 'image'
  if (/whisper|transcri/.test(n)) return 'transcription'
  if (/(^|[-_])tts([-_\d]|$)/.test(n)) return 'speech'
  if (/(^|[-_])sora/.test(n)) return 'video'
  if (/turbo-instruct|davinci|babbage-002/.test(n)) return 'completion'
  return 'chat'
}

export function guessCapabilities(name: string, kind: Kind): string[] {
  if (kind !== 'chat') return []
  const n = name.toLowerCase()
  const able = ['stream', 'tools', 'json']
  if (/^o\d|gpt-5(?!.*chat)/.test(n)) able.push('reasoning')
  if (/audio/.test(n)) able.push('audio')
  if (/4o|4\.1|4\.5|gpt-5|^o[134]|vision/.test(n)) able.push('vision')
  return able
}

/**
 * Tells how far the machine's clock is behind the gateway's. A Date header has whole
 * seconds and was under way for a while, so less than five seconds is no lag.
 */
export function clockLag(dateHeader: string | null, now: number): number {
  const there = Date.parse(dateHeader ?? '')
  const lag = there - now
  return Number.isNaN(there) || Math.abs(lag) < 5000 ? 0 : lag
}

/** Says what a limit limits: `requests a day`, or in its own name's words where its period slides. */
export function limitName(l: Limit): string {
  if (['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'].includes(l.period)) return `${l.quantity} ${l.period === 'hour' ? 'an' : 'a'} ${l.period}`
  if (l.period === 'event') return `${l.quantity} in the event`
  if (l.period === 'sliding') return l.name.split(': ').at(-1) || l.quantity
  return `${l.quantity} in all`
}

/** The longest that a browser's timer can wait. */
const longest = 2 ** 31 - 1

/**
 * Tells in how many milliseconds what is left will be another, though nobody calls: a
 * period ends, or what slides out of one comes back. Null when nothing is missing.
 */
export function nextLook(s: Session, now: number): number | null {
  const waits = s.limits
    .filter((l) => l.left < l.amount)
    .flatMap((l) => {
      if (l.period === 'sliding') return [10_000]
      const wait = l.resets ? l.resets.getTime() - s.clockLag - now : Infinity
      return wait === Infinity ? [] : [wait > 0 ? wait + 1000 : 10_000]
    })
  return waits.length > 0 ? Math.min(longest, ...waits) : null
}
