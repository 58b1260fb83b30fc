import { Button } from '@fluentui/react-components'
import { WrenchRegular } from '@fluentui/react-icons'
import { memo, useState } from 'react'
import { parse } from '../api/json'
import type { ToolCall } from '../chat/types'
import { figure } from '../parts/figures'
import css from './chat.module.css'

/** How many calls, and how much of each one's arguments, are drawn at first. */
const few = 20
const mostDrawn = 20_000

/** The functions the model asks for, with their arguments. */
export function ToolCalls({ calls, coming }: { calls: ToolCall[]; coming: boolean }) {
  const [all, setAll] = useState(false)
  const shown = all ? calls : calls.slice(0, few)
  return (
    <>
      {shown.map((c, i) => <OneCall key={c.id || i} call={c} coming={coming} />)}
      {shown.length < calls.length ? <Button size="small" onClick={() => setAll(true)}>Show all {figure(calls.length)} calls</Button> : null}
    </>
  )
}

const OneCall = memo(function OneCall({ call, coming }: { call: ToolCall; coming: boolean }) {
  const value = coming ? undefined : parse(call.arguments)
  const broken = !coming && value === undefined && call.arguments !== ''
  const text = value === undefined ? call.arguments : JSON.stringify(value, null, 2)
  return (
    <div className={css.call}>
      <div className={css.callName}><WrenchRegular aria-hidden /> Calls <code>{call.name}</code>{broken ? <span className={css.over}>Its arguments are not JSON</span> : null}</div>
      <pre className={css.callArguments} tabIndex={0} aria-label={`Arguments of ${call.name}`}>{text.length > mostDrawn ? `${text.slice(0, mostDrawn)}\n… (${figure(text.length - mostDrawn)} characters more)` : text}</pre>
    </div>
  )
})
