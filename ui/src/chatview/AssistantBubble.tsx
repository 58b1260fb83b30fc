import { Button, Spinner } from '@fluentui/react-components'
import { ArrowClockwiseRegular, BotSparkleRegular, ChevronLeftRegular, ChevronRightRegular, DeleteRegular } from '@fluentui/react-icons'
import { memo, useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { AssistantTurn } from '../chat/types'
import { versionsOf } from '../chat/versions'
import { CopyButton } from '../parts/CopyButton'
import { figure } from '../parts/figures'
import { duration, useNow } from '../parts/hooks'
import { lazily } from '../parts/lazily'
import type { LiveAnswers } from '../parts/live'
import { AnswerCard } from './AnswerCard'
import css from './chat.module.css'
import { SchemaBadge } from './SchemaBadge'
import { ToolCalls } from './ToolCalls'

const Plain = ({ text }: { text: string }) => <p className={css.plain}>{text}</p>

/** Where there is no Markdown, an answer is its text. */
const Markdown = lazily(() => import('../parts/Markdown'), Plain, Plain)

interface Props {
  turn: AssistantTurn
  live: LiveAnswers
  still: boolean
  onGrow: () => void
  onDrop: () => void
  onAgain: () => void
  onVersion: (at: number) => void
  /** It is the last, and no error that offers the same stands beneath it. */
  last: boolean
}

/** An answer, while it comes and after. */
export function AssistantBubble({ turn, live, still, onGrow, onDrop, onAgain, onVersion, last }: Props) {
  const streaming = turn.state === 'streaming'
  return (
    <article className={css.answer} aria-label="Assistant" aria-busy={streaming}>
      <span className={css.avatar} aria-hidden><BotSparkleRegular /></span>
      <div className={css.bubble}>
        <Content turn={turn} live={live} onGrow={onGrow} />
        {turn.state === 'stopped' ? <p className={css.mark}>■ Stopped by you</p> : null}
        {turn.state === 'broken' ? (
          <p className={css.mark}>
            ⚠ {turn.text || turn.reasoning ? 'The answer broke off here' : 'The answer broke off before anything came'}
            {last && !still ? <Button className={css.again} size="small" onClick={onAgain}>Try again</Button> : null}
          </p>
        ) : null}
        {turn.asked && turn.text ? <SchemaBadge turn={turn} schema={turn.asked.schema} /> : null}
        {streaming ? null : (
          <div className={css.foot}>
            {turn.card ? <AnswerCard card={turn.card} /> : null}
            <div className={css.actions}>
              <Versions turn={turn} still={still} onVersion={onVersion} />
              {turn.text ? <CopyButton text={turn.text} label="Copy the answer" /> : null}
              <Button appearance="subtle" size="small" icon={<ArrowClockwiseRegular />} aria-label="Regenerate" title="Regenerate" disabled={still} onClick={onAgain} />
              <Button appearance="subtle" size="small" icon={<DeleteRegular />} aria-label="Delete the answer" title="Delete" disabled={still} onClick={onDrop} />
            </div>
          </div>
        )}
      </div>
    </article>
  )
}

/** Leads through the answers to one question. */
function Versions({ turn, still, onVersion }: Pick<Props, 'turn' | 'still' | 'onVersion'>) {
  const at = turn.earlier?.length ?? 0
  const count = versionsOf(turn).length
  if (count < 2) return null
  return (
    <div className={css.versions} role="group" aria-label="Answers to this question">
      <Button appearance="subtle" size="small" icon={<ChevronLeftRegular />} aria-label="Earlier answer" title="Earlier answer" disabled={still || at === 0} onClick={() => onVersion(at - 1)} />
      <span>{at + 1} of {count}</span>
      <Button appearance="subtle" size="small" icon={<ChevronRightRegular />} aria-label="Later answer" title="Later answer" disabled={still || at === count - 1} onClick={() => onVersion(at + 1)} />
    </div>
  )
}

/** One component while the answer comes and after, so that nothing is drawn anew at its end. */
function Content({ turn, live, onGrow }: { turn: AssistantTurn; live: LiveAnswers; onGrow: () => void }) {
  const { id } = turn
  const subscribe = useCallback((changed: () => void) => live.subscribe(id, changed), [live, id])
  const coming = useSyncExternalStore(subscribe, () => live.get(id))
  const streaming = turn.state === 'streaming'
  const answer = streaming ? coming : turn
  if (!answer) return <Waiting />
  // A bubble as wide as its text has to measure all of it again for each piece that comes.
  const wide = answer.text.length > 300
  return (
    <>
      {wide ? <span className={css.wideMark} /> : null}
      <Body text={answer.text} reasoning={answer.reasoning} streaming={streaming} onGrow={onGrow} />
      <ToolCalls calls={answer.calls} coming={streaming} />
      {turn.left ? <p className={css.mark}>{figure(turn.left)} more calls were left out: an answer has at most 128 here</p> : null}
    </>
  )
}

/** Before the first piece: how long it has been, so that a late answer is seen to be late. */
function Waiting() {
  const now = useNow(1000)
  const [start] = useState(() => Date.now())
  const waited = now - start
  return <Spinner className={css.waiting} size="tiny" label={waited < 3000 ? 'Waiting for the answer' : `Waiting for the answer, ${duration(waited)}`} />
}

interface BodyProps {
  text: string
  reasoning: string
  streaming: boolean
  onGrow: () => void
}

const Body = memo(function Body({ text, reasoning, streaming, onGrow }: BodyProps) {
  useEffect(onGrow)
  return (
    <>
      {reasoning ? (
        <details className={css.reasoning}>
          <summary>Reasoning</summary>
          <p className={css.plain}>{reasoning}</p>
        </details>
      ) : null}
      {text ? <Markdown text={text} streaming={streaming} onGrow={onGrow} /> : null}
    </>
  )
})
