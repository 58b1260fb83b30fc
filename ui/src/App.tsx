import { FluentProvider, Spinner } from '@fluentui/react-components'
import { useCallback, useEffect, useState } from 'react'
import { Client, failureFrom } from './api/client'
import { signInFailure } from './api/failure'
import type { Failure, Session } from './api/types'
import { newId } from './parts/hooks'
import { forgetKey, loadKey, saveKey } from './store/keys'
import { findPast, keepPast, type Past } from './store/past'
import { useTheme } from './theme'
import { Reading } from './views/Reading'
import { SignIn } from './views/SignIn'
import css from './views/views.module.css'
import { Workspace } from './views/Workspace'

interface Signed {
  client: Client
  session: Session
}

/** The page: signing in, then the workspace; or, for who is refused, the chats that are kept here. */
export function App() {
  const theme = useTheme()
  const [signed, setSigned] = useState<Signed | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [past, setPast] = useState<Past | null>(null)
  const [reading, setReading] = useState(false)
  const [checking, setChecking] = useState(() => loadKey() !== null)

  const signIn = useCallback(async (key: string, remember: boolean): Promise<void> => {
    setFailure(null)
    setPast(null)
    const client = new Client(key)
    try {
      const session = await client.session()
      saveKey(key, remember)
      keepPast(key, session)
      setSigned({ client, session })
    } catch (e) {
      const f = failureFrom(e)
      setFailure(f && signInFailure(f))
      setPast(await findPast(key, newId))
    }
  }, [])

  useEffect(() => {
    const kept = loadKey()
    if (kept) signIn(kept.key, kept.remembered).finally(() => setChecking(false))
  }, [signIn])

  const signOut = () => {
    forgetKey()
    setSigned(null)
    setReading(false)
    setFailure(null)
    setPast(null)
  }
  return (
    <FluentProvider theme={theme.theme} className="app">
      {signed ? (
        <Workspace client={signed.client} first={signed.session} theme={theme} onSignOut={signOut} />
      ) : checking ? (
        <div className={css.centre}><Spinner label="Signing in" /></div>
      ) : past && reading ? (
        <Reading past={past} theme={theme} onLeave={signOut} />
      ) : (
        <SignIn failure={failure} past={past} onRead={() => setReading(true)} onSignIn={signIn} theme={theme} />
      )}
    </FluentProvider>
  )
}
