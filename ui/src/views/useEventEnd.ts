import { useCallback, useEffect, useState } from 'react'
import type { EventInfo, Failure } from '../api/types'

/** The longest that a browser's timer can wait. */
const longest = 2 ** 31 - 1

/** Tells when the event is over: its end has passed, or a call was refused for it. */
export function useEventEnd(event: EventInfo | null, clockLag: number): { ended: boolean; failed: (f: Failure) => void; goesOn: () => void } {
  // The gateway's clock decides, so its end is put into this machine's time.
  const end = event?.end ? event.end.getTime() - clockLag : undefined
  const [told, setTold] = useState(false)
  const [passed, setPassed] = useState(() => end !== undefined && end <= Date.now())
  useEffect(() => {
    if (end === undefined) return setPassed(false)
    let timer: ReturnType<typeof setTimeout>
    const look = () => {
      const left = end - Date.now()
      setPassed(left <= 0)
      if (left > 0) timer = setTimeout(look, Math.min(left, longest))
    }
    look()
    return () => clearTimeout(timer)
  }, [end])
  const failed = useCallback((f: Failure) => {
    if (f.ended) setTold(true)
  }, [])
  // The gateway took the key again: the event was prolonged or begun anew.
  const goesOn = useCallback(() => setTold(false), [])
  return { ended: told || passed, failed, goesOn }
}
