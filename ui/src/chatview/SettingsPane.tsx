import { Badge, Field, Input, Select } from '@fluentui/react-components'
import { answerCap, efforts, reasons } from '../chat/request'
import type { Chat, Settings } from '../chat/types'
import { useDesk } from '../parts/desk'
import { Section } from '../parts/Section'
import { SliderField } from '../parts/SliderField'
import css from './setup.module.css'
import { ModelField } from './ModelField'
import { Quota } from './Quota'
import { ResponseFormat } from './ResponseFormat'
import { StopSequences } from './StopSequences'
import { figure } from '../parts/figures'

interface Props {
  chat: Chat
  onSettings: (settings: Partial<Settings>) => void
}

/** The right pane: the model and how it answers. */
export function SettingsPane({ chat, onSettings }: Props) {
  const { session } = useDesk()
  const s = chat.settings
  const model = session.models.find((m) => m.name === s.model)
  const cap = answerCap(session.maxTokens, model)
  const thinks = reasons(model)
  const slider = (name: keyof Settings, label: string, hint: string, min: number, max: number, step: number) => (
    <SliderField label={label} hint={hint} min={min} max={max} step={step} value={Math.min(max, s[name] as number)} onChange={(v) => onSettings({ [name]: v })} />
  )
  return (
    <>
      <Section title="Model">
        <ModelField kind="chat" value={s.model} onChange={(name) => onSettings({ model: name })} />
        {thinks ? <Badge appearance="tint" color="brand">Reasoning model</Badge> : null}
      </Section>
      <Section title="Parameters">
        {slider('maxTokens', 'Max response', `The most tokens an answer may have. ${session.maxTokens ? `This event allows ${figure(session.maxTokens)}.` : `This model allows ${figure(cap)}.`}`, 1, cap, 1)}
        {thinks ? (
          <Field label="Reasoning effort" size="small" hint={Math.min(cap, s.maxTokens) < 2000 ? { children: 'Reasoning counts in Max response: below 2,000 an answer may stay empty.', className: css.words } : undefined}>
            <Select size="small" value={s.effort} onChange={(_, d) => onSettings({ effort: d.value as Settings['effort'] })}>
              <option value="">As the model likes</option>
              {efforts(model).map((e) => <option key={e}>{e}</option>)}
            </Select>
          </Field>
        ) : (
          <>
            {slider('temperature', 'Temperature', 'Low gives steady answers, high gives varied ones. Change this or Top P, not both.', 0, 2, 0.01)}
            {slider('topP', 'Top P', 'Chooses only among the likeliest tokens that together have this share.', 0, 1, 0.01)}
            {slider('frequencyPenalty', 'Frequency penalty', 'Above 0 discourages words the more often they were used.', -2, 2, 0.01)}
            {slider('presencePenalty', 'Presence penalty', 'Above 0 discourages words that were used at all, so new subjects come up.', -2, 2, 0.01)}
            <StopSequences value={s.stop} onChange={(stop) => onSettings({ stop })} />
          </>
        )}
        {slider('pastMessages', 'Past messages included', 'How many messages before your last one are sent along. Ten are five exchanges.', 0, 100, 1)}
        <Field label="Seed" size="small" validationState={s.seed.trim() === '' || /^-?\d+$/.test(s.seed.trim()) ? 'none' : 'error'} validationMessage={s.seed.trim() === '' || /^-?\d+$/.test(s.seed.trim()) ? undefined : 'A seed is a whole number.'}>
          <Input size="small" inputMode="numeric" placeholder="None" value={s.seed} onChange={(_, d) => onSettings({ seed: d.value })} />
        </Field>
      </Section>
      <ResponseFormat chat={chat} onSettings={onSettings} />
      <Quota />
    </>
  )
}
