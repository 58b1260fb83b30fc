import { Button, Checkbox } from '@fluentui/react-components'
import { useState } from 'react'
import { failureFrom } from '../api/client'
import { redeem } from '../api/door'
import type { Failure } from '../api/types'
import type { useTheme } from '../theme'
import { SignFrame } from './SignFrame'
import css from './views.module.css'

interface Props {
  ticket: string
  theme: ReturnType<typeof useTheme>
  onKey: (key: string, remember: boolean) => Promise<void>
  onBack: () => void
}

/** Asks before a sign-in that was shown on another device comes to this one: the link may be somebody else's. */
export function TicketStep({ ticket, theme, onKey, onBack }: Props) {
  const [remember, setRemember] = useState(true)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    try {
      await onKey(await redeem(ticket), remember)
    } catch (e) {
      setFailure(failureFrom(e))
    }
    setBusy(false)
  }
  return (
    <SignFrame title="Sign in on this device" words="You opened a sign-in from another device. Go on only if you asked for it there yourself." failure={failure} theme={theme} onSubmit={submit}>
      {failure ? null : (
        <>
          <Checkbox className={css.remember} label="Remember me on this device" checked={remember} onChange={(_, d) => setRemember(d.checked === true)} />
          <Button type="submit" appearance="primary" size="large" disabled={busy} autoFocus>{busy ? 'Signing in…' : 'Sign in here'}</Button>
        </>
      )}
      <Button appearance={failure ? 'primary' : 'transparent'} onClick={onBack}>{failure ? 'Sign in in another way' : 'No, leave it'}</Button>
    </SignFrame>
  )
}
