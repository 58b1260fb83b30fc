import { type Dispatch, useEffect, useReducer, useRef, useState } from 'react'
import type { Session } from '../api/types'
import { type Action, newChat, reduce, type State } from '../chat/reducer'
import { type Chat, emptySetup, type Setup } from '../chat/types'
import { newId } from '../parts/hooks'
import { type ChatStore, openChats } from '../store/chats'
import { LiveAnswers } from '../parts/live'

export interface Chats {
  state: State
  chat: Chat
  dispatch: Dispatch<Action>
  live: LiveAnswers
  /** The calls that are under way, by chat. */
  running: Map<string, AbortController>
}

const saveAfterMs = 400

/** The chats of one person, loaded from this browser and, unless they are only read, saved as they change. */
export function useChats(owner: string, session: Session, reading = false): Chats {
  const [state, dispatch] = useReducer(reduce, null, () => start(session))
  const [live] = useState(() => new LiveAnswers())
  const [running] = useState(() => new Map<string, AbortController>())
  const store = useRef<ChatStore | null>(null)
  const saved = useRef(new Map<string, Chat>())

  useEffect(() => {
    let gone = false
    openChats(owner, newId).then(async (s) => {
      const kept = await s.load().catch(() => [])
      const chats = reading ? kept.filter((c) => c.turns.length > 0) : kept.map((c) => withModel(c, session))
      if (gone) return
      if (!reading) store.current = s
      saved.current = new Map(chats.map((c) => [c.id, c]))
      dispatch({ do: 'load', chats })
    })
    return () => {
      gone = true
    }
    // The first session says which models there are; later ones only what is left.
  }, [owner, reading])

  useEffect(() => {
    const timer = setTimeout(() => save(store.current, saved.current, state), saveAfterMs)
    return () => clearTimeout(timer)
  }, [state.chats])

  useEffect(() => () => running.forEach((c) => c.abort()), [running])

  const chat = state.chats.find((c) => c.id === state.open) ?? (state.chats[0] as Chat)
  return { state, chat, dispatch, live, running }
}

function start(session: Session): State {
  const begins = beginning(session)
  const chat = withModel(newChat(newId(), Date.now(), begins), session)
  return { chats: [chat], open: chat.id, begins }
}

/** What a new chat is set up with: the organiser's system message, where there is one. */
function beginning(session: Session): Setup {
  const organisers = session.event?.systemMessage ?? ''
  return organisers === '' ? emptySetup : { ...emptySetup, system: organisers }
}

/** Sees to it that a chat names a model that is there. */
export function withModel(chat: Chat, session: Session): Chat {
  const models = session.models.filter((m) => m.kind === 'chat')
  if (models.some((m) => m.name === chat.settings.model)) return chat
  const cap = session.maxTokens ?? chat.settings.maxTokens
  return { ...chat, settings: { ...chat.settings, model: models[0]?.name ?? '', maxTokens: Math.min(chat.settings.maxTokens, cap) } }
}

function save(store: ChatStore | null, saved: Map<string, Chat>, { chats, begins }: State): void {
  if (!store) return
  const now = new Map(chats.map((c) => [c.id, c]))
  // A store that refuses (full, switched off) costs nothing but the keeping.
  for (const [id, chat] of now) {
    if (saved.get(id) === chat) continue
    if (chat.turns.length > 0 || saved.has(id) || chat.name !== '' || chat.setup !== begins) store.save(chat).catch(() => undefined)
    saved.set(id, chat)
  }
  for (const id of saved.keys()) {
    if (now.has(id)) continue
    store.remove(id).catch(() => undefined)
    saved.delete(id)
  }
}
