/** What the gateway answers, as it comes: written by scripts/api-types from internal/api. */

export interface Prompt {
  title: string
  text: string
}

export interface SessionEvent {
  id: string
  name: string
  url: string
  url_text: string
  image: string
  start: string
  end: string
  zone: string
  organizer_name: string
  organizer_email: string
  prompts: Prompt[]
  system_message: string
}

export type Kind = 'chat' | 'completion' | 'embedding' | 'image' | 'speech' | 'transcription' | 'realtime' | 'video'

export interface Model {
  name: string
  kind: Kind
  base?: string
  capabilities: string[]
  context: number
  max_output: number
  regions: string[]
}

export interface Left {
  name: string
  quantity: string
  amount: number
  left: number
  period: string
  resets?: string
  unit: string
}

export interface Server {
  name: string
  version: string
  endpoint: string
}

export interface Session {
  caller: string
  attendee: string
  name: string
  event: SessionEvent | null
  max_tokens: number | null
  allow: string[]
  models: Model[]
  limits: Left[]
  server: Server
}

export interface Portal {
  organisation: string
  help: string
}

export interface Arrival {
  code: string
  name: string
  remember: boolean
}

export interface Admission {
  key: string
}

export interface Ticket {
  url: string
  qr: string
  expires: string
  seconds: number
}

export interface Redemption {
  ticket: string
}

export interface Gathering {
  id: string
  name: string
  organiser: string
  state: string
  start: string
  end: string
  when: string
  url: string
  signed_up: number
  seated: number
  waiting: number
  revoked: number
  seats: number
  now: string
}

export interface Room {
  name: string
  left: number
  amount: number
  unit: string
}

export interface ModelUse {
  name: string
  requests: number
  tokens: number
}

export interface LiveView {
  event: Gathering
  active: number
  typed: number
  requests: number[]
  tokens: number[]
  errors: number
  refused: number
  room: Room[]
  models: ModelUse[]
}

export interface Cards {
  event: Gathering
  code: string
  qr: string
}

export interface ReportLine {
  id: string
  name: string
  via: string
  came: string
  signed_up?: string
  requests: number
  prompt_tokens: number
  completion_tokens: number
  tokens: number
  cost_micros: number
  cost: string
  first?: string
  last?: string
}

export interface ReportView {
  event: Gathering
  total: ReportLine
  active: number
  typed: number
  errors: number
  refused: number
  currency: string
  models: ModelUse[]
  people: ReportLine[]
}

export interface Error {
  code: string
  message: string
  problems?: string[]
}

export interface Failure {
  error: Error
}
