import { useCallback, useEffect, useRef, useState } from 'react'
import type { Client } from '../api/client'
import { nextLook } from '../api/session'
import type { Session } from '../api/types'

/** How long after a call what is left is asked for: soon, and again for what is settled late. */
const looksMs = [300, 3000]

/**
 * The session as it was last told: asked for again after each call, and when what is left
 * changes by itself. The newest question's answer counts, whichever comes last.
 */
export function useSession(client: Client, first: Session): { session: Session; ask: () => Promise<void>; look: () => void } {
  const [session, setSession] = useState(first)
  const asked = useRef(0)
  const shown = useRef(0)
  const timers = useRef<ReturnType<typeof setTimeout>[]>([])

  const ask = useCallback(async () => {
    const turn = ++asked.current
    const s = await client.session()
    if (turn < shown.current) return
    shown.current = turn
    setSession(s)
  }, [client])

  const look = useCallback(() => {
    timers.current.forEach(clearTimeout)
    timers.current = looksMs.map((ms) => setTimeout(() => ask().catch(() => undefined), ms))
  }, [ask])
  useEffect(() => () => timers.current.forEach(clearTimeout), [])

  useEffect(() => {
    const wait = nextLook(session, Date.now())
    if (wait === null) return
    const timer = setTimeout(() => ask().catch(() => undefined), wait)
    return () => clearTimeout(timer)
  }, [session, ask])
  return { session, ask, look }
}
