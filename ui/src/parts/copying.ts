import type { ClipboardEvent } from 'react'

/**
 * Copies what is selected of an answer: all of it as its Markdown, a part as it
 * reads, with formulas as TeX.
 */
export function copyMarkdown(event: ClipboardEvent<HTMLElement>, markdown: string): void {
  const selection = getSelection()
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return
  const range = selection.getRangeAt(0)
  const part = range.cloneContents()
  const all = letters(part) === letters(event.currentTarget)
  const formulas = part.querySelectorAll<HTMLElement>('[data-tex]')
  if (!all && formulas.length === 0) return
  for (const f of formulas) f.replaceWith(f.dataset.display === 'true' ? `$$${f.dataset.tex}$$` : `$${f.dataset.tex}$`)
  event.clipboardData.setData('text/plain', all ? markdown : (part.textContent ?? ''))
  event.preventDefault()
}

const letters = (node: Node) => (node.textContent ?? '').replace(/\s/g, '')
