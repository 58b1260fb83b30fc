import { Button } from '@fluentui/react-components'
import { DeleteRegular, EditRegular } from '@fluentui/react-icons'
import { memo, useState } from 'react'
import type { UserTurn } from '../chat/types'
import { CopyButton } from '../parts/CopyButton'
import css from './chat.module.css'
import { EditBox } from './EditBox'
import { SentFiles } from './SentFiles'

interface Props {
  turn: UserTurn
  still: boolean
  onResend: (text: string) => void
  onDrop: () => void
}

/** What the person said. */
export const UserBubble = memo(function UserBubble({ turn, still, onResend, onDrop }: Props) {
  const [editing, setEditing] = useState(false)
  if (editing) {
    return (
      <article className={css.user} aria-label="You">
        <EditBox text={turn.text} label="Edit your message" onCancel={() => setEditing(false)} onSend={(text) => { setEditing(false); onResend(text) }} />
      </article>
    )
  }
  return (
    <article className={css.user} aria-label="You">
      <div className={css.asked}>
        <div className={css.said}>
          {turn.images.length > 0 ? (
            <div className={css.pictures}>{turn.images.map((i, at) => i.url ? <img key={at} src={i.url} alt={i.name} className={css.picture} /> : <span key={at}>{i.name} (not kept in this browser)</span>)}</div>
          ) : null}
          <SentFiles turn={turn} />
          <span dir="auto">{turn.text}</span>
        </div>
        {turn.refused ? <p className={css.refused}>Not answered: later messages go without it</p> : null}
      </div>
      <div className={css.actions}>
        <CopyButton text={turn.text} label="Copy the message" />
        <Button appearance="subtle" size="small" icon={<EditRegular />} aria-label="Edit and send again" title="Edit and send again" disabled={still} onClick={() => setEditing(true)} />
        <Button appearance="subtle" size="small" icon={<DeleteRegular />} aria-label="Delete the message" title="Delete" disabled={still} onClick={onDrop} />
      </div>
    </article>
  )
})
