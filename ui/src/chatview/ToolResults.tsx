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

/** How many boxes are drawn at once. */
const few = 20

/** Where the person plays the tools: one result for each call, then the chat goes on. */
export function ToolResults({ turn, still, onSend }: Props) {
  const [texts, setTexts] = useState<Record<string, string>>({})
  const [shown, setShown] = useState(few)
  const empty = turn.calls.filter((c) => !texts[c.id]?.trim())
  const sample = Object.values(texts).find((t) => t.trim() !== '')
  const send = () =>
    onSend(turn.calls.map((c) => ({ role: 'tool', id: newId(), callId: c.id, name: c.name, text: texts[c.id] ?? '' })))
  const fill = () => setTexts({ ...texts, ...Object.fromEntries(empty.map((c) => [c.id, sample ?? ''])) })
  return (
    <div className={css.results} role="group" aria-label="Results of the tools">
      {turn.calls.slice(0, shown).map((c) => (
        <Field key={c.id} label={`Result of ${c.name}`} size="small">
          <Textarea className={css.mono} resize="vertical" placeholder='{"temperature": 21}' value={texts[c.id] ?? ''} onChange={(_, d) => setTexts({ ...texts, [c.id]: d.value })} />
        </Field>
      ))}
      <div className={css.resultsEnd}>
        <Button appearance="primary" size="small" disabled={still || empty.length > 0} onClick={send}>{turn.calls.length === 1 ? 'Send the result' : 'Send the results'}</Button>
        {turn.calls.length > 3 && sample && empty.length > 0 ? <Button size="small" onClick={fill}>Give the {empty.length} empty ones the first result</Button> : null}
        {shown < turn.calls.length ? <Button size="small" onClick={() => setShown(shown + few)}>Show {Math.min(few, turn.calls.length - shown)} more</Button> : null}
      </div>
    </div>
  )
}
