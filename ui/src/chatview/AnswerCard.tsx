import { Badge } from '@fluentui/react-components'
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { useId, useState } from 'react'
import { categoryName } from '../api/failure'
import type { Facts, Verdict } from '../api/types'
import type { Card } from '../chat/types'
import css from './chat.module.css'
import { figure } from '../parts/figures'

/** What one answer took: a line at first, everything when opened. */
export function AnswerCard({ card }: { card: Card }) {
  const [open, setOpen] = useState(false)
  const id = useId()
  const line = [
    card.totalTokens !== null ? `${figure(card.totalTokens)} tokens` : '',
    seconds(card.totalMs),
    card.facts.region,
  ].filter(Boolean)
  const flagged = [...card.promptFilter, ...card.answerFilter].some((v) => v.filtered)
  return (
    <div className={css.card}>
      <button type="button" className={css.cardLine} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {open ? <ChevronDownRegular /> : <ChevronRightRegular />}
        <span>{line.join(' · ')}</span>
        {card.finish === 'length' ? <Badge size="small" color="warning" appearance="tint">cut at Max response</Badge> : null}
        {flagged || card.finish === 'content_filter' ? <Badge size="small" color="danger" appearance="tint">filtered</Badge> : null}
      </button>
      <div id={id} hidden={!open}>{open ? <Details card={card} /> : null}</div>
    </div>
  )
}

function Details({ card }: { card: Card }) {
  const { facts } = card
  const rows: [string, string][] = [
    ['Finish reason', card.finish || 'none'],
    ['Prompt tokens', count(card.promptTokens)],
    ['Completion tokens', count(card.completionTokens) + (card.reasoningTokens ? ` (${count(card.reasoningTokens)} reasoning)` : '')],
    ['Total tokens', count(card.totalTokens)],
    ['Time to first token', card.firstMs === null ? '—' : `${Math.round(card.firstMs)} ms`],
    ['Total time', `${Math.round(card.totalMs)} ms`],
    ['Model', card.model || '—'],
    served(facts),
  ]
  if (facts.cappedTo !== null) rows.push(['Capped to', `${count(facts.cappedTo)} tokens`])
  if (facts.requestId) rows.push(['Request', facts.requestId])
  return (
    <dl className={css.details}>
      {rows.map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
      <Filter name="Prompt filter" verdicts={card.promptFilter} />
      <Filter name="Answer filter" verdicts={card.answerFilter} />
    </dl>
  )
}

/** Where it was answered: who asks in an event is told the region alone. */
function served({ deployment, region }: Facts): [string, string] {
  if (!deployment && region) return ['Region', region]
  return ['Deployment', [deployment, region].filter(Boolean).join(', ') || '—']
}

function Filter({ name, verdicts }: { name: string; verdicts: Verdict[] }) {
  if (verdicts.length === 0) return null
  return (
    <div className={css.filter}>
      <dt>{name}</dt>
      <dd className={css.verdicts}>
        {verdicts.map((v) => (
          <Badge key={v.category} size="medium" appearance="tint" color={v.filtered ? 'danger' : ['', 'safe'].includes(v.severity) ? 'informative' : 'warning'}>
            {categoryName(v.category)}: {v.filtered ? 'filtered' : v.severity || 'not found'}
          </Badge>
        ))}
      </dd>
    </div>
  )
}

const count = (n: number | null) => (n === null ? '—' : figure(n))
const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`
