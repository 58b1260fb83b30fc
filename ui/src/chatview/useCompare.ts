import { useEffect, useState } from 'react'
import type Compare from './Compare'
import type { Twin } from './useTwin'

/**
 * Sets two models beside each other once the page has what shows them. Until then the chat
 * stays as it is, and what is typed and asked meanwhile belongs to it.
 */
export function useCompare(twin: Twin, chat: string, busy: boolean) {
  const [View, setView] = useState<typeof Compare | null>(null)
  const [wanted, setWanted] = useState('')
  useEffect(() => {
    if (wanted === '' || !View || busy) return
    setWanted('')
    if (wanted === chat) twin.begin()
  })
  /** Fails where it cannot be loaded. */
  const begin = async () => {
    try {
      const part = await import('./Compare')
      setView(() => part.default)
      setWanted(chat)
    } catch (e) {
      setWanted('')
      throw e
    }
  }
  return { View, begin }
}
