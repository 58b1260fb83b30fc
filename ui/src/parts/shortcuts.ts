import { useEffect, useRef } from 'react'

/** Puts the focus into the message box, at its end. */
export function toMessageBox(): void {
  const box = document.getElementById('composer')
  if (box instanceof HTMLTextAreaElement) {
    box.focus()
    box.setSelectionRange(box.value.length, box.value.length)
  }
}

/** `/` and Ctrl-K lead to the message box, Escape stops the answer; a dialog or a menu has its keys first. */
export function useShortcuts(stop: (() => void) | undefined): void {
  const now = useRef(stop)
  now.current = stop
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing || document.querySelector('[role=dialog], [role=alertdialog], [role=menu]')) return
      const slash = e.key === '/' && !e.ctrlKey && !e.metaKey && !e.altKey && !writes(e.target)
      const search = e.key.toLowerCase() === 'k' && (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey
      if (slash || search) {
        e.preventDefault()
        toMessageBox()
      } else if (e.key === 'Escape' && now.current) now.current()
    }
    addEventListener('keydown', key)
    return () => removeEventListener('keydown', key)
  }, [])
}

const writes = (at: EventTarget | null) => at instanceof HTMLElement && (at.isContentEditable || at.matches('input, textarea, select'))
