import { useEffect, useRef } from 'react'

/** Puts the focus into the message box, at its end. */
export function toMessageBox(): void {
  const box = document.getElementById('composer')
  if (box instanceof HTMLTextAreaElement) {
    box.focus()
    box.setSelectionRange(box.value.length, box.value.length)
  }
}

/** What keys may do; nothing where there is nothing to do. */
export interface Shortcuts {
  stop?: () => void
  begin?: () => void
  list?: () => void
  help?: () => void
}

/** `/` and Ctrl-K lead to the message box, Escape stops the answer, `?` tells them all; a dialog or a menu has its keys first. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const now = useRef(shortcuts)
  now.current = shortcuts
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing || document.querySelector('[role=dialog], [role=alertdialog], [role=menu]')) return
      const act = chosen(e, now.current)
      if (!act) return
      if (e.key !== 'Escape') e.preventDefault()
      act()
    }
    addEventListener('keydown', key)
    return () => removeEventListener('keydown', key)
  }, [])
}

function chosen(e: KeyboardEvent, { stop, begin, list, help }: Shortcuts): (() => void) | undefined {
  const bare = !e.ctrlKey && !e.metaKey && !e.altKey
  if (bare && !writes(e.target)) {
    if (e.key === '/') return toMessageBox
    if (e.key === '?') return help
  }
  if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'k') return toMessageBox
  // By its place on the keyboard: with Alt a Mac writes another letter.
  if (e.altKey && !e.ctrlKey && !e.metaKey) return e.code === 'KeyN' ? begin : e.code === 'KeyL' ? list : undefined
  return e.key === 'Escape' ? stop : undefined
}

const writes = (at: EventTarget | null) => at instanceof HTMLElement && (at.isContentEditable || at.matches('input, textarea, select'))
