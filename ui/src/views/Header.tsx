import { Button, Link, Tab, TabList } from '@fluentui/react-components'
import { PhoneRegular, SignOutRegular } from '@fluentui/react-icons'
import { useEffect, useState } from 'react'
import type { EventInfo, Kind } from '../api/types'
import { localTime, shortTime } from '../api/times'
import { useDesk } from '../parts/desk'
import { duration, useNow } from '../parts/hooks'
import { lazily } from '../parts/lazily'
import type { useTheme } from '../theme'
import { QuotaMeter } from './QuotaMeter'
import { ThemeButton } from './ThemeButton'
import css from './views.module.css'

const Phone = lazily(() => import('./Phone'))

export type View = 'chat' | 'image' | 'completion' | 'embedding' | 'audio'

const views: { view: View; label: string; kinds: Kind[] }[] = [
  { view: 'chat', label: 'Chat', kinds: ['chat'] },
  { view: 'image', label: 'Images', kinds: ['image'] },
  { view: 'completion', label: 'Completions', kinds: ['completion'] },
  { view: 'embedding', label: 'Embeddings', kinds: ['embedding'] },
  { view: 'audio', label: 'Audio', kinds: ['speech', 'transcription'] },
]

interface Props {
  view: View
  onView: (view: View) => void
  theme: ReturnType<typeof useTheme>
  onSignOut: () => void
}

/** Who and where: the event, its end, the tabs that the models allow. */
export function Header({ view, onView, theme, onSignOut }: Props) {
  const { client, session, ended } = useDesk()
  const shown = views.filter((v) => v.view === 'chat' || session.models.some((m) => v.kinds.includes(m.kind)))
  const who = session.name || session.attendee || session.caller
  return (
    <header className={css.header}>
      <div className={css.brand}>
        <Logo event={session.event} />
        <div className={css.brandWords}>
          <h1 className={css.brandName}>{session.event?.name || 'Playground'}</h1>
          {session.event ? <EventLine event={session.event} ended={ended} clockLag={session.clockLag} /> : null}
        </div>
      </div>
      <TabList className={css.tabs} selectedValue={view} onTabSelect={(_, d) => onView(d.value as View)} aria-label="What to try">
        {shown.map((v) => <Tab key={v.view} value={v.view}>{v.label}</Tab>)}
      </TabList>
      <div className={css.headerEnd}>
        {who ? <span className={css.who} title={who}>{who}</span> : null}
        <QuotaMeter />
        {client.key === '' ? null : <PhoneButton />}
        <ThemeButton theme={theme} />
        <Button appearance="subtle" icon={<SignOutRegular />} aria-label="Sign out" title="Sign out" onClick={onSignOut} />
      </div>
    </header>
  )
}

function PhoneButton() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button appearance="subtle" className={css.phoneButton} icon={<PhoneRegular />} aria-label="Use on your phone" title="Use on your phone" onClick={() => setOpen(true)} />
      {open ? <Phone onClose={() => setOpen(false)} /> : null}
    </>
  )
}

function Logo({ event }: { event: EventInfo | null }) {
  const [broken, setBroken] = useState(false)
  const own = event?.image && !broken
  return <img className={css.logo} src={own ? event.image : '/mark.svg'} alt="" onError={() => setBroken(true)} referrerPolicy="no-referrer" />
}

function EventLine({ event, ended, clockLag }: { event: EventInfo; ended: boolean; clockLag: number }) {
  return (
    <span className={css.eventLine}>
      {event.end ? <Countdown end={event.end} ended={ended} clockLag={clockLag} /> : null}
      {event.url ? <Link href={event.url} target="_blank" rel="noopener noreferrer">{event.urlText || 'About the event'}</Link> : null}
    </span>
  )
}

function Countdown({ end, ended, clockLag }: { end: Date; ended: boolean; clockLag: number }) {
  const [near, setNear] = useState(false)
  const now = useNow(near ? 1000 : 15_000, !ended)
  const left = end.getTime() - clockLag - now
  useEffect(() => setNear(left < 10 * 60_000), [left])
  return (
    <span title={localTime(end)} className={near && !ended ? css.soon : undefined}>
      {ended || left <= 0 ? 'Ended' : <><span className={css.endsAt}>Ends {shortTime(end, new Date(now))} · </span>{duration(left)} left</>}
    </span>
  )
}
