import type { Limit } from '../api/types'
import { figure } from './figures'

/** The limit of which the least share is left; none where nothing is limited. */
export function leastLeft(limits: Limit[]): Limit | undefined {
  return limits.filter((l) => l.amount > 0).toSorted((a, b) => shareLeft(a) - shareLeft(b))[0]
}

export const shareLeft = (l: Limit) => l.left / l.amount

/** What is left of a limit, in few words: `463 of 500 requests left`. */
export const leftWords = (l: Limit) => `${figure(l.left)} of ${figure(l.amount)} ${l.quantity === 'money' ? l.unit : l.quantity} left`
