/** What the gateway tells about the visitor, the event and the models. */

import type { Kind } from './wire'

/** What a model does; nothing here talks to those that are of realtime or video. */
export type { Kind }

export interface Model {
  name: string
  /** The underlying model; its own name where the gateway tells no other. */
  base: string
  kind: Kind
  capabilities: string[]
  /** Tokens; 0 when the gateway did not say. */
  context: number
  maxOutput: number
  regions: string[]
}

export interface EventInfo {
  id: string
  name: string
  url: string
  urlText: string
  image: string
  start: Date | null
  end: Date | null
  zone: string
  organizerName: string
  organizerEmail: string
  /** What the organiser suggests to ask. */
  prompts: Prompt[]
  /** What a new chat's system message is; empty for the playground's own. */
  systemMessage: string
}

/** A text to begin with, and what it is called. */
export interface Prompt {
  title: string
  text: string
}

export interface Limit {
  name: string
  quantity: string
  amount: number
  left: number
  period: string
  resets: Date | null
  unit: string
}

export interface Session {
  caller: string
  attendee: string
  /** What the attendee is called; empty when nobody knows. */
  name: string
  event: EventInfo | null
  /** The event's cap on an answer's tokens; null when there is none. */
  maxTokens: number | null
  /** What requests may reach beyond their prompts: `tools`, `images`, `files`, `data_sources`; null when nobody said. */
  allow: string[] | null
  models: Model[]
  limits: Limit[]
  /** Names of the search indexes that chats may be grounded on. */
  indexes: string[]
  server: { name: string; version: string; endpoint: string }
  /** How far this machine's clock is behind the gateway's, in milliseconds. */
  clockLag: number
}

/** A call that failed, in words for the person who made it. */
export interface Failure {
  status: number
  code: string
  /** What is wrong. */
  title: string
  /** What the gateway or the model said. */
  message: string
  /** What to do about it. */
  advice: string
  /** When trying again makes sense, in milliseconds since 1970; 0 when unknown. */
  retryAt: number
  requestId: string
  /** Set when the event is over, so that the page can close. */
  ended: boolean
  raw?: unknown
}

/** One category of a content filter's verdict. */
export interface Verdict {
  category: string
  filtered: boolean
  severity: string
}

/** What the response headers tell about one call. */
export interface Facts {
  requestId: string
  deployment: string
  region: string
  cappedTo: number | null
  remainingRequests: number | null
  remainingTokens: number | null
  budgetRemaining: string
}
