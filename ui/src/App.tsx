import { FluentProvider, Spinner } from '@fluentui/react-components'
import { useCallback, useEffect, useState } from 'react'
import { Client, failureFrom } from './api/client'
import { namelessIn, signUpPage, unknownWords } from './api/door'
import { signInFailure } from './api/failure'
import type { EventInfo, Failure, Session } from './api/types'
import { newId } from './parts/hooks'
import { forgetKey, loadKey, saveKey } from './store/keys'
import { findPast, keepPast, type Past } from './store/past'
import { ticketOfAddress } from './store/ticket'
import { useTheme } from './theme'
import { NameStep } from './views/NameStep'
import { Reading } from './views/Reading'
import { SignIn } from './views/SignIn'
import { TicketStep } from './views/TicketStep'
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
  const [ticket, setTicket] = useState(ticketOfAddress)
  const [nameless, setNameless] = useState<{ code: string; event: EventInfo } | null>(null)
  const [checking, setChecking] = useState(() => ticket === '' && loadKey() !== null)

  const signIn = useCallback(async (key: string, remember: boolean): Promise<void> => {
    setFailure(null)
    setPast(null)
    const client = new Client(key)
    try {
      const session = await client.session()
      const event = namelessIn(session, key)
      setNameless(event && { code: key, event })
      if (event) return
      setTicket('')
      saveKey(key, remember)
      keepPast(key, session)
      setSigned({ client, session })
    } catch (e) {
      const f = failureFrom(e)
      const elsewhere = f ? signUpPage(f, key) : ''
      if (elsewhere !== '') return location.assign(elsewhere)
      setTicket('')
      setNameless(null)
      setFailure(f && signInFailure(f, unknownWords(key)))
      setPast(await findPast(key, newId))
    }
  }, [])

  useEffect(() => {
    const kept = loadKey()
    if (kept && ticket === '') signIn(kept.key, kept.remembered).finally(() => setChecking(false))
  }, [])

  const back = () => {
    setTicket('')
    setNameless(null)
    const kept = ticket === '' ? null : loadKey()
    if (kept) signIn(kept.key, kept.remembered)
  }
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
      ) : ticket ? (
        <TicketStep ticket={ticket} theme={theme} onKey={signIn} onBack={back} />
      ) : nameless ? (
        <NameStep {...nameless} theme={theme} onKey={signIn} onBack={back} />
      ) : past && reading ? (
        <Reading past={past} theme={theme} onLeave={signOut} />
      ) : (
        <SignIn failure={failure} past={past} onRead={() => setReading(true)} onSignIn={signIn} theme={theme} />
      )}
    </FluentProvider>
  )
}
