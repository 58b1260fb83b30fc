import { Button, Field, Textarea } from '@fluentui/react-components'
import { useState } from 'react'
import type { AssistantTurn, ToolTurn } from '../chat/types'
import { newId } from '../parts/hooks'
import css from './chat.module.css'

interface Props {
  turn: AssistantTurn
  still: boolean
  onSend: (results: ToolTurn[]) => void
}

/** Where the person plays the tools: one result for each call, then the chat goes on. */
export function ToolResults({ turn, still, onSend }: Props) {
  const [texts, setTexts] = useState<Record<string, string>>({})
  const missing = turn.calls.some((c) => !texts[c.id]?.trim())
  const send = () =>
    onSend(turn.calls.map((c) => ({ role: 'tool', id: newId(), callId: c.id, name: c.name, text: texts[c.id] ?? '' })))
  return (
    <div className={css.results} role="group" aria-label="Results of the tools">
      {turn.calls.map((c) => (
        <Field key={c.id} label={`Result of ${c.name}`} size="small">
          <Textarea className={css.mono} resize="vertical" placeholder='{"temperature": 21}' value={texts[c.id] ?? ''} onChange={(_, d) => setTexts({ ...texts, [c.id]: d.value })} />
        </Field>
      ))}
      <div><Button appearance="primary" size="small" disabled={still || missing} onClick={send}>{turn.calls.length === 1 ? 'Send the result' : 'Send the results'}</Button></div>
    </div>
  )
}
