import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Spinner } from '@fluentui/react-components'
import { useCallback, useMemo, useState } from 'react'
import type { Client } from '../api/client'
import type { Facts, Session } from '../api/types'
import { ChatView } from '../chatview/ChatView'
import { useChats } from '../chatview/useChats'
import { type Desk, DeskContext, type Totals } from '../parts/desk'
import { useSeenHeight } from '../parts/hooks'
import { lazily } from '../parts/lazily'
import { toMessageBox } from '../parts/shortcuts'
import type { useTheme } from '../theme'
import { ownerOf } from '../store/chats'
import { Header, type View } from './Header'
import { useEventEnd } from './useEventEnd'
import { useSession } from './useSession'
import css from './views.module.css'

const Loading = () => <div className={css.centre}><Spinner label="Loading" /></div>

const ImagesView = lazily(() => import('../tabs/ImagesView'), Loading)
const CompletionsView = lazily(() => import('../tabs/CompletionsView'), Loading)
const EmbeddingsView = lazily(() => import('../tabs/EmbeddingsView'), Loading)
const AudioView = lazily(() => import('../tabs/AudioView'), Loading)

interface Props {
  client: Client
  first: Session
  theme: ReturnType<typeof useTheme>
  onSignOut: () => void
}

/** Everything behind the sign-in. */
export function Workspace({ client, first, theme, onSignOut }: Props) {
  const [view, setView] = useState<View>('chat')
  useSeenHeight()
  const [words, announce] = useState('')
  const desk = useDeskState(client, first, announce)
  const chats = useChats(ownerOf(first), first)
  return (
    <DeskContext value={desk}>
      <div className={css.workspace}>
        {view === 'chat' ? <a className={css.skip} href="#composer" onClick={(e) => { e.preventDefault(); toMessageBox() }}>Skip to the message box</a> : null}
        <Header view={view} onView={setView} theme={theme} onSignOut={onSignOut} />
        {desk.ended ? (
          <EndedBar onCheck={desk.check} />
        ) : null}
        <main className={css.main}>
          {view === 'chat' ? <ChatView chats={chats} /> : null}
          {view === 'image' ? <ImagesView /> : null}
          {view === 'completion' ? <CompletionsView /> : null}
          {view === 'embedding' ? <EmbeddingsView /> : null}
          {view === 'audio' ? <AudioView /> : null}
        </main>
        <div className="visually-hidden" aria-live="polite" data-testid="announcer">{words}</div>
      </div>
    </DeskContext>
  )
}

/** Says that it is over; an organiser may still prolong the event. */
function EndedBar({ onCheck }: { onCheck: () => void }) {
  return (
    <MessageBar intent="warning" layout="multiline" className={css.endedBar} role="alert">
      <MessageBarBody>
        <MessageBarTitle>The event has ended.</MessageBarTitle> Nothing more can be sent. Your chats stay in this browser: you can still read and export them.
      </MessageBarBody>
      <MessageBarActions>
        <Button size="small" onClick={onCheck}>Check again</Button>
      </MessageBarActions>
    </MessageBar>
  )
}

function useDeskState(client: Client, first: Session, announce: (words: string) => void): Desk & { check: () => void } {
  const { session, ask, look } = useSession(client, first)
  const [totals, setTotals] = useState<Totals>({ calls: 0, prompt: 0, completion: 0, total: 0 })
  const [facts, setFacts] = useState<Facts | null>(null)
  const { ended, failed, goesOn } = useEventEnd(session.event, session.clockLag)
  const check = useCallback(() => {
    ask().then(goesOn, () => undefined)
  }, [ask, goesOn])
  const spent = useCallback<Desk['spent']>((usage, headers) => {
    setTotals((t) => ({
      calls: t.calls + 1,
      prompt: t.prompt + (usage.prompt ?? 0),
      completion: t.completion + (usage.completion ?? 0),
      total: t.total + (usage.total ?? 0),
    }))
    setFacts(headers)
  }, [])
  return useMemo(
    () => ({ client, session, ended, reading: false, totals, facts, spent, failed, look, announce, check }),
    [client, session, ended, totals, facts, spent, failed, look, announce, check],
  )
}
