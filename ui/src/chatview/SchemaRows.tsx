import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components'
import { AddRegular, DeleteRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { freshName, hasValues, newRow, type Row, type RowType, rowTypes, type SchemaForm, wrongName, wrongValue } from '../chat/schemaForm'
import { DraftField, readLines, readObject } from './DraftField'
import css from './setup.module.css'

interface Props {
  form: SchemaForm
  /** What a row is called: parameter, property. */
  noun: string
  /** Everything has to be required. */
  strict: boolean
  onChange: (form: SchemaForm) => void
}

/** The properties of a schema as rows. */
export function SchemaRows({ form, noun, strict, onChange }: Props) {
  const names = form.rows.map((r) => r.name)
  const set = (at: number, part: Partial<Row>) => onChange({ ...form, rows: form.rows.map((r, i) => (i === at ? { ...r, ...part } : r)) })
  const beside = Object.keys(form.more).filter((k) => k !== 'additionalProperties' || form.more[k] !== false)
  return (
    <>
      {form.rows.map((row, at) => (
        <OneRow key={at} row={row} noun={`${noun} ${at + 1}`} others={names.filter((_, i) => i !== at)} strict={strict} onChange={(part) => set(at, part)} onDelete={() => onChange({ ...form, rows: form.rows.filter((_, i) => i !== at) })} />
      ))}
      {beside.length > 0 ? <p className={css.words}>Also there, and changed in the JSON: {beside.map((k) => <code key={k}> {k}</code>)}</p> : null}
      <div><Button size="small" icon={<AddRegular />} onClick={() => onChange({ ...form, rows: [...form.rows, newRow(freshName(noun, names), strict)] })}>Add a {noun}</Button></div>
    </>
  )
}

interface RowProps {
  row: Row
  noun: string
  others: string[]
  strict: boolean
  onChange: (part: Partial<Row>) => void
  onDelete: () => void
}

function OneRow({ row, noun, others, strict, onChange, onDelete }: RowProps) {
  const nested = row.type === 'array' || row.type === 'object' || Object.keys(row.more).length > 0
  const [opened, setOpened] = useState(false)
  const retype = (type: RowType) => onChange({ type, values: hasValues(type) && wrongValue(type, row.values) === '' ? row.values : [], more: Object.fromEntries(Object.entries(row.more).filter(([k]) => k !== 'type')) })
  return (
    <fieldset className={css.row2} aria-label={noun}>
      <div className={css.pair}>
        <DraftField label="Name" value={row.name} read={(t) => ({ wrong: wrongName(t, others), value: t })} write={(v) => v} onChange={(name) => onChange({ name })} />
        <Field label="Type" size="small">
          <Select size="small" value={row.type} onChange={(_, d) => retype(d.value as RowType)}>
            {row.type === '' ? <option value="">(in JSON)</option> : null}
            {rowTypes.map((t) => <option key={t}>{t}</option>)}
          </Select>
        </Field>
      </div>
      <Field label="Description" size="small"><Input size="small" value={row.description} onChange={(_, d) => onChange({ description: d.value })} /></Field>
      {opened || row.values.length > 0 ? (
        <DraftField label="Values, one a line" lines={3} value={row.values} read={(t) => readLines(t, row.type)} write={(v) => v.join('\n')} onChange={(values) => onChange({ values })} />
      ) : null}
      {nested || opened ? (
        <DraftField label={row.type === 'array' ? 'Items and more (JSON)' : 'More (JSON)'} code lines={Object.keys(row.more).length > 0 ? 4 : 2} value={row.more} read={readObject} write={(v) => (Object.keys(v).length === 0 ? '' : JSON.stringify(v, null, 2))} onChange={(more) => onChange({ more })} />
      ) : null}
      <div className={css.rowEnd}>
        <Checkbox label="Required" checked={row.required} disabled={strict && row.required} onChange={(_, d) => onChange({ required: d.checked === true })} />
        <span className={css.spring} />
        {opened || (row.values.length > 0 && nested) ? null : <Button appearance="subtle" size="small" onClick={() => setOpened(true)}>More</Button>}
        <Button appearance="subtle" size="small" icon={<DeleteRegular />} aria-label={`Delete ${row.name}`} title="Delete" onClick={onDelete} />
      </div>
    </fieldset>
  )
}
