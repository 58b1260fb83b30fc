import { showVersion } from './versions'
import { type Chat, defaultSettings, emptySetup, type Setup, type Settings, type Turn } from './types'

/** All the chats of one visitor; there is always at least one, and one is open. */
export interface State {
  chats: Chat[]
  open: string
  /** What a new chat is set up with. */
  begins: Setup
}

export type Action =
  | { do: 'load'; chats: Chat[]; open?: string; drafted?: (id: string) => boolean }
  | { do: 'merge'; chat: Chat }
  | { do: 'new'; id: string; now: number }
  | { do: 'add'; chat: Chat; open?: boolean }
  | { do: 'open'; id: string }
  | { do: 'rename'; id: string; name: string }
  | { do: 'delete'; id: string; fresh: string; now: number }
  | { do: 'clear'; id: string; now: number }
  | { do: 'setup'; id: string; setup: Partial<Setup> }
  | { do: 'settings'; id: string; settings: Partial<Settings> }
  | { do: 'append'; id: string; turns: Turn[]; now: number }
  | { do: 'put'; id: string; turn: Turn; now: number }
  | { do: 'version'; id: string; turn: string; at: number }
  | { do: 'pin'; id: string; pinned: boolean }
  | { do: 'mark'; id: string; turn: string; refused: boolean }
  | { do: 'cut'; id: string; turn: string }
  | { do: 'drop'; id: string; turn: string }

export function newChat(id: string, now: number, begins: Setup = emptySetup, like?: Chat): Chat {
  return {
    id,
    name: '',
    setup: begins,
    settings: like ? like.settings : defaultSettings,
    turns: [],
    changed: now,
  }
}

export function reduce(state: State, a: Action): State {
  switch (a.do) {
    case 'load':
      return load(state, a)
    case 'merge': {
      const there = state.chats.some((c) => c.id === a.chat.id)
      return { ...state, chats: there ? state.chats.map((c) => (c.id === a.chat.id ? a.chat : c)) : [...state.chats, a.chat] }
    }
    case 'new': {
      const like = state.chats.find((c) => c.id === state.open)
      return { ...state, chats: [newChat(a.id, a.now, state.begins, like), ...state.chats], open: a.id }
    }
    case 'add':
      return { ...state, chats: [a.chat, ...state.chats], open: a.open === false ? state.open : a.chat.id }
    case 'open':
      return state.chats.some((c) => c.id === a.id) ? { ...state, open: a.id } : state
    case 'delete':
      return remove(state, a.id, a.fresh, a.now)
    default:
      return { ...state, chats: state.chats.map((c) => (c.id === a.id ? change(c, a) : c)) }
  }
}

/** Puts the kept chats beside what was begun before they had been read. */
function load(state: State, { chats: kept, open, drafted }: Extract<Action, { do: 'load' }>): State {
  const begun = state.chats.filter((c) => c.turns.length > 0 || drafted?.(c.id))
  const chats = [...begun, ...kept.filter((k) => !begun.some((b) => b.id === k.id))]
  const first = chats[0]
  if (!first) return state
  return { ...state, chats, open: begun.length === 0 && chats.some((c) => c.id === open) ? (open as string) : first.id }
}

function remove(state: State, id: string, fresh: string, now: number): State {
  const chats = state.chats.filter((c) => c.id !== id)
  if (chats.length === 0) return { ...state, chats: [newChat(fresh, now, state.begins, state.chats[0])], open: fresh }
  return { ...state, chats, open: state.open === id ? (chats[0] as Chat).id : state.open }
}

type Change = Exclude<Action, { do: 'load' | 'merge' | 'new' | 'add' | 'open' | 'delete' }>

function change(c: Chat, a: Change): Chat {
  switch (a.do) {
    case 'rename':
      return { ...c, name: a.name.trim().slice(0, 100) }
    case 'clear':
      return { ...c, turns: [], changed: a.now }
    case 'setup':
      return { ...c, setup: { ...c.setup, ...a.setup } }
    case 'settings':
      return { ...c, settings: { ...c.settings, ...a.settings } }
    case 'append':
      return { ...c, turns: c.turns.concat(a.turns), changed: a.now }
    case 'put':
      return { ...c, turns: c.turns.map((t) => (t.id === a.turn.id ? a.turn : t)), changed: a.now }
    case 'version':
      return { ...c, turns: c.turns.map((t) => (t.id === a.turn && t.role === 'assistant' ? showVersion(t, a.at) : t)) }
    case 'pin':
      return { ...c, pinned: a.pinned }
    case 'mark':
      return { ...c, turns: c.turns.map((t) => (t.id === a.turn && t.role === 'user' && (t.refused ?? false) !== a.refused ? { ...t, refused: a.refused } : t)) }
    case 'cut': {
      const at = c.turns.findIndex((t) => t.id === a.turn)
      return at < 0 ? c : { ...c, turns: c.turns.slice(0, at) }
    }
    case 'drop':
      return { ...c, turns: dropTurn(c.turns, a.turn) }
  }
}

/** Removes a turn; with an answer go the results of the tools it called. */
function dropTurn(turns: Turn[], id: string): Turn[] {
  const gone = turns.find((t) => t.id === id)
  const calls = new Set(gone?.role === 'assistant' ? gone.calls.map((c) => c.id) : [])
  return turns.filter((t) => t.id !== id && !(t.role === 'tool' && calls.has(t.callId)))
}

/** The name shown for a chat: its own, or how it begins. */
export function chatName(c: Chat): string {
  if (c.name !== '') return c.name
  const first = c.turns.find((t) => t.role === 'user')
  const words = first?.role === 'user' ? first.text.trim().replace(/\s+/g, ' ') : ''
  if (words === '') return 'New chat'
  return words.length > 40 ? `${words.slice(0, 39)}…` : words
}

/** The calls of the last answer that wait for a result. */
export function openCalls(turns: Turn[]): { turn: string; callIds: string[] } | null {
  const last = turns.findLast((t) => t.role === 'assistant' || t.role === 'user')
  if (last?.role !== 'assistant' || last.state === 'streaming' || last.calls.length === 0) return null
  const done = new Set(turns.filter((t) => t.role === 'tool').map((t) => t.callId))
  const callIds = last.calls.map((c) => c.id).filter((id) => !done.has(id))
  return callIds.length > 0 ? { turn: last.id, callIds } : null
}

/** The last error that the next call would try again, if the chat ends with one. */
export function retryable(turns: Turn[]): string | null {
  const last = turns.at(-1)
  return last?.role === 'error' ? last.id : null
}
