import { Field, Input, Textarea } from '@fluentui/react-components'
import { useRef, useState } from 'react'
import { isObject } from '../api/json'
import { type RowType, wrongValue } from '../chat/schemaForm'
import { syntaxWords } from '../chat/tools'
import css from './setup.module.css'

interface Props<T> {
  label: string
  value: T
  /** What is typed as a value, or why it is none. */
  read: (text: string) => { wrong: string; value: T }
  write: (value: T) => string
  lines?: number
  code?: boolean
  onChange: (value: T) => void
}

/** A text that counts as soon as it is right; until then it stays as typed, with what is wrong. */
export function DraftField<T>({ label, value, read, write, lines = 1, code = false, onChange }: Props<T>) {
  const written = write(value)
  const [draft, setDraft] = useState<string | null>(null)
  const known = useRef(written)
  // Changed from elsewhere, it is that.
  if (known.current !== written) {
    known.current = written
    if (draft !== null && write(read(draft).value) !== written) setDraft(null)
  }
  const text = draft ?? written
  const wrong = draft === null ? '' : read(draft).wrong
  const type = (typed: string) => {
    setDraft(typed)
    const got = read(typed)
    if (got.wrong === '') onChange(got.value)
  }
  const settle = () => wrong === '' && setDraft(null)
  return (
    <Field label={label} size="small" validationState={wrong ? 'error' : 'none'} validationMessage={wrong ? `${wrong} Not taken yet.` : undefined}>
      {lines > 1 ? (
        <Textarea className={code ? css.code : undefined} size="small" resize="vertical" rows={lines} spellCheck={false} value={text} onChange={(_, d) => type(d.value)} onBlur={settle} />
      ) : (
        <Input size="small" spellCheck={false} value={text} onChange={(_, d) => type(d.value)} onBlur={settle} />
      )}
    </Field>
  )
}

/** Reads an object's JSON; nothing is an empty one. */
export function readObject(text: string): { wrong: string; value: Record<string, unknown> } {
  if (text.trim() === '') return { wrong: '', value: {} }
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return { wrong: '', value }
    return { wrong: 'This is an object: begin with { and end with }.', value: {} }
  } catch (e) {
    return { wrong: `This is not JSON: ${syntaxWords(e, text)}.`, value: {} }
  }
}

/** Reads the values of an enum, one a line. */
export function readLines(text: string, type: RowType | ''): { wrong: string; value: string[] } {
  const value = [...new Set(text.split('\n').map((l) => l.trim()).filter((l) => l !== ''))]
  const odd = wrongValue(type, value)
  return { wrong: odd === '' ? '' : `${odd} is not a number.`, value }
}
