import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import { Client } from '../api/client'
import { ChatPane } from '../chatview/ChatPane'
import { useCall } from '../chatview/useCall'
import { useChats } from '../chatview/useChats'
import { type Desk, DeskContext } from '../parts/desk'
import type { Past } from '../store/past'
import type { useTheme } from '../theme'
import { Header } from './Header'
import css from './views.module.css'

interface Props {
  past: Past
  theme: ReturnType<typeof useTheme>
  onLeave: () => void
}

/** The chats that this browser keeps of somebody who is not let in, or no longer: read and exported, never changed. */
export function Reading({ past, theme, onLeave }: Props) {
  const [words, announce] = useState('')
  const desk = useMemo<Desk>(() => {
    const nothing = () => undefined
    const totals = { calls: 0, prompt: 0, completion: 0, total: 0 }
    // Nothing is asked of the gateway, so the client has no key.
    return { client: new Client(''), session: past.session, ended: true, reading: true, totals, facts: null, spent: nothing, failed: nothing, look: nothing, announce }
  }, [past])
  return (
    <DeskContext value={desk}>
      <div className={css.workspace}>
        <Header view="chat" onView={() => undefined} theme={theme} onSignOut={onLeave} />
        <MessageBar intent="info" layout="multiline" className={css.endedBar} role="status">
          <MessageBarBody>
            <MessageBarTitle>These are your chats.</MessageBarTitle> They are in this browser only. You can read and export them; nothing can be sent.
          </MessageBarBody>
          <MessageBarActions>
            <Button size="small" onClick={onLeave}>Back to sign-in</Button>
          </MessageBarActions>
        </MessageBar>
        <main className={css.reading}><Chats past={past} /></main>
        <div className="visually-hidden" aria-live="polite" data-testid="announcer">{words}</div>
      </div>
    </DeskContext>
  )
}

function Chats({ past }: { past: Past }) {
  const chats = useChats(past.owner, past.session, true)
  return <ChatPane chats={chats} call={useCall(chats)} />
}
