import { FluentProvider, Spinner } from '@fluentui/react-components'
import { useCallback, useEffect, useState } from 'react'
import { Client, failureFrom } from './api/client'
import type { Failure, Session } from './api/types'
import { forgetKey, loadKey, saveKey } from './store/keys'
import { useTheme } from './theme'
import { SignIn } from './views/SignIn'
import css from './views/views.module.css'
import { Workspace } from './views/Workspace'

interface Signed {
  client: Client
  session: Session
}

/** The page: signing in, then the workspace. */
export function App() {
  const theme = useTheme()
  const [signed, setSigned] = useState<Signed | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [checking, setChecking] = useState(() => loadKey() !== null)

  const signIn = useCallback(async (key: string, remember: boolean): Promise<void> => {
    setFailure(null)
    const client = new Client(key)
    try {
      const session = await client.session()
      saveKey(key, remember)
      setSigned({ client, session })
    } catch (e) {
      setFailure(failureFrom(e))
    }
  }, [])

  useEffect(() => {
    const kept = loadKey()
    if (kept) signIn(kept.key, kept.remembered).finally(() => setChecking(false))
  }, [signIn])

  const signOut = () => {
    forgetKey()
    setSigned(null)
    setFailure(null)
  }
  return (
    <FluentProvider theme={theme.theme} className="app">
      {signed ? (
        <Workspace client={signed.client} first={signed.session} theme={theme} onSignOut={signOut} />
      ) : checking ? (
        <div className={css.centre}><Spinner label="Signing in" /></div>
      ) : (
        <SignIn failure={failure} onSignIn={signIn} theme={theme} />
      )}
    </FluentProvider>
  )
}
