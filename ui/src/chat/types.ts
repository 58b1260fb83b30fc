import type { Facts, Failure, Verdict } from '../api/types'

/** A picture that goes with a message. */
export interface Image {
  name: string
  /** A data: URL; empty when the browser did not keep it. */
  url: string
  width?: number
  height?: number
  /** Its size before it was scaled down, in words. */
  was?: string
}

/** A sound that goes with a message. */
export interface Sound {
  name: string
  format: 'wav' | 'mp3'
  /** Base64; empty when the browser did not keep it. */
  data: string
  seconds: number
}

/** A text file that goes into the prompt. */
export interface TextFile {
  name: string
  text: string
  /** Estimated. */
  tokens: number
}

/** What goes with a message. */
export interface Attachments {
  images: Image[]
  audio: Sound[]
  files: TextFile[]
}

export interface ToolCall {
  id: string
  name: string
  /** JSON as the model wrote it; may be broken. */
  arguments: string
}

/** The card under an answer. */
export interface Card {
  model: string
  finish: string
  promptTokens: number | null
  completionTokens: number | null
  totalTokens: number | null
  reasoningTokens: number | null
  /** Milliseconds to the first piece of the answer; null when none came. */
  firstMs: number | null
  totalMs: number
  facts: Facts
  promptFilter: Verdict[]
  answerFilter: Verdict[]
}

export interface UserTurn {
  role: 'user'
  id: string
  text: string
  images: Image[]
  audio?: Sound[]
  files?: TextFile[]
  /** Its call failed before anything came: it stays in sight, and is sent only when it is sent again. */
  refused?: boolean
}

export interface AssistantTurn {
  role: 'assistant'
  id: string
  text: string
  reasoning: string
  calls: ToolCall[]
  state: 'streaming' | 'done' | 'stopped' | 'broken'
  card: Card | null
  /** How many calls of tools were more than an answer may have here. */
  left?: number
  /** The form that the answer was asked to have, if any; a schema that is null is any JSON. */
  asked?: { schema: unknown }
  /** Request and answer, for the raw view. */
  raw: { request: unknown; response: unknown } | null
  /** Other answers to the same question that came before and after this one; they have none themselves. */
  earlier?: AssistantTurn[]
  later?: AssistantTurn[]
}

/** What a tool gave back, as typed by the person. */
export interface ToolTurn {
  role: 'tool'
  id: string
  callId: string
  name: string
  text: string
}

/** A failed call. It stands in the chat and is never sent. */
export interface ErrorTurn {
  role: 'error'
  id: string
  failure: Failure
  request: unknown
  /** The answer that was to be made anew, and is kept since it was not; trying again begins there. */
  again?: string
}

export type Turn = UserTurn | AssistantTurn | ToolTurn | ErrorTurn

export interface Example {
  user: string
  assistant: string
}

/** The left pane. */
export interface Setup {
  system: string
  examples: Example[]
  /** The JSON of the tools editor, as typed. */
  tools: string
  toolChoice: string
  /** The search index that answers are grounded on; empty for none. */
  index: string
}

/** The right pane. */
export interface Settings {
  model: string
  maxTokens: number
  temperature: number
  topP: number
  frequencyPenalty: number
  presencePenalty: number
  pastMessages: number
  stop: string[]
  seed: string
  /** What an answer is written in. */
  format: 'text' | 'json' | 'schema'
  /** The JSON of the answer's schema, as typed. */
  schema: string
  schemaName: string
  schemaStrict: boolean
  effort: '' | 'minimal' | 'low' | 'medium' | 'high'
}

export interface Chat {
  id: string
  name: string
  setup: Setup
  settings: Settings
  turns: Turn[]
  /** Milliseconds since 1970. */
  changed: number
  /** It stands above the others in the list. */
  pinned?: boolean
}

export const defaultSystem = 'You are an AI assistant that helps people find information.'

export const emptySetup: Setup = { system: defaultSystem, examples: [], tools: '', toolChoice: 'auto', index: '' }

export const defaultSettings: Settings = {
  model: '',
  maxTokens: 800,
  temperature: 0.7,
  topP: 0.95,
  frequencyPenalty: 0,
  presencePenalty: 0,
  pastMessages: 10,
  stop: [],
  seed: '',
  format: 'text',
  schema: '',
  schemaName: 'answer',
  schemaStrict: true,
  effort: '',
}
