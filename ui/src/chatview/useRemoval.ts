import { type Dispatch, useCallback, useState } from 'react'
import type { Action, State } from '../chat/reducer'
import type { Chat } from '../chat/types'
import { newId } from '../parts/hooks'

export interface Removal {
  /** What was deleted last and can be brought back. */
  removed: Chat[]
  remove(ids: string[]): void
  restore(): void
  forget(): void
}

/** Deletes chats so that they can be brought back. */
export function useRemoval(state: State, dispatch: Dispatch<Action>): Removal {
  const [removed, setRemoved] = useState<Chat[]>([])
  const remove = (ids: string[]) => {
    setRemoved(state.chats.filter((c) => ids.includes(c.id) && (c.turns.length > 0 || c.name !== '')))
    for (const id of ids) dispatch({ do: 'delete', id, fresh: newId(), now: Date.now() })
  }
  const restore = () => {
    for (const chat of removed) dispatch({ do: 'merge', chat })
    if (removed[0]) dispatch({ do: 'open', id: removed[0].id })
    setRemoved([])
  }
  const forget = useCallback(() => setRemoved((r) => (r.length > 0 ? [] : r)), [])
  return { removed, remove, restore, forget }
}
