/** A stretch of Markdown that can be drawn by itself. */
export interface Block {
  text: string
  /** A code fence that has not been closed (yet). */
  open: boolean
}

/** A paragraph longer than this is cut, so that drawing its end stays cheap. */
const longest = 6000

/** A block goes on over blank lines until it has so many characters: many small ones cost more to draw. */
const enough = 700

/**
 * Cuts Markdown at blank lines outside code fences. While text is added at the end,
 * all blocks but the last stay as they are, so only the last is drawn again.
 */
export function splitBlocks(markdown: string, atLeast = enough): Block[] {
  const blocks: Block[] = []
  let lines: string[] = []
  let size = 0
  let fence = ''
  const close = (open: boolean) => {
    if (lines.length > 0) blocks.push({ text: lines.join('\n'), open })
    lines = []
    size = 0
  }
  let blank = false
  for (const line of markdown.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? ''
    if (fence !== '') {
      lines.push(line)
      if (mark.startsWith(fence) && line.trim() === mark) {
        fence = ''
        close(false)
      }
      continue
    }
    if (line.trim() === '') {
      blank = true
      if (lines.length > 0) lines.push(line)
      continue
    }
    // What is indented after a blank line belongs to the list item above it.
    const goesOn = /^( {2,}|\t)/.test(line) && lines.length > 0
    if ((blank && !goesOn && size >= atLeast) || mark !== '') close(false)
    blank = false
    if (mark !== '') fence = mark
    for (const piece of cut(line)) {
      if (size > longest && !goesOn && mark === '' && !isTable(lines)) close(false)
      lines.push(piece)
      size += piece.length
    }
  }
  close(fence !== '')
  return blocks
}

const isTable = (lines: string[]) => lines.some((l) => /^[\s|:-]*\|[\s|:-]*$/.test(l) && l.includes('-'))

/** Cuts a line of enormous length at spaces. */
function cut(line: string): string[] {
  if (line.length <= longest || line.includes('|')) return [line]
  const pieces: string[] = []
  let rest = line
  while (rest.length > longest) {
    const space = rest.lastIndexOf(' ', longest)
    const at = space > 0 ? space : longest
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  pieces.push(rest)
  return pieces
}

/** Takes a fence that is still open apart: its language and what it holds. */
export function openFence(text: string): { language: string; code: string } {
  const end = text.indexOf('\n')
  const first = end < 0 ? text : text.slice(0, end)
  return { language: first.replace(/^\s*[`~]+\s*/, '').split(/\s/)[0] ?? '', code: end < 0 ? '' : text.slice(end + 1) }
}
