import { Button, Field, Textarea } from '@fluentui/react-components'
import { AddRegular, DeleteRegular } from '@fluentui/react-icons'
import type { Example } from '../chat/types'
import css from './setup.module.css'

interface Props {
  examples: Example[]
  onChange: (examples: Example[]) => void
}

/** Pairs of a question and the answer wanted, sent before the chat. */
export function Examples({ examples, onChange }: Props) {
  const set = (at: number, part: Partial<Example>) => onChange(examples.map((e, i) => (i === at ? { ...e, ...part } : e)))
  return (
    <div className={css.stack}>
      <p className={css.words}>Show the model how to answer: a question, and the answer you want. Pairs with both parts filled are sent.</p>
      {examples.map((e, i) => (
        <fieldset key={i} className={css.example}>
          <legend className={css.exampleName}>Example {i + 1}</legend>
          <Button className={css.exampleDelete} appearance="subtle" size="small" icon={<DeleteRegular />} aria-label={`Delete example ${i + 1}`} onClick={() => onChange(examples.filter((_, n) => n !== i))} />
          <Field label="User" size="small">
            <Textarea size="small" resize="vertical" value={e.user} onChange={(_, d) => set(i, { user: d.value })} />
          </Field>
          <Field label="Assistant" size="small">
            <Textarea size="small" resize="vertical" value={e.assistant} onChange={(_, d) => set(i, { assistant: d.value })} />
          </Field>
        </fieldset>
      ))}
      <div><Button size="small" icon={<AddRegular />} onClick={() => onChange([...examples, { user: '', assistant: '' }])}>Add an example</Button></div>
    </div>
  )
}
