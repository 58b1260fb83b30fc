import { ProgressBar } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { limitName } from '../api/session'
import type { Limit } from '../api/types'
import { figure } from '../parts/figures'
import { useDesk } from '../parts/desk'
import { duration, useNow } from '../parts/hooks'
import { Section } from '../parts/Section'
import css from './quota.module.css'

/** What is left of the limits, and what this page has spent. */
export function Quota() {
  const { session, totals, facts } = useDesk()
  const minute = [facts?.remainingRequests, facts?.remainingTokens]
  // The headers of an answer were written while it was still being counted with all it could
  // have used, so they are shown only where the gateway tells nothing better.
  const better = session.limits.length > 0
  const words = better ? [] : ['requests', 'tokens'].flatMap((what, i) => (typeof minute[i] === 'number' ? [`${figure(minute[i] as number)} ${what}`] : []))
  return (
    <>
      <Section title="What is left">
        {session.limits.map((l, i) => <Left key={`${l.name}${l.quantity}${l.period}${i}`} limit={l} clockLag={session.clockLag} />)}
        {words.length > 0 ? <p className={css.words}>Just now: {words.join(', ')}</p> : null}
        {!better && facts?.budgetRemaining ? <p className={css.words}>Budget: {facts.budgetRemaining}</p> : null}
        {session.limits.length === 0 && words.length === 0 ? <p className={css.words}>{totals.calls > 0 ? 'The gateway names no limit of yours.' : 'Known after the first answer.'}</p> : null}
        {session.maxTokens ? <p className={css.words}>An answer has at most {figure(session.maxTokens)} tokens.</p> : null}
      </Section>
      <Section title="This session">
        <dl className={css.totals}>
          <dt>Answers</dt><dd>{figure(totals.calls)}</dd>
          <dt>Prompt tokens</dt><dd>{figure(totals.prompt)}</dd>
          <dt>Completion tokens</dt><dd>{figure(totals.completion)}</dd>
          <dt>Total tokens</dt><dd>{figure(totals.total)}</dd>
        </dl>
      </Section>
    </>
  )
}

/** One limit: how much of it is left, and until when. */
export function Left({ limit, clockLag }: { limit: Limit; clockLag: number }) {
  const share = limit.amount > 0 ? Math.min(1, limit.left / limit.amount) : 0
  const missing = limit.resets !== null && limit.left < limit.amount
  const [near, setNear] = useState(false)
  const now = useNow(near ? 1000 : 15_000, missing)
  const resets = limit.resets && missing ? limit.resets.getTime() - clockLag - now : 0
  // Below an hour it is told to the second.
  useEffect(() => setNear(resets > 0 && resets <= 3_616_000), [resets])
  const name = limitName(limit)
  const amount = (n: number) => `${figure(n, limit.amount < 10 ? 4 : 2)}${limit.unit && limit.quantity === 'money' ? ` ${limit.unit}` : ''}`
  return (
    <div className={css.limit}>
      <div className={css.limitRow}>
        <span className={css.limitName} title={limit.name}>{name}</span>
        <span className={css.limitLeft}>{amount(limit.left)} of {amount(limit.amount)}</span>
      </div>
      <ProgressBar value={share} color={share < 0.1 ? 'error' : share < 0.25 ? 'warning' : 'brand'} aria-label={`Left of ${name}`} thickness="medium" />
      {resets > 0 ? <span className={css.words}>Full again in {duration(resets)}</span> : null}
    </div>
  )
}
