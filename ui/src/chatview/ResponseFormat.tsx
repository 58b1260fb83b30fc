import { Button, Field, Select, Switch, Textarea } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import { parse } from '../api/json'
import { checkFormat, sampleSchema } from '../chat/schema'
import { emptyForm, readSchema, writeSchema } from '../chat/schemaForm'
import { fitStrict } from '../chat/strict'
import type { Chat, Settings } from '../chat/types'
import { Section } from '../parts/Section'
import { Complaints, wrongWords } from './Complaints'
import { DraftField } from './DraftField'
import { FormOrJson, type Way } from './FormOrJson'
import { SchemaRows } from './SchemaRows'
import css from './setup.module.css'

interface Props {
  chat: Chat
  onSettings: (settings: Partial<Settings>) => void
}

/** What an answer is written in: text, any JSON, or JSON by a schema. */
export function ResponseFormat({ chat, onSettings }: Props) {
  const { format } = chat.settings
  return (
    <Section title="Response format" note={format === 'text' ? undefined : format === 'json' ? 'JSON' : 'schema'}>
      <Field label="Answer in" size="small">
        <Select size="small" value={format} onChange={(_, d) => onSettings({ format: d.value as Settings['format'] })}>
          <option value="text">Text</option>
          <option value="json">JSON</option>
          <option value="schema">JSON by a schema</option>
        </Select>
      </Field>
      {format === 'json' && !/json/i.test(chat.setup.system) ? <p className={css.words}>Say “JSON” in the system message: the model demands it.</p> : null}
      {format === 'schema' ? <SchemaEditor settings={chat.settings} onSettings={onSettings} /> : null}
    </Section>
  )
}

function SchemaEditor({ settings, onSettings }: { settings: Settings; onSettings: Props['onSettings'] }) {
  const { schema, schemaName, schemaStrict } = settings
  const [way, setWay] = useState<Way>('form')
  const complaints = useMemo(() => checkFormat({ schema, schemaName, schemaStrict }), [schema, schemaName, schemaStrict])
  const empty = schema.trim() === ''
  const form = useMemo(() => (empty ? emptyForm : readSchema(parse(schema))), [schema, empty])
  const write = (value: unknown) => onSettings({ schema: JSON.stringify(value, null, 2) })
  const strict = (on: boolean) => {
    const value = parse(schema)
    onSettings({ schemaStrict: on, ...(on && value !== undefined ? { schema: JSON.stringify(fitStrict(value), null, 2) } : {}) })
  }
  const rows = (next: typeof emptyForm) => write(writeSchema(schemaStrict ? { ...next, more: { ...next.more, additionalProperties: false } } : next))
  return (
    <div className={css.stack}>
      <DraftField label="Name of the schema" value={schemaName} read={(t) => ({ wrong: /^[A-Za-z0-9_-]{1,64}$/.test(t) ? '' : 'A name has 1 to 64 letters, digits, _ or -.', value: t })} write={(v) => v} onChange={(name) => onSettings({ schemaName: name })} />
      <Switch className={css.switch} label="Strict: answers follow the schema exactly" checked={schemaStrict} onChange={(_, d) => strict(d.checked)} />
      <FormOrJson label="How the schema is written" value={way} onChange={setWay} />
      {way === 'json' ? (
        <Field label="Schema (JSON)" size="small" validationState={complaints.length > 0 ? 'error' : 'none'} validationMessage={complaints.length > 0 ? wrongWords(complaints.length) : undefined}>
          <Textarea className={css.code} size="small" resize="vertical" rows={empty ? 3 : 12} spellCheck={false} value={schema} onChange={(_, d) => onSettings({ schema: d.value })} placeholder="{}" />
        </Field>
      ) : form ? (
        <SchemaRows form={form} noun="property" strict={schemaStrict} onChange={rows} />
      ) : (
        <p className={css.words}>This schema has no form: it is broken, or not that of an object. Change it under JSON.</p>
      )}
      <Complaints of="the schema" complaints={complaints} />
      <div className={css.row}>
        {empty ? <Button size="small" onClick={() => onSettings({ schema: sampleSchema })}>Insert a sample</Button> : null}
        {schemaStrict && complaints.some((c) => c.message.startsWith('Strict')) ? <Button size="small" onClick={() => strict(true)}>Make it strict</Button> : null}
      </div>
    </div>
  )
}
