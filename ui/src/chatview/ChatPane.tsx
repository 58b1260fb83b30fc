import { useMemo, useRef, useState } from 'react'
import { openCalls } from '../chat/reducer'
import { estimatePrompt } from '../chat/tokens'
import { leftOut } from '../chat/request'
import type { Attachments, Turn } from '../chat/types'
import { useDesk } from '../parts/desk'
import { newId } from '../parts/hooks'
import { Notice } from '../parts/Notice'
import { useShortcuts } from '../parts/shortcuts'
import css from './chat.module.css'
import { Composer, type ComposerBox } from './Composer'
import { ReadingToolbar } from './ReadingToolbar'
import { Toolbar } from './Toolbar'
import { Turns } from './Turns'
import type { Call } from './useCall'
import type { Chats } from './useChats'

interface Props {
  chats: Chats
  call: Call
}

/** The middle pane: the chat, and where the next message is written. */
export function ChatPane({ chats, call }: Props) {
  const { session, ended, reading } = useDesk()
  const { chat } = chats
  const [raw, setRaw] = useState(false)
  const model = session.models.find((m) => m.name === chat.settings.model)
  const waiting = useMemo(() => openCalls(chat.turns), [chat.turns])
  const before = useMemo(() => estimatePrompt(chat.setup, chat.settings, chat.turns), [chat.setup, chat.settings, chat.turns])
  useShortcuts(call.busy ? call.stop : undefined)
  const box = useRef<ComposerBox>(null)
  const insert = reading || ended ? undefined : (text: string) => box.current?.insert(text)
  const left = useMemo(() => leftOut(chat.settings, chat.turns, model), [chat.settings, chat.turns, model])
  const ask = (text: string, attached: Attachments) => call.send([userTurn(text, attached)])
  const blocked = ended ? 'The event has ended.' : chat.settings.model === '' ? 'Select a deployment first.' : waiting ? 'The model waits for the results of its tools.' : ''
  return (
    <section className={css.pane} aria-labelledby="chat-title">
      {reading ? <ReadingToolbar chats={chats} raw={raw} onRaw={setRaw} /> : <Toolbar chats={chats} call={call} raw={raw} onRaw={setRaw} />}
      {chats.trouble ? <Notice onDismiss={chats.calm}>{chats.trouble}</Notice> : null}
      <Turns key={chat.id} chats={chats} call={call} raw={raw} ended={ended} waiting={reading ? null : waiting} onPrompt={insert} />
      {reading ? null : <Composer key={`${chat.id}c`} ref={box} begun={chat.turns.length > 0} busy={call.busy} blocked={blocked} ended={ended} model={model} left={left} before={before} draft={chats.drafts.get(chat.id)} onDraft={(text) => chats.drafts.set(chat.id, text)} onSend={ask} onStop={call.stop} />}
    </section>
  )
}

export function userTurn(text: string, { images, audio, files }: Attachments): Turn {
  return { role: 'user', id: newId(), text, images, ...(audio.length > 0 ? { audio } : {}), ...(files.length > 0 ? { files } : {}) }
}
