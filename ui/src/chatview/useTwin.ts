import { useState } from 'react'
import type { Session } from '../api/types'
import type { Chat } from '../chat/types'
import { newId } from '../parts/hooks'
import type { Chats } from './useChats'

/** A chat with the same beginning that another model goes on with. */
export interface Twin {
  chat: Chat | undefined
  begin(): void
  /** Ends the comparison and goes on with one of the two; the other is deleted, and can be brought back. */
  keep(which: 'first' | 'second'): void
  /** Ends it; both stay among the chats. */
  end(): void
}

/** Sets the open chat beside a copy of its own, for another model. */
export function useTwin(chats: Chats, session: Session): Twin {
  const { chat, dispatch, state } = chats
  const [pair, setPair] = useState<{ first: string; second: string } | null>(null)
  const second = pair?.first === chat.id ? state.chats.find((c) => c.id === pair.second) : undefined
  const begin = () => {
    const other = session.models.find((m) => m.kind === 'chat' && m.name !== chat.settings.model)
    const copy: Chat = { ...chat, id: newId(), settings: { ...chat.settings, model: other?.name ?? chat.settings.model }, changed: chat.changed - 1, pinned: false }
    dispatch({ do: 'add', chat: copy, open: false })
    setPair({ first: chat.id, second: copy.id })
  }
  const end = () => {
    // A copy that nothing was asked of is of no use.
    if (second && second.turns.length === chat.turns.length && second.turns.every((t, i) => t.id === chat.turns[i]?.id)) chats.remove([second.id])
    chats.forget()
    setPair(null)
  }
  const keep = (which: 'first' | 'second') => {
    if (!pair || !second) return
    if (which === 'second') dispatch({ do: 'open', id: second.id })
    chats.remove([which === 'first' ? second.id : chat.id])
    setPair(null)
  }
  return { chat: second, begin, keep, end }
}
