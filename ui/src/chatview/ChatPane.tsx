import { useMemo, useRef, useState } from 'react'
import { openCalls } from '../chat/reducer'
import { estimatePrompt } from '../chat/tokens'
import { leftOut } from '../chat/request'
import type { Attachments } from '../chat/types'
import { useDesk } from '../parts/desk'
import { newId } from '../parts/hooks'
import { lazily } from '../parts/lazily'
import { Notice } from '../parts/Notice'
import { useShortcuts } from '../parts/shortcuts'
import { userTurn } from './ask'
import css from './chat.module.css'
import { Composer, type ComposerBox } from './Composer'
import { ReadingToolbar } from './ReadingToolbar'
import type { Side } from './Sheet'
import { Toolbar } from './Toolbar'
import { Turns } from './Turns'
import { Undo } from './Undo'
import type { Call } from './useCall'
import type { Chats } from './useChats'

const Keys = lazily(() => import('./Keys'))

interface Props {
  chats: Chats
  call: Call
  /** Shows what stands beside the chat. */
  onShow?: (side: Side) => void
  /** Sets another model beside this one, where there is another. */
  onCompare?: () => Promise<void>
}

/** The middle pane: the chat, and where the next message is written. */
export function ChatPane({ chats, call, onShow, onCompare }: Props) {
  const { session, ended, reading } = useDesk()
  const { chat } = chats
  const [raw, setRaw] = useState(false)
  const model = session.models.find((m) => m.name === chat.settings.model)
  const waiting = useMemo(() => openCalls(chat.turns), [chat.turns])
  const before = useMemo(() => estimatePrompt(chat.setup, chat.settings, chat.turns), [chat.setup, chat.settings, chat.turns])
  const [help, setHelp] = useState(false)
  useShortcuts({
    stop: call.busy ? call.stop : undefined,
    begin: reading ? undefined : () => chats.dispatch({ do: 'new', id: newId(), now: Date.now() }),
    list: onShow && (() => onShow('chats')),
    help: () => setHelp(true),
  })
  const box = useRef<ComposerBox>(null)
  const insert = reading || ended ? undefined : (text: string) => box.current?.insert(text)
  const left = useMemo(() => leftOut(chat.settings, chat.turns, model), [chat.settings, chat.turns, model])
  const ask = (text: string, attached: Attachments) => call.send([userTurn(text, attached)])
  const blocked = ended ? 'The event has ended.' : chat.settings.model === '' ? 'Select a deployment first.' : waiting ? 'The model waits for the results of its tools.' : ''
  return (
    <section className={css.pane} aria-labelledby="chat-title">
      {reading ? <ReadingToolbar chats={chats} raw={raw} onRaw={setRaw} /> : <Toolbar chats={chats} call={call} raw={raw} onRaw={setRaw} onShow={onShow} onCompare={onCompare} />}
      <Undo chats={chats} />
      {chats.trouble ? <Notice onDismiss={chats.calm}>{chats.trouble}</Notice> : null}
      <Turns key={chat.id} chats={chats} call={call} raw={raw} ended={ended} waiting={reading ? null : waiting} onPrompt={insert} />
      {reading ? null : <Composer key={`${chat.id}c`} ref={box} begun={chat.turns.length > 0} busy={call.busy} blocked={blocked} ended={ended} model={model} left={left} before={before} draft={chats.drafts.get(chat.id)} onDraft={(text) => chats.drafts.set(chat.id, text)} onSend={ask} onStop={call.stop} />}
      {help ? <Keys onClose={() => setHelp(false)} /> : null}
    </section>
  )
}
