import { Badge } from '@fluentui/react-components'
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { useEffect, useId, useState } from 'react'
import { checkAnswer, type Checked } from '../chat/checker'
import type { AssistantTurn } from '../chat/types'
import css from './chat.module.css'

/** Each answer is checked once, however often it is drawn. */
const known = new WeakMap<AssistantTurn, Checked>()

/** Whether an answer is the JSON that was asked for, with what does not match when it is opened. */
export function SchemaBadge({ turn, schema }: { turn: AssistantTurn; schema: unknown }) {
  const [checked, setChecked] = useState(known.get(turn) ?? null)
  const [open, setOpen] = useState(false)
  const id = useId()
  useEffect(() => {
    if (known.has(turn)) return
    let gone = false
    checkAnswer(turn.text, schema).then((c) => {
      known.set(turn, c)
      if (!gone) setChecked(c)
    })
    return () => {
      gone = true
    }
  }, [turn, schema])
  if (!checked) return null
  if (checked.ok) return <div className={css.checked}><Badge appearance="tint" color="success">{schema === null ? 'Valid JSON' : 'Matches the schema'}</Badge></div>
  const cut = turn.card?.finish === 'length' ? ': cut at Max response' : turn.state === 'done' ? '' : ': it is not whole'
  return (
    <div className={css.checked}>
      <button type="button" className={css.cardLine} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {open ? <ChevronDownRegular /> : <ChevronRightRegular />}
        <Badge appearance="tint" color={checked.words.startsWith('Not checked') ? 'informative' : 'danger'}>{checked.words}{cut}</Badge>
      </button>
      <ul id={id} hidden={!open} className={css.findings} aria-label="What does not match">
        {open ? checked.findings.map((f, i) => <li key={i}>{f.at ? <><code>{f.at}</code>: </> : null}{f.message}</li>) : null}
      </ul>
    </div>
  )
}
