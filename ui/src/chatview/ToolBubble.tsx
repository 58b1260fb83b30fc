import { Button } from '@fluentui/react-components'
import { EditRegular, WrenchRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import type { ToolTurn } from '../chat/types'
import css from './chat.module.css'
import { EditBox } from './EditBox'

interface Props {
  turn: ToolTurn
  still: boolean
  onResend: (text: string) => void
}

/** A result that was sent; changing it lets the model answer anew. */
export function ToolBubble({ turn, still, onResend }: Props) {
  const [editing, setEditing] = useState(false)
  return (
    <article className={css.tool} aria-label={`Result of ${turn.name}`}>
      <div className={css.callName}>
        <WrenchRegular aria-hidden /> Result of <code>{turn.name}</code>
        <Button appearance="subtle" size="small" icon={<EditRegular />} aria-label="Edit the result" disabled={still || editing} onClick={() => setEditing(true)} />
      </div>
      {editing ? (
        <EditBox text={turn.text} label={`Result of ${turn.name}`} onCancel={() => setEditing(false)} onSend={(text) => { setEditing(false); onResend(text) }} />
      ) : (
        <pre className={css.callArguments} tabIndex={0} aria-label="Result">{turn.text}</pre>
      )}
    </article>
  )
}
