import { shortTime } from '../api/times'
import { promptsFor } from '../chat/prompts'
import { useDesk } from '../parts/desk'
import { leastLeft, leftWords } from '../parts/left'
import css from './chat.module.css'
import { PromptChips } from './PromptChips'

/** A chat without messages: where one is, what is left to use, what to begin with. */
export function Empty({ model, onPrompt }: { model: string; onPrompt?: (text: string) => void }) {
  const { session, ended } = useDesk()
  const { event } = session
  const least = leastLeft(session.limits)
  const facts = [
    event?.end && !ended ? `Open until ${shortTime(event.end, new Date())}` : '',
    least && !ended ? leftWords(least) : '',
  ].filter(Boolean)
  return (
    <div className={css.empty}>
      <img src="/mark.svg" alt="" width={40} height={40} />
      <p className={css.emptyTitle} dir="auto">{event?.name ? `Welcome to ${event.name}` : 'Start chatting'}</p>
      <p className={css.emptyWords}>Ask anything below. What the assistant is told beforehand is its setup, and how it answers its configuration.</p>
      {facts.length > 0 ? <p className={css.emptyFacts}>{facts.join(' · ')}</p> : null}
      {onPrompt ? <PromptChips large prompts={promptsFor(session, session.models.find((m) => m.name === model))} onChoose={onPrompt} /> : null}
    </div>
  )
}
