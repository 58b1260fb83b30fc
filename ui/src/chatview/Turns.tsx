import { Button } from '@fluentui/react-components'
import { ArrowDownRegular } from '@fluentui/react-icons'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ErrorTurn, ToolTurn, Turn } from '../chat/types'
import { useDesk } from '../parts/desk'
import { Failed } from '../parts/Failed'
import { AssistantBubble } from './AssistantBubble'
import { Empty } from './Empty'
import { RawView } from './RawView'
import css from './chat.module.css'
import { ToolBubble } from './ToolBubble'
import { ToolResults } from './ToolResults'
import type { Call } from './useCall'
import type { Chats } from './useChats'
import { UserBubble } from './UserBubble'

interface Props {
  chats: Chats
  call: Call
  raw: boolean
  ended: boolean
  waiting: { turn: string; callIds: string[] } | null
  /** Puts a prompt into the box; without it none are offered. */
  onPrompt?: (text: string) => void
}

/** The messages of a chat; it follows its end while the person has not scrolled away from it. */
export function Turns({ chats, call, raw, ended, waiting, onPrompt }: Props) {
  const { chat } = chats
  const { box, follows, follow, moved, toEnd } = useFollow(`${chat.turns.length} ${chat.turns.at(-1)?.id}`)
  const still = ended || call.busy
  return (
    <div className={css.scrollArea}>
      <div ref={box} className={css.turns} role="log" aria-label="Messages" aria-live="off" tabIndex={0} onScroll={moved}>
        {chat.turns.length === 0 ? <Empty model={chat.settings.model} onPrompt={onPrompt} /> : null}
        {chat.turns.map((turn) => (
          <OneTurn key={turn.id} turn={turn} chats={chats} call={call} raw={raw} still={still} waiting={waiting} onGrow={follow} />
        ))}
      </div>
      {follows ? null : <Button className={css.toEnd} shape="circular" icon={<ArrowDownRegular />} aria-label="To the latest message" onClick={toEnd} />}
    </div>
  )
}

interface OneProps extends Omit<Props, 'ended' | 'onPrompt'> {
  turn: Turn
  /** Nothing can be sent just now. */
  still: boolean
  onGrow: () => void
}

function OneTurn({ turn, chats, call, raw, still, waiting, onGrow }: OneProps) {
  const { chat, dispatch, live } = chats
  const { reading } = useDesk()
  const drop = () => dispatch({ do: 'drop', id: chat.id, turn: turn.id })
  switch (turn.role) {
    case 'user':
      return <UserBubble turn={turn} still={still} onDrop={drop} onResend={(text) => call.send([{ ...turn, text, id: `${turn.id}e` }], turn.id)} />
    case 'assistant':
      return (
        <>
          <AssistantBubble turn={turn} live={live} still={still || reading} last={chat.turns.at(-1)?.id === turn.id} onGrow={onGrow} onDrop={drop} onAgain={() => call.send([], turn.id)} onVersion={(at) => dispatch({ do: 'version', id: chat.id, turn: turn.id, at })} />
          {raw && turn.raw ? <RawView request={turn.raw.request} response={turn.raw.response} /> : null}
          {waiting?.turn === turn.id ? <ToolResults turn={turn} still={still} onSend={(results) => call.send(results)} /> : null}
        </>
      )
    case 'tool':
      return <ToolBubble turn={turn} still={still} onResend={(text) => call.send(withOthers(chat.turns, turn, text), firstResult(chat.turns, turn))} />
    case 'error':
      return (
        <>
          <Failed failure={turn.failure} onDismiss={reading ? undefined : drop} onRetry={chat.turns.at(-1)?.id === turn.id && !still ? () => call.send([], retryFrom(chat.turns, turn)) : undefined} />
          {raw ? <RawView request={turn.request} response={turn.failure.raw ?? null} /> : null}
        </>
      )
  }
}

/** A retry takes the error away, and the broken answer before it; or it begins where the failed call did. */
function retryFrom(turns: Turn[], error: ErrorTurn): string {
  if (error.again && turns.some((t) => t.id === error.again)) return error.again
  const before = turns[turns.findIndex((t) => t.id === error.id) - 1]
  return before?.role === 'assistant' && before.state === 'broken' ? before.id : error.id
}

/** The results given together with this one begin here. */
function firstResult(turns: Turn[], turn: ToolTurn): string {
  let at = turns.findIndex((t) => t.id === turn.id)
  while (turns[at - 1]?.role === 'tool') at--
  return turns[at]?.id ?? turn.id
}

function withOthers(turns: Turn[], turn: ToolTurn, text: string): Turn[] {
  const from = turns.findIndex((t) => t.id === firstResult(turns, turn))
  const results: Turn[] = []
  for (const t of turns.slice(from)) {
    if (t.role !== 'tool') break
    results.push(t.id === turn.id ? { ...t, text } : t)
  }
  return results
}

/** `end` changes when another turn is the last: an error may stand in the place of an answer that never began. */
function useFollow(end: string) {
  const box = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  const at = useRef(true)
  const touched = useRef(-Infinity)
  const follow = useCallback(() => {
    const el = box.current
    if (el && at.current) el.scrollTop = el.scrollHeight
  }, [])
  const moved = () => {
    const el = box.current
    if (!el) return
    const atEnd = el.scrollHeight - el.scrollTop - el.clientHeight < 80
    // What is drawn grows and shrinks by itself: only a person who scrolls stops the following.
    if (atEnd) at.current = true
    else if (performance.now() - touched.current < 1000) at.current = false
    setFollows(at.current)
  }
  const toEnd = () => {
    at.current = true
    setFollows(true)
    follow()
  }
  useLayoutEffect(() => {
    at.current = true
    setFollows(true)
    follow()
  }, [end, follow])
  // Lazily loaded Markdown and pictures grow after they are placed.
  useEffect(() => {
    const el = box.current
    if (!el) return
    const touch = () => {
      touched.current = performance.now()
    }
    const gestures = ['wheel', 'touchmove', 'pointerdown', 'keydown']
    for (const g of gestures) el.addEventListener(g, touch, { passive: true })
    el.addEventListener('load', follow, true)
    return () => {
      for (const g of gestures) el.removeEventListener(g, touch)
      el.removeEventListener('load', follow, true)
    }
  }, [follow])
  return { box, follows, follow, moved, toEnd }
}
