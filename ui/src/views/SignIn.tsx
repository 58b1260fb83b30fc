import { Button, Checkbox, Field, Input } from '@fluentui/react-components'
import { EyeOffRegular, EyeRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import type { Failure } from '../api/types'
import { figure } from '../parts/figures'
import type { Past } from '../store/past'
import type { useTheme } from '../theme'
import { SignFrame } from './SignFrame'
import css from './views.module.css'

interface Props {
  failure: Failure | null
  /** Whose chats can be read though the key was refused. */
  past: Past | null
  onRead: () => void
  onSignIn: (key: string, remember: boolean) => Promise<void>
  theme: ReturnType<typeof useTheme>
}

/** Asks for the key or the event code. */
export function SignIn({ failure, past, onRead, onSignIn, theme }: Props) {
  const [key, setKey] = useState('')
  const [remember, setRemember] = useState(false)
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    if (key.trim() === '' || busy) return
    setBusy(true)
    await onSignIn(key.trim(), remember)
    setBusy(false)
  }
  return (
    <SignFrame title="Playground" words="Try the models with the event code from your host, or with your own key." failure={failure} theme={theme} onSubmit={submit}>
      {past ? (
        <div className={css.past}>
          <p className={css.pastWords}>{past.chats === 1 ? 'A chat of yours is' : `${figure(past.chats)} chats of yours are`} still in this browser.</p>
          <Button onClick={onRead}>Read your chats</Button>
        </div>
      ) : null}
      <Field label="Event code or API key" hint="A key, a code, or CODE/NAME: paste it as you got it.">
        <Input
          size="large"
          className={css.signInput}
          type={shown ? 'text' : 'password'}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={key}
          onChange={(_, d) => setKey(d.value)}
          contentAfter={
            <Button
              appearance="transparent"
              size="small"
              icon={shown ? <EyeOffRegular /> : <EyeRegular />}
              aria-label={shown ? 'Hide the key' : 'Show the key'}
              onClick={() => setShown(!shown)}
            />
          }
        />
      </Field>
      <Checkbox className={css.remember} label="Remember me on this device" checked={remember} onChange={(_, d) => setRemember(d.checked === true)} />
      <Button type="submit" appearance="primary" size="large" disabled={key.trim() === '' || busy}>{busy ? 'Signing in…' : 'Sign in'}</Button>
    </SignFrame>
  )
}
