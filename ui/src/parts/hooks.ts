import { useEffect, useState, useSyncExternalStore } from 'react'

/** The time, again every `everyMs`; stands still while `on` is false. */
export function useNow(everyMs: number, on = true): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!on) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs, on])
  return now
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = window.matchMedia(query)
      media.addEventListener('change', changed)
      return () => media.removeEventListener('change', changed)
    },
    () => window.matchMedia(query).matches,
  )
}

/** Names such as ids: random, and possible without a secure context. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
}

/** Says a stretch of time in the two units that matter: `2 d 3 h`, `4 min 5 s`. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.ceil(ms / 1000))
  const units: [number, string][] = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]
  const first = units.findIndex(([size]) => s >= size)
  if (first < 0) return '0 s'
  let rest = s
  return units
    .slice(first, first + 2)
    .map(([size, name]) => {
      const n = Math.floor(rest / size)
      rest -= n * size
      return n > 0 ? `${n} ${name}` : ''
    })
    .filter(Boolean)
    .join(' ')
}

/** Writes a file to the person's downloads. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const a = document.createElement('a')
  a.href = url
  a.download = name
  a.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Puts text on the clipboard, also where the clipboard API needs a secure context that is not there. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.setAttribute('readonly', '')
    area.className = 'visually-hidden'
    document.body.append(area)
    area.select()
    const copied = document.execCommand('copy')
    area.remove()
    return copied
  }
}

/**
 * Gives the focus back, when a dialog or an editor goes, to what had it before; where that
 * is gone too, to what the selector finds.
 */
export function useReturnFocus(instead: string): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      setTimeout(() => {
        const to = before?.isConnected ? before : document.querySelector(instead)
        if (to instanceof HTMLElement && !document.querySelector('[role=dialog], [role=alertdialog]')) to.focus()
      })
    },
    [before, instead],
  )
}

/**
 * Lets `--seen-height` be the height that a phone's keyboard leaves, for browsers in which
 * the keyboard covers the page instead of making it smaller.
 */
export function useSeenHeight(): void {
  useEffect(() => {
    const seen = window.visualViewport
    if (!seen) return
    const resized = () => {
      const covered = seen.scale === 1 && seen.height < innerHeight - 80
      if (covered) document.documentElement.style.setProperty('--seen-height', `${Math.round(seen.height)}px`)
      else document.documentElement.style.removeProperty('--seen-height')
    }
    seen.addEventListener('resize', resized)
    return () => seen.removeEventListener('resize', resized)
  }, [])
}
