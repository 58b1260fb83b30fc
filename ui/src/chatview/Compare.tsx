import { Button, Select } from '@fluentui/react-components'
import { CheckmarkRegular, DismissRegular, StopRegular } from '@fluentui/react-icons'
import { useLayoutEffect, useMemo, useState } from 'react'
import { openCalls } from '../chat/reducer'
import { leftOut } from '../chat/request'
import { estimatePrompt } from '../chat/tokens'
import type { Attachments, Chat } from '../chat/types'
import { useDesk } from '../parts/desk'
import { useMedia } from '../parts/hooks'
import { phone } from '../parts/Pane'
import { toMessageBox, useShortcuts } from '../parts/shortcuts'
import { userTurn } from './ask'
import chatCss from './chat.module.css'
import css from './compare.module.css'
import { Composer } from './Composer'
import { Turns } from './Turns'
import { type Call, useCall } from './useCall'
import type { Chats } from './useChats'
import type { Twin } from './useTwin'

interface Props {
  chats: Chats
  call: Call
  twin: Twin
  other: Chat
}

/** One prompt for two models, their answers side by side. */
export default function Compare({ chats, call, twin, other }: Props) {
  const { session, ended } = useDesk()
  const { chat, dispatch } = chats
  // The second is set up as the first is, but for its model.
  const second = useMemo(() => ({ ...other, setup: chat.setup, settings: { ...chat.settings, model: other.settings.model } }), [other, chat.setup, chat.settings])
  const others = useMemo(() => ({ ...chats, chat: second }), [chats, second])
  const otherCall = useCall(others)
  const busy = call.busy || otherCall.busy
  const stop = () => [call, otherCall].forEach((c) => c.stop())
  useShortcuts({ stop: busy ? stop : undefined })
  const ask = (text: string, attached: Attachments) => {
    dispatch({ do: 'setup', id: second.id, setup: second.setup })
    dispatch({ do: 'settings', id: second.id, settings: second.settings })
    for (const c of [call, otherCall]) c.send([userTurn(text, attached)])
  }
  // Its menu is gone, and maybe the box that was being typed in. On a phone the keyboard would cover both.
  const small = useMedia(phone)
  const [typing] = useState(() => document.activeElement?.id === 'composer')
  useLayoutEffect(() => {
    if (!small || typing) toMessageBox()
  }, [])
  const model = session.models.find((m) => m.name === chat.settings.model)
  const waits = openCalls(chat.turns) ?? openCalls(second.turns)
  const blocked = ended ? 'The event has ended.' : waits ? 'A model waits for the results of its tools: go on with one of the two.' : ''
  const column = (of: Chat, own: Call, which: 'first' | 'second') => (
    <Column key={which} chats={which === 'first' ? chats : others} call={own} chat={of} onModel={(name) => dispatch({ do: 'settings', id: of.id, settings: { model: name } })} onKeep={busy ? undefined : () => twin.keep(which)} />
  )
  return (
    <section className={chatCss.pane} aria-labelledby="compare-title">
      <header className={chatCss.toolbar}>
        <h2 id="compare-title" className={chatCss.title}>Two models, one prompt</h2>
        <span className={chatCss.spring} />
        <Button appearance="subtle" size="small" icon={<DismissRegular />} disabled={busy} onClick={twin.end}>End</Button>
      </header>
      <div className={css.columns}>
        {column(chat, call, 'first')}
        {column(second, otherCall, 'second')}
      </div>
      <Composer key={`${chat.id}c`} begun={chat.turns.length > 0} busy={busy} blocked={blocked} ended={ended} model={model} left={leftOut(chat.settings, chat.turns, model)} before={2 * estimatePrompt(chat.setup, chat.settings, chat.turns)} draft={chats.drafts.get(chat.id)} onDraft={(text) => chats.drafts.set(chat.id, text)} onSend={ask} onStop={stop} />
    </section>
  )
}

interface ColumnProps {
  chats: Chats
  call: Call
  chat: Chat
  onModel: (name: string) => void
  onKeep?: () => void
}

function Column({ chats, call, chat, onModel, onKeep }: ColumnProps) {
  const { session, ended } = useDesk()
  const name = chat.settings.model
  return (
    <section className={css.column} aria-label={name}>
      <header className={css.head}>
        <Select className={css.model} size="small" aria-label="Deployment to compare" value={name} disabled={call.busy} onChange={(_, d) => onModel(d.value)}>
          {session.models.filter((m) => m.kind === 'chat').map((m) => <option key={m.name} value={m.name}>{m.name}</option>)}
        </Select>
        {call.busy ? <Button size="small" icon={<StopRegular />} onClick={call.stop}>Stop this one</Button> : <Button size="small" icon={<CheckmarkRegular />} disabled={!onKeep || chat.turns.length === 0} onClick={onKeep}>Go on with this</Button>}
      </header>
      <Turns chats={chats} call={call} raw={false} ended={ended} waiting={null} />
    </section>
  )
}
