import { Field, Select } from '@fluentui/react-components'
import type { Kind } from '../api/types'
import { useDesk } from '../parts/desk'
import { figure } from '../parts/figures'
import css from './setup.module.css'

interface Props {
  kind: Kind
  value: string
  onChange: (name: string) => void
}

/** Chooses among the models of one kind; each with its regions; beneath are its kind and bounds. */
export function ModelField({ kind, value, onChange }: Props) {
  const { session } = useDesk()
  const models = session.models.filter((m) => m.kind === kind)
  const model = models.find((m) => m.name === value)
  const about = model
    ? [kind, thousands(model.context, 'context'), thousands(model.maxOutput, 'output')].filter(Boolean).join(' · ')
    : ''
  return (
    <Field label="Deployment" size="small" hint={about ? { children: about, className: css.words } : undefined} validationState={models.length === 0 ? 'warning' : 'none'} validationMessage={models.length === 0 ? 'There is no such model here. Ask your host to add one.' : undefined}>
      <Select value={value} disabled={models.length === 0} onChange={(_, d) => onChange(d.value)}>
        {model ? null : <option value="">Select a model</option>}
        {models.map((m) => <option key={m.name} value={m.name}>{[m.name, m.regions.join(', ')].filter(Boolean).join(' · ')}</option>)}
      </Select>
    </Field>
  )
}

const thousands = (n: number, what: string) => (n > 0 ? `${figure(n / 1000, 0)}k ${what}` : '')
