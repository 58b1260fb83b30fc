import { Button, Field, Select, Textarea } from '@fluentui/react-components'
import { checkTools, sampleTools, toolNames } from '../chat/tools'
import { callsTools } from '../chat/request'
import { useDesk } from '../parts/desk'
import css from './setup.module.css'

interface Props {
  value: string
  choice: string
  model: string
  onChange: (tools: string) => void
  onChoice: (choice: string) => void
}

/** The tools the model may call, as JSON, with what is wrong said beneath. */
export function ToolsEditor({ value, choice, model, onChange, onChoice }: Props) {
  const { session } = useDesk()
  const complaints = checkTools(value)
  const names = toolNames(value)
  const unable = !callsTools(session.models.find((m) => m.name === model)) && value.trim() !== ''
  return (
    <div className={css.stack}>
      <p className={css.words}>Functions the model may ask for. You type what they return; the chat then goes on.</p>
      <Field
        label="Tools (JSON)"
        size="small"
        validationState={complaints.length > 0 ? 'error' : unable ? 'warning' : 'none'}
        validationMessage={complaints.length > 0 ? `${complaints.length === 1 ? 'One thing is' : `${complaints.length} things are`} wrong; nothing of it is sent.` : unable ? 'This model does not call tools; they are not sent.' : undefined}
      >
        <Textarea className={css.code} size="small" resize="vertical" rows={value ? 12 : 3} spellCheck={false} value={value} onChange={(_, d) => onChange(d.value)} placeholder="[]" />
      </Field>
      {complaints.length > 0 ? (
        <ul className={css.complaints} aria-label="What is wrong with the tools">
          {complaints.map((c) => <li key={c.at + c.message}>{c.at ? <code>{c.at}</code> : null} {c.message}</li>)}
        </ul>
      ) : null}
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
