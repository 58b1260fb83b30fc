import { outsideCode } from './prose'

/** What links of footnotes lead to: `#note-3` to the third note, `#noted-3` is that note's own number. */
export const noteLink = /^#note(d?)-(\d+)$/

/**
 * Gives footnotes numbers by their first mention and makes links of them, since an
 * answer is drawn block by block and a note stands in another block than its mention.
 */
export function numberNotes(markdown: string): string {
  if (!markdown.includes('[^')) return markdown
  const numbers = new Map<string, number>()
  const number = (label: string) => numbers.get(label) ?? numbers.set(label, numbers.size + 1).size
  return outsideCode(markdown, (prose) =>
    prose.replace(/(?<!\\)\[\^([^\]\s^]{1,80})\](:?)/g, (_, label: string, colon: string, at: number) => {
      const definition = colon !== '' && /(^|\n) {0,3}$/.test(prose.slice(Math.max(0, at - 5), at))
      if (definition) return `[${number(label)}](#noted-${number(label)})`
      return `[${number(label)}](#note-${number(label)})${colon}`
    }),
  )
}
