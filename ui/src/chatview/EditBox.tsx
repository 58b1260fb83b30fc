import { Button, Textarea } from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'
import { useReturnFocus } from '../parts/hooks'
import css from './chat.module.css'

interface Props {
  text: string
  label: string
  onCancel: () => void
  onSend: (text: string) => void
}

/** Changes a message in its place and sends it again. */
export function EditBox({ text, label, onCancel, onSend }: Props) {
  const [draft, setDraft] = useState(text)
  useReturnFocus('#composer')
  const box = useRef<HTMLTextAreaElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <div className={css.edit}>
      <Textarea
        textarea={{ ref: box }}
        aria-label={label}
        resize="vertical"
        value={draft}
        onChange={(_, d) => setDraft(d.value)}
        onKeyDown={(e) => e.key === 'Escape' && onCancel()}
      />
      <div className={css.editRow}>
        <Button size="small" onClick={onCancel}>Cancel</Button>
        <Button size="small" appearance="primary" disabled={draft.trim() === ''} onClick={() => onSend(draft)}>Send again</Button>
      </div>
      <span className={css.hint}>What follows in the chat is replaced.</span>
    </div>
  )
}
