import { Button, Field, Select, Textarea } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import { callsTools } from '../chat/request'
import { readTools, writeTools } from '../chat/toolForm'
import { checkTools, sampleTools, toolNames } from '../chat/tools'
import { useDesk } from '../parts/desk'
import { Complaints, wrongWords } from './Complaints'
import { FormOrJson, type Way } from './FormOrJson'
import css from './setup.module.css'
import { ToolForms } from './ToolForms'

interface Props {
  value: string
  choice: string
  model: string
  onChange: (tools: string) => void
  onChoice: (choice: string) => void
}

/** The tools the model may call, by a form or as JSON, with what is wrong said beneath. */
export function ToolsEditor({ value, choice, model, onChange, onChoice }: Props) {
  const { session } = useDesk()
  const [way, setWay] = useState<Way>('form')
  const complaints = useMemo(() => checkTools(value), [value])
  const entries = useMemo(() => readTools(value), [value])
  const names = useMemo(() => toolNames(value), [value])
  const unable = !callsTools(session.models.find((m) => m.name === model)) && value.trim() !== ''
  const state = complaints.length > 0 ? 'error' : unable ? 'warning' : 'none'
  const message = complaints.length > 0 ? wrongWords(complaints.length) : unable ? 'This model does not call tools; they are not sent.' : undefined
  return (
    <div className={css.stack}>
      <p className={css.words}>Functions the model may ask for. You type what they return; the chat then goes on.</p>
      <FormOrJson label="How tools are written" value={way} onChange={setWay} />
      {way === 'json' ? (
        <Field label="Tools (JSON)" size="small" validationState={state} validationMessage={message}>
          <Textarea className={css.code} size="small" resize="vertical" rows={value ? 12 : 3} spellCheck={false} value={value} onChange={(_, d) => onChange(d.value)} placeholder="[]" />
        </Field>
      ) : entries ? (
        <>
          <ToolForms entries={entries} onChange={(all) => onChange(writeTools(all))} onRename={(from, to) => choice === from && onChoice(to)} />
          {message ? <p className={css.words}>{message}</p> : null}
        </>
      ) : (
        <p className={css.words}>The JSON is broken, so there is no form of it. Mend it under JSON first.</p>
      )}
      <Complaints of="the tools" complaints={complaints} />
      {names.length > 0 ? (
        <Field label="Which tool" size="small">
          <Select size="small" value={choice} onChange={(_, d) => onChoice(d.value)}>
            <option value="auto">The model decides</option>
            <option value="none">None</option>
            <option value="required">At least one</option>
            {names.map((n) => <option key={n} value={n}>Always {n}</option>)}
          </Select>
        </Field>
      ) : null}
      <div className={css.row}>
        {value.trim() === '' ? <Button size="small" onClick={() => onChange(sampleTools)}>Insert a sample</Button> : <Button size="small" onClick={() => onChange('')}>Remove all</Button>}
      </div>
    </div>
  )
}
