import { type Dispatch, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Session } from '../api/types'
import { slim } from '../chat/exchange'
import type { Action, State } from '../chat/reducer'
import type { Chat } from '../chat/types'
import { newId } from '../parts/hooks'
import type { LiveAnswers } from '../parts/live'
import { type ChatStore, type Kept, openChats } from '../store/chats'
import { Keeper, type News } from '../store/keeper'
import { loadOfTab, saveOfTab } from '../store/keys'
import { forgetLastWords, latest, loadLastWords } from '../store/lastwords'
import { listenToTabs, type Tabs } from '../store/tabs'
import { withModel } from './useChats'

export interface Drafts {
  get(id: string): string
  set(id: string, text: string): void
}

interface Props {
  owner: string
  session: Session
  reading: boolean
  state: State
  dispatch: Dispatch<Action>
  live: LiveAnswers
  running: Map<string, AbortController>
}

/** Setup and settings change with each key that is pressed. */
const saveAfterMs = 400
/** How often a growing answer is kept. */
const growingMs = 500

/** Keeps the chats: what is sent and what is answered at once, the rest soon; and hears of other tabs. */
export function useKeeping(props: Props): { drafts: Drafts; trouble: string; calm: () => void } {
  const { owner, session, reading, state, dispatch, running } = props
  const now = useRef(props)
  now.current = props
  const [trouble, setTrouble] = useState('')
  const told = useRef(false)
  const [words] = useState(() => new Map<string, string>())
  const keeper = useRef<Keeper | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const save = () => keeper.current?.save((c) => worth(c, now.current.state))
  const soon = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(save, saveAfterMs)
  }
  const [drafts] = useState<Drafts>(() => ({
    get: (id) => words.get(id) ?? '',
    set: (id, text) => {
      if ((words.get(id) ?? '') === text) return
      words.set(id, text)
      soon()
    },
  }))

  useEffect(() => {
    let gone = false
    let tabs: Tabs | null = null
    const failed = (e: unknown) => {
      if (!told.current && !gone) setTrouble(troubleOf(e))
      told.current = true
    }
    const opened: Promise<ChatStore | null> = openChats(owner, newId).catch((e) => {
      if (!reading) failed(e)
      return null
    })
    opened.then(async (store) => {
      const stored = await (store?.load() ?? Promise.resolve([])).catch((): Kept[] => [])
      const last = loadLastWords(owner, newId)
      if (gone) return
      const kept = latest(stored, last).filter((k) => !reading || k.chat.turns.length > 0)
      const chats = kept.map((k) => ({ ...k, chat: reading ? k.chat : withModel(k.chat, session) }))
      for (const k of kept) if (k.draft !== '' && !words.has(k.chat.id)) words.set(k.chat.id, k.draft)
      if (!reading) {
        tabs = listenToTabs(owner, (n) => hear(n))
        keeper.current = new Keeper(store, { owner, whole: (c) => whole(c, now.current.live), draft: drafts.get, tell: (n) => tabs?.tell(n), trouble: failed })
        keeper.current.had(chats)
        const rescued = kept.filter((k) => last.includes(k))
        Promise.all(rescued.map((k) => store?.save(k))).then(() => store && forgetLastWords(owner, last.map((k) => k.chat.id)), failed)
      }
      dispatch({ do: 'load', chats: chats.map((k) => k.chat), open: loadOfTab('open'), drafted: (id) => drafts.get(id) !== '' })
    })
    const hear = (n: News) => {
      const id = 'removed' in n ? n.removed : n.kept.chat.id
      if ('removed' in n) {
        running.get(id)?.abort()
        keeper.current?.forget(id)
        dispatch({ do: 'delete', id, fresh: newId(), now: Date.now() })
      } else if (!running.has(id) && keeper.current?.heard(id, n.kept.at)) {
        keeper.current.had([{ ...n.kept, draft: drafts.get(id) }])
        dispatch({ do: 'merge', chat: n.kept.chat })
      }
    }
    return () => {
      gone = true
      tabs?.close()
      keeper.current?.leave((c) => worth(c, now.current.state))
      keeper.current = null
    }
    // The first session says which models there are; later ones only what is left.
  }, [owner, reading])

  useLayoutEffect(() => {
    keeper.current?.now(state.chats)
    if (keeper.current?.urgent()) save()
    else soon()
  }, [state.chats])

  useEffect(() => saveOfTab('open', state.open), [state.open])

  useEffect(() => {
    let growing: ReturnType<typeof setTimeout>
    const grow = () => {
      const begun = performance.now()
      if (running.size > 0) save()
      // A chat of many pictures takes long to write: that is done the less often.
      growing = setTimeout(grow, Math.max(growingMs, 20 * (performance.now() - begun)))
    }
    grow()
    const leave = () => keeper.current?.leave((c) => worth(c, now.current.state))
    const hidden = () => document.visibilityState === 'hidden' && leave()
    addEventListener('pagehide', leave)
    document.addEventListener('visibilitychange', hidden)
    return () => {
      clearTimeout(growing)
      removeEventListener('pagehide', leave)
      document.removeEventListener('visibilitychange', hidden)
    }
  }, [])
  return { drafts, trouble, calm: () => setTrouble('') }
}

/** What is like any new chat need not be kept. */
const worth = (c: Chat, { begins }: State) => c.turns.length > 0 || c.name !== '' || c.setup !== begins

/** The chat with what has come of its answers. */
function whole(chat: Chat, live: LiveAnswers): Chat {
  const turns = chat.turns.map((t) => {
    const come = t.role === 'assistant' && t.state === 'streaming' ? live.get(t.id) : undefined
    return come ? { ...t, text: come.text, reasoning: come.reasoning, calls: come.calls } : t
  })
  return slim({ ...chat, turns })
}

function troubleOf(e: unknown): string {
  const full = e instanceof DOMException && e.name === 'QuotaExceededError'
  return `This browser ${full ? 'has no room left for your chats' : 'does not let this page keep your chats'}: new messages may be gone when you close it. Export what you want to have later.`
}
