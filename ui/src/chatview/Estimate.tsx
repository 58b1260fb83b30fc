import { useDeferredValue, useMemo } from 'react'
import type { Model, Session } from '../api/types'
import { estimateDraft } from '../chat/tokens'
import type { Attachments } from '../chat/types'
import css from './chat.module.css'
import { figure } from '../parts/figures'

interface Props {
  text: string
  attached: Attachments
  /** Tokens that go along with the message. */
  before: number
  model: Model | undefined
  session: Session
  /** Pictures and sounds of the chat that do not go along. */
  left: number
}

/** What the next message costs, guessed, and whether there is room for it. */
export function Estimate({ text, attached, before, model, session, left }: Props) {
  const draft = useDeferredValue(text)
  const count = useMemo(() => before + estimateDraft(draft, attached), [draft, attached, before])
  const context = model?.context ?? 0
  const rest = Math.min(Infinity, ...session.limits.filter((l) => l.quantity === 'tokens').map((l) => l.left))
  const over = context > 0 && count > context ? `: more than the model's ${figure(context)}` : count > rest ? `: more than the ${figure(Math.floor(rest))} that are left to you` : ''
  return (
    <>
      <span className={over ? css.over : undefined}>About {figure(count)} tokens will be sent{over}</span>
      {left > 0 ? <span> · {left === 1 ? 'One attachment' : `${left} attachments`} of this chat {left === 1 ? 'is' : 'are'} left out: {model?.name} does not take {left === 1 ? 'it' : 'them'}, or the browser did not keep {left === 1 ? 'it' : 'them'}</span> : null}
    </>
  )
}
