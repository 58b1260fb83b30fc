import { Button, Checkbox, Field, Input, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { EyeOffRegular, EyeRegular } from '@fluentui/react-icons'
import { type FormEvent, useState } from 'react'
import type { Failure } from '../api/types'
import type { Past } from '../store/past'
import type { useTheme } from '../theme'
import { ThemeButton } from './ThemeButton'
import css from './views.module.css'
import { figure } from '../parts/figures'

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
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (key.trim() === '' || busy) return
    setBusy(true)
    await onSignIn(key.trim(), remember)
    setBusy(false)
  }
  return (
    <main className={css.signIn}>
      <div className={css.corner}><ThemeButton theme={theme} /></div>
      <form className={css.signCard} onSubmit={submit}>
        <img className={css.signMark} src="/mark.svg" alt="" />
        <h1 className={css.signTitle}>Playground</h1>
        <p className={css.signWords}>Try the models with the event code from your host, or with your own key.</p>
        {failure ? (
          <MessageBar intent="error" layout="multiline" role="alert">
            <MessageBarBody>
              <MessageBarTitle>{failure.title}.</MessageBarTitle> {failure.message} {failure.advice}
            </MessageBarBody>
          </MessageBar>
        ) : null}
        {past ? (
          <div className={css.past}>
            <p className={css.pastWords}>{past.chats === 1 ? 'A chat of yours is' : `${figure(past.chats)} chats of yours are`} still in this browser.</p>
            <Button onClick={onRead}>Read your chats</Button>
          </div>
        ) : null}
        <Field label="Event code or API key" hint="A key, a code, or CODE/NAME: paste it as you got it.">
          <Input
            size="large"
            type={shown ? 'text' : 'password'}
            autoComplete="off"
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
      </form>
      <p className={css.signFoot}>The key stays in this browser and goes to this gateway only.</p>
    </main>
  )
}
