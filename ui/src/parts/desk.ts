import { createContext, use } from 'react'
import type { Client } from '../api/client'
import type { Facts, Failure, Session } from '../api/types'

/** What this page has spent since it was opened. */
export interface Totals {
  calls: number
  prompt: number
  completion: number
  total: number
}

/** What every part of the page may use once the visitor has signed in. */
export interface Desk {
  client: Client
  session: Session
  /** The event is over: nothing more can be sent. */
  ended: boolean
  /** Nobody is signed in: the chats that this browser keeps are read, and nothing is changed. */
  reading: boolean
  totals: Totals
  /** The headers of the last answer. */
  facts: Facts | null
  /** Counts a finished call. */
  spent(usage: { prompt: number | null; completion: number | null; total: number | null }, facts: Facts): void
  /** Told of every failed call: one that says the event is over ends it for the page. */
  failed(failure: Failure): void
  /** Asks soon what is left of the limits: a call has ended, well or badly. */
  look(): void
  /** Says something to those who listen rather than look. */
  announce(words: string): void
}

export const DeskContext = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const desk = use(DeskContext)
  if (!desk) throw new Error('the desk is only there after signing in')
  return desk
}
