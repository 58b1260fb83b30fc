import { Button, Field, Input, Switch } from '@fluentui/react-components'
import { AddRegular, DeleteRegular } from '@fluentui/react-icons'
import { emptyForm, freshName, readSchema, type SchemaForm, writeSchema } from '../chat/schemaForm'
import { fitStrict } from '../chat/strict'
import { newTool, rawName, type ToolEntry, type ToolForm } from '../chat/toolForm'
import { DraftField } from './DraftField'
import { SchemaRows } from './SchemaRows'
import css from './setup.module.css'

interface Props {
  entries: ToolEntry[]
  onChange: (entries: ToolEntry[]) => void
  /** A tool has another name, which the choice of one may have to follow. */
  onRename: (from: string, to: string) => void
}

/** The tools as forms; what a form cannot show is named and left as it is. */
export function ToolForms({ entries, onChange, onRename }: Props) {
  const names = entries.map((e) => ('raw' in e ? rawName(e.raw) : e.form.name))
  const put = (at: number, form: ToolForm) => onChange(entries.map((e, i) => (i === at ? { form } : e)))
  const drop = (at: number) => onChange(entries.filter((_, i) => i !== at))
  const rename = (at: number, form: ToolForm, name: string) => {
    put(at, { ...form, name })
    onRename(form.name, name)
  }
  return (
    <>
      {entries.map((e, at) =>
        'raw' in e ? (
          <div key={at} className={css.rowEnd}>
            <p className={css.words}><code>{names[at]}</code> has what only the JSON can show. It stays as it is.</p>
            <span className={css.spring} />
            <Button appearance="subtle" size="small" icon={<DeleteRegular />} aria-label={`Delete tool ${at + 1}`} onClick={() => drop(at)} />
          </div>
        ) : (
          <OneTool key={at} form={e.form} at={at} others={names.filter((_, i) => i !== at)} onChange={(form) => put(at, form)} onName={(name) => rename(at, e.form, name)} onDelete={() => drop(at)} />
        ),
      )}
      <div><Button size="small" icon={<AddRegular />} onClick={() => onChange([...entries, { form: newTool(freshName('my_tool', names)) }])}>Add a tool</Button></div>
    </>
  )
}

interface OneProps {
  form: ToolForm
  at: number
  others: string[]
  onChange: (form: ToolForm) => void
  onName: (name: string) => void
  onDelete: () => void
}

function OneTool({ form, at, others, onChange, onName, onDelete }: OneProps) {
  const wrong = (name: string) =>
    !/^[A-Za-z0-9_-]{1,64}$/.test(name) ? 'A name has 1 to 64 letters, digits, _ or -.' : others.includes(name) ? `There is a ${name} already.` : ''
  const beside = [...Object.keys(form.more), ...Object.keys(form.outer)]
  const strict = form.strict === true
  return (
    <fieldset className={css.example}>
      <legend className={css.exampleName}>Tool {at + 1}</legend>
      <Button className={css.exampleDelete} appearance="subtle" size="small" icon={<DeleteRegular />} aria-label={`Delete tool ${at + 1}`} onClick={onDelete} />
      <DraftField label="Function" value={form.name} read={(t) => ({ wrong: wrong(t), value: t })} write={(v) => v} onChange={onName} />
      <Field label="What it does" size="small"><Input size="small" value={form.description} onChange={(_, d) => onChange({ ...form, description: d.value })} /></Field>
      <Switch className={css.switch} label="Strict: arguments follow the parameters exactly" checked={strict} onChange={(_, d) => onChange(d.checked ? { ...form, strict: true, schema: fitted(form.schema ?? emptyForm) } : { ...form, strict: null })} />
      <SchemaRows form={form.schema ?? emptyForm} noun="parameter" strict={strict} onChange={(schema) => onChange({ ...form, schema })} />
      {beside.length > 0 ? <p className={css.words}>Also there, and changed in the JSON: {beside.map((k) => <code key={k}> {k}</code>)}</p> : null}
    </fieldset>
  )
}

/** The rows as "strict" demands them. */
export const fitted = (form: SchemaForm): SchemaForm => readSchema(fitStrict(writeSchema(form))) ?? form
