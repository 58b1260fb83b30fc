import { Button, Field, Textarea } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { defaultSystem } from '../chat/types'
import { useDesk } from '../parts/desk'
import css from './setup.module.css'

interface Props {
  value: string
  onSave: (text: string) => void
}

/** The system message, with a mark while what is typed has not been applied. */
export function SystemMessage({ value, onSave }: Props) {
  const organisers = useDesk().session.event?.systemMessage ?? ''
  const first = organisers || defaultSystem
  const [draft, setDraft] = useState(value)
  const [saved, setSaved] = useState(false)
  useEffect(() => setDraft(value), [value])
  useEffect(() => {
    if (!saved) return
    const timer = setTimeout(() => setSaved(false), 1500)
    return () => clearTimeout(timer)
  }, [saved])
  const unsaved = draft !== value
  const apply = (text: string) => {
    onSave(text)
    setDraft(text)
    setSaved(true)
  }
  return (
    <div className={css.stack}>
      <Field label={<span>System message {unsaved ? <span className={css.unsaved}>● Unsaved changes</span> : null}</span>} size="small">
        <Textarea
          className={css.system}
          resize="vertical"
          rows={8}
          value={draft}
          onChange={(_, d) => setDraft(d.value)}
          onKeyDown={(e) => (e.ctrlKey || e.metaKey) && e.key === 'Enter' && apply(draft)}
        />
      </Field>
      <div className={css.row}>
        <Button appearance="primary" size="small" disabled={!unsaved} onClick={() => apply(draft)}>Apply changes</Button>
        {unsaved ? <Button size="small" onClick={() => setDraft(value)}>Undo</Button> : null}
        {!unsaved && value !== first ? <Button size="small" onClick={() => apply(first)}>{organisers ? "Back to the organiser's" : 'Reset to default'}</Button> : null}
        <span role="status" className={css.quiet}>{saved ? 'Applied' : organisers !== '' && !unsaved && value === organisers ? "The organiser's" : ''}</span>
      </div>
    </div>
  )
}
