import { type Dispatch, useEffect, useReducer, useState } from 'react'
import type { Session } from '../api/types'
import { type Action, newChat, reduce, type State } from '../chat/reducer'
import { type Chat, emptySetup, type Setup } from '../chat/types'
import { newId } from '../parts/hooks'
import { LiveAnswers } from '../parts/live'
import { type Drafts, useKeeping } from './useKeeping'
import { type Removal, useRemoval } from './useRemoval'

export interface Chats extends Removal {
  state: State
  chat: Chat
  dispatch: Dispatch<Action>
  live: LiveAnswers
  /** The calls that are under way, by chat. */
  running: Map<string, AbortController>
  /** What stands in the message box of each chat. */
  drafts: Drafts
  /** Why nothing is kept; empty when it is, or once it was read. */
  trouble: string
  calm(): void
}

/** The chats of one person, loaded from this browser and, unless they are only read, kept as they change. */
export function useChats(owner: string, session: Session, reading = false): Chats {
  const [state, dispatch] = useReducer(reduce, null, () => start(session))
  const [live] = useState(() => new LiveAnswers())
  const [running] = useState(() => new Map<string, AbortController>())
  const keeping = useKeeping({ owner, session, reading, state, dispatch, live, running })
  useEffect(() => () => running.forEach((c) => c.abort()), [running])
  const chat = state.chats.find((c) => c.id === state.open) ?? (state.chats[0] as Chat)
  return { state, chat, dispatch, live, running, ...keeping, ...useRemoval(state, dispatch) }
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
