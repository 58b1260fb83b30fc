import { Button, Field, Input, Tag, TagGroup } from '@fluentui/react-components'
import { useState } from 'react'
import css from './setup.module.css'

interface Props {
  value: string[]
  onChange: (value: string[]) => void
}

/** Up to four texts that end an answer; none at first. */
export function StopSequences({ value, onChange }: Props) {
  const [draft, setDraft] = useState('')
  const full = value.length >= 4
  const add = () => {
    const text = draft.replaceAll('\\n', '\n')
    if (text !== '' && !value.includes(text) && !full) onChange([...value, text])
    setDraft('')
  }
  return (
    <div className={css.stack}>
      <Field label="Stop sequences" size="small" hint={full ? 'Four is the most.' : undefined}>
        <Input
          size="small"
          placeholder={full ? '' : 'Type one and press Enter'}
          disabled={full}
          value={draft}
          onChange={(_, d) => setDraft(d.value)}
          onKeyDown={(e) => e.key === 'Enter' && add()}
          contentAfter={draft ? <Button size="small" appearance="transparent" onClick={add}>Add</Button> : undefined}
        />
      </Field>
      {value.length > 0 ? (
        <TagGroup className={css.tags} size="small" aria-label="Stop sequences in use" onDismiss={(_, d) => onChange(value.filter((v) => v !== d.value))}>
          {value.map((v) => <Tag key={v} value={v} dismissible dismissIcon={{ 'aria-label': `remove ${v}` }}>{JSON.stringify(v).slice(1, -1)}</Tag>)}
        </TagGroup>
      ) : null}
    </div>
  )
}
