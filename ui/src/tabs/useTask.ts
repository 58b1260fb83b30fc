import { useCallback, useEffect, useRef, useState } from 'react'
import { failureFrom } from '../api/client'
import { spokenFailure } from '../api/failure'
import type { Failure } from '../api/types'
import { useDesk } from '../parts/desk'

/** Runs one call at a time; its failure stays until it is dismissed or the next call begins. */
export function useTask() {
  const { failed, look, announce } = useDesk()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const controller = useRef<AbortController | null>(null)
  useEffect(() => () => controller.current?.abort(), [])
  const run = useCallback(
    async (work: (signal: AbortSignal) => Promise<void>) => {
      const own = new AbortController()
      controller.current = own
      setBusy(true)
      setFailure(null)
      try {
        await work(own.signal)
      } catch (e) {
        const f = failureFrom(e)
        setFailure(f)
        if (f) {
          failed(f)
          announce(spokenFailure(f))
        }
      }
      look()
      setBusy(false)
    },
    [failed, look, announce],
  )
  const stop = useCallback(() => controller.current?.abort(), [])
  return { busy, failure, run, stop, dismiss: () => setFailure(null) }
}
