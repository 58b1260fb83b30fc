import { useCallback, useReducer } from 'react'
import { failureFrom, readFacts } from '../api/client'
import { spokenFailure } from '../api/failure'
import { object } from '../api/json'
import { readAnswer } from '../api/stream'
import { emptyFacts } from '../api/facts'
import type { Facts, Failure } from '../api/types'
import { Answer } from '../chat/accumulate'
import { buildChat, type ChatBody } from '../chat/request'
import type { AssistantTurn, Card, Chat, ErrorTurn, Turn } from '../chat/types'
import { earlierOf } from '../chat/versions'
import { type Desk, useDesk } from '../parts/desk'
import { newId } from '../parts/hooks'
import type { Chats } from './useChats'

export interface Call {
  /** Adds turns to the open chat, after cutting it at `from`, and asks the model to go on. */
  send(added: Turn[], from?: string): void
  stop(): void
  busy: boolean
}

/** Asks the model and puts its answer, or its failure, into the chat. */
export function useCall(chats: Chats): Call {
  const desk = useDesk()
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const { chat, running } = chats
  const send = useCallback<Call['send']>(
    (added, from) => {
      if (running.has(chat.id) || desk.ended) return
      const at = from === undefined ? -1 : chat.turns.findIndex((t) => t.id === from)
      const turns = (at < 0 ? chat.turns : chat.turns.slice(0, at)).concat(added)
      const model = desk.session.models.find((m) => m.name === chat.settings.model)
      const body = buildChat(chat.setup, chat.settings, turns, model, desk.session.maxTokens)
      const question = turns.findLast((t) => t.role === 'user')?.id ?? ''
      if (at >= 0) chats.dispatch({ do: 'cut', id: chat.id, turn: from as string })
      // Sent again, it is no longer one that was refused.
      const asked = added.map((t) => (t.id === question ? { ...t, refused: false } : t))
      chats.dispatch({ do: 'mark', id: chat.id, turn: question, refused: false })
      const controller = new AbortController()
      running.set(chat.id, controller)
      const kept = added.length === 0 && at >= 0 ? chat.turns.slice(at).filter((t) => t.role !== 'error') : []
      run({ desk, chats, chat, added: asked, question, kept, body }, controller.signal).finally(() => {
        running.delete(chat.id)
        redraw()
      })
    },
    [chat, chats, desk, running],
  )
  const stop = useCallback(() => running.get(chat.id)?.abort(), [chat.id, running])
  return { send, stop, busy: running.has(chat.id) }
}

interface Job {
  desk: Desk
  chats: Chats
  chat: Chat
  added: Turn[]
  /** The turn that asks. */
  question: string
  /** The answer that is to be made anew, and what follows it: they come back when nothing comes in their place. */
  kept: Turn[]
  body: ChatBody
}

async function run(job: Job, signal: AbortSignal): Promise<void> {
  const { desk, chats, chat, body } = job
  const answer = new Answer()
  const turn: AssistantTurn = { role: 'assistant', id: newId(), text: '', reasoning: '', calls: [], state: 'streaming', card: null, raw: null, ...earlierOf(job.kept.find((t) => t.role === 'assistant')) }
  chats.dispatch({ do: 'append', id: chat.id, turns: [...job.added, turn], now: Date.now() })
  const startedAt = performance.now()
  let firstMs: number | null = null
  let facts: Facts = emptyFacts
  let failure: Failure | null = null
  const show = () => {
    firstMs ??= performance.now() - startedAt
    chats.live.put(turn.id, { text: answer.shown, reasoning: answer.reasoning, calls: answer.calls, startedAt })
  }
  desk.announce('Waiting for the answer.')
  try {
    const res = await desk.client.post('/openai/v1/chat/completions', body, signal)
    facts = readFacts(res.headers)
    await readAnswer(res, answer, show, signal)
  } catch (e) {
    failure = failureFrom(e)
  }
  const stopped = failure === null && signal.aborted
  const card = cardOf(answer, body.model, facts, firstMs, performance.now() - startedAt)
  conclude(job, { ...turn, state: stopped ? 'stopped' : failure ? 'broken' : 'done', ...shownBy(answer), ...askedOf(body, answer), card, raw: { request: body, response: answer.whole() } }, failure)
  // Until it is drawn the chat has only what stands here, and a page that goes keeps that.
  setTimeout(() => chats.live.end(turn.id), 1000)
}

const shownBy = (a: Answer) => ({ text: a.shown, reasoning: a.reasoning, calls: named(a), ...(a.left > 0 ? { left: a.left } : {}) })

/** The form that an answer in words was asked to have. */
function askedOf(body: ChatBody, a: Answer): Pick<AssistantTurn, 'asked'> {
  const format = object(body.response_format)
  if (a.text === '') return {}
  if (format.type === 'json_schema') return { asked: { schema: object(format.json_schema).schema ?? null } }
  return format.type === 'json_object' ? { asked: { schema: null } } : {}
}

/** Gives calls that came without an id one, so that results can name them. */
const named = (a: Answer) => a.calls.map((c, i) => (c.id ? c : { ...c, id: `call_${i}` }))

function conclude({ desk, chats, chat, body, question, kept }: Job, turn: AssistantTurn, failure: Failure | null): void {
  const now = Date.now()
  const empty = turn.text === '' && turn.calls.length === 0 && turn.reasoning === ''
  if (failure) {
    const error: ErrorTurn = { role: 'error', id: newId(), failure, request: body }
    const back = empty ? kept : []
    if (empty) chats.dispatch({ do: 'drop', id: chat.id, turn: turn.id })
    else chats.dispatch({ do: 'put', id: chat.id, turn, now })
    chats.dispatch({ do: 'append', id: chat.id, turns: [...back, back[0] ? { ...error, again: back[0].id } : error], now })
    if (empty && back.length === 0) chats.dispatch({ do: 'mark', id: chat.id, turn: question, refused: true })
    desk.failed(failure)
  } else chats.dispatch({ do: 'put', id: chat.id, turn, now })
  if (turn.card && (!failure || !empty)) {
    desk.spent({ prompt: turn.card.promptTokens, completion: turn.card.completionTokens, total: turn.card.totalTokens }, turn.card.facts)
  }
  desk.look()
  desk.announce(failure ? spokenFailure(failure) : spoken(turn))
}

/** What a screen reader says when the answer is there; the whole of a very long one is left to reading. */
function spoken(turn: AssistantTurn): string {
  if (turn.calls.length > 0) return `The model calls ${turn.calls.slice(0, 10).map((c) => c.name).join(', ')}${turn.calls.length > 10 ? ` and ${turn.calls.length - 10} more` : ''}.`
  const begun = turn.text.length > 1500 ? `${turn.text.slice(0, 1500)} …` : turn.text
  return `${turn.state === 'stopped' ? 'Stopped. ' : 'Answer: '}${begun}`
}

function cardOf(a: Answer, asked: string, facts: Facts, firstMs: number | null, totalMs: number): Card {
  return {
    model: a.model || asked,
    finish: a.finish,
    promptTokens: a.tokens('prompt_tokens'),
    completionTokens: a.tokens('completion_tokens'),
    totalTokens: a.tokens('total_tokens'),
    reasoningTokens: a.reasoningTokens,
    firstMs,
    totalMs,
    facts,
    promptFilter: a.promptFilter,
    answerFilter: a.answerFilter,
  }
}
