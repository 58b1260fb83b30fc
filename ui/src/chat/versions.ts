import type { AssistantTurn } from './types'

/** How many answers to one question are kept, the latest. */
const most = 20

/** All versions of an answer, in the order they came. */
export function versionsOf(turn: AssistantTurn): AssistantTurn[] {
  const { earlier = [], later = [], ...shown } = turn
  return [...earlier, shown, ...later]
}

/** What stands before an answer that is made anew: the versions that said something. */
export function earlierOf(turn: AssistantTurn | undefined): Pick<AssistantTurn, 'earlier'> {
  if (!turn) return {}
  const earlier = versionsOf(turn).filter((v) => v.state !== 'broken' && v.text !== '' && v.calls.length === 0).slice(-most)
  return earlier.length > 0 ? { earlier } : {}
}

/** The answer with another of its versions shown, counted from 0. */
export function showVersion(turn: AssistantTurn, at: number): AssistantTurn {
  const all = versionsOf(turn)
  const shown = all[at]
  if (!shown) return turn
  return { ...shown, id: turn.id, earlier: all.slice(0, at), later: all.slice(at + 1) }
}
