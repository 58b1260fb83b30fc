import { Field, Select, Switch } from '@fluentui/react-components'
import { useState } from 'react'
import { type Template, templates } from '../chat/templates'
import type { Chat, Setup } from '../chat/types'
import { Ask } from '../parts/Ask'
import { useDesk } from '../parts/desk'
import { Section } from '../parts/Section'
import { Examples } from './Examples'
import css from './setup.module.css'
import { SystemMessage } from './SystemMessage'
import { ToolsEditor } from './ToolsEditor'

interface Props {
  chat: Chat
  onSetup: (setup: Partial<Setup>) => void
}

/** The left pane: what the model is told before the chat. */
export function SetupPane({ chat, onSetup }: Props) {
  const { setup } = chat
  const [wanted, setWanted] = useState<Template | null>(null)
  const { session } = useDesk()
  const closed = session.allow !== null && !session.allow.includes('data_sources')
  const take = (t: Template) => onSetup({ system: t.system, examples: t.examples })
  const choose = (name: string) => {
    const template = templates.find((t) => t.name === name)
    if (template) setWanted(template)
  }
  return (
    <>
      <Section title="System message">
        <Field label="Use a template" size="small">
          <Select size="small" value="" onChange={(_, d) => choose(d.value)}>
            <option value="">Select a template</option>
            {templates.map((t) => <option key={t.name} value={t.name}>{t.name}</option>)}
          </Select>
        </Field>
        <SystemMessage value={setup.system} onSave={(system) => onSetup({ system })} />
      </Section>
      <Section title="Examples" note={setup.examples.length > 0 ? String(setup.examples.length) : undefined} startOpen={setup.examples.length > 0}>
        <Examples examples={setup.examples} onChange={(examples) => onSetup({ examples })} />
      </Section>
      <Section title="Tools" note={setup.tools.trim() ? 'on' : undefined} startOpen={setup.tools.trim() !== ''}>
        <ToolsEditor value={setup.tools} choice={setup.toolChoice} model={chat.settings.model} onChange={(tools) => onSetup({ tools })} onChoice={(toolChoice) => onSetup({ toolChoice })} />
      </Section>
      {session.indexes.length > 0 ? (
        <Section title="Your data">
          <Switch label="Answer from a search index" disabled={closed && setup.index === ''} checked={setup.index !== ''} onChange={(_, d) => onSetup({ index: d.checked ? (session.indexes[0] ?? '') : '' })} />
          {closed ? <p className={css.words}>Not allowed in this event: ask your host to open data sources.</p> : null}
          {setup.index !== '' ? (
            <Field label="Index" size="small">
              <Select size="small" value={setup.index} onChange={(_, d) => onSetup({ index: d.value })}>
                {session.indexes.map((i) => <option key={i}>{i}</option>)}
              </Select>
            </Field>
          ) : null}
        </Section>
      ) : null}
      {wanted ? (
        <Ask title={`Use “${wanted.name}”?`} yes="Use it" onYes={() => take(wanted)} onClose={() => setWanted(null)}>
          It replaces the system message and the examples. The chat stays.
        </Ask>
      ) : null}
    </>
  )
}
