import { Button, Checkbox, Field, Input } from '@fluentui/react-components'
import { useState } from 'react'
import { failureFrom } from '../api/client'
import { arrive } from '../api/door'
import type { EventInfo, Failure } from '../api/types'
import { loadChoice, saveChoice } from '../store/keys'
import type { useTheme } from '../theme'
import { SignFrame } from './SignFrame'
import css from './views.module.css'

interface Props {
  code: string
  event: EventInfo
  theme: ReturnType<typeof useTheme>
  /** The key of one's own. */
  onKey: (key: string, remember: boolean) => Promise<void>
  onBack: () => void
}

/** Asks who comes by a code that many share: each name is somebody with a key and a quota of its own. */
export function NameStep({ code, event, theme, onKey, onBack }: Props) {
  const [name, setName] = useState(() => loadChoice('name'))
  const [remember, setRemember] = useState(true)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const taken = failure?.code === 'NameTaken'
  const submit = async () => {
    if (name.trim() === '' || busy) return
    setBusy(true)
    setFailure(null)
    try {
      const key = await arrive(code, name.trim(), remember)
      saveChoice('name', remember ? name.trim() : '')
      await onKey(key, remember)
    } catch (e) {
      setFailure(failureFrom(e))
    }
    setBusy(false)
  }
  return (
    <SignFrame title={event.name || 'Playground'} words="The code is right. Who are you?" failure={failure} theme={theme} onSubmit={submit}>
      {taken ? <Button onClick={onBack}>That’s me: I have my key</Button> : null}
      <Field label="Your name" hint="Your host sees it. What you use counts for you alone." validationState={failure?.code.startsWith('Name') ? 'error' : 'none'}>
        <Input size="large" className={css.signInput} autoComplete="nickname" spellCheck={false} autoFocus dir="auto" maxLength={80} value={name} onChange={(_, d) => setName(d.value)} />
      </Field>
      <Checkbox className={css.remember} label="Remember me on this device" checked={remember} onChange={(_, d) => setRemember(d.checked === true)} />
      <Button type="submit" appearance="primary" size="large" disabled={name.trim() === '' || busy}>{busy ? 'Signing in…' : 'Start'}</Button>
      <Button appearance="transparent" onClick={onBack}>Use another code or key</Button>
    </SignFrame>
  )
}
