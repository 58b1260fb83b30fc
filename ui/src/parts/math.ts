import { outsideCode } from './prose'

/**
 * What stands around a formula that Markdown shall leave alone: it travels as an
 * inline code of its own, between two characters that nobody writes.
 */
const mark = '\uE000'

/** Whoever writes more than this in one formula means something else. */
const longest = 4000

export interface Formula {
  tex: string
  display: boolean
}

// In the order of LaTeX's own: \[…\], $$…$$, \(…\), $…$. As in Pandoc, a single dollar
// opens before what is no space and closes after what is none, with no letter or digit
// at its outer side: prices and shell variables are no formulas.
const formulas = new RegExp(
  [
    String.raw`(?<!\\)\\\[(?<square>(?:(?!\n[ \t]*\n|\\\[)[\s\S])+?)\\\]`,
    String.raw`(?<!\\)\$\$(?<double>(?:(?!\n[ \t]*\n)(?:\\[\s\S]|[^$\\]))+?)\$\$`,
    String.raw`(?<!\\)\\\((?<round>(?:(?!\n[ \t]*\n|\\\()[\s\S])+?)\\\)`,
    String.raw`(?<![\\$\p{L}\p{N}])\$(?<single>(?!\s)(?:(?!\n[ \t]*\n)(?:\\[\s\S]|[^$\\]))+?(?<!\s))\$(?![$\p{L}\p{N}])`,
  ].join('|'),
  'gu',
)

/** A formula that has begun and has not ended yet. */
const begun = /(?<!\\)(?:\\\[|\\\(|\$\$)(?:(?!\n[ \t]*\n)[\s\S])*$/u

/** Puts each formula where Markdown does not look; while the text grows, also one that has only begun. */
export function hideFormulas(markdown: string, growing = false): string {
  if (!/[$\\]/.test(markdown)) return markdown
  const hidden = outsideCode(markdown, (prose) =>
    prose.replace(formulas, (whole, ...rest) => {
      const groups = rest.at(-1) as Record<string, string | undefined>
      const tex = groups.square ?? groups.double ?? groups.round ?? groups.single ?? ''
      if (tex.length > longest || tex.includes(mark)) return whole
      const display = groups.square !== undefined || groups.double !== undefined
      return asCode(`${mark}${display ? 'd' : 'i'}${onOneLine(tex)}${mark}`)
    }),
  )
  return growing ? outsideCode(hidden, (prose) => prose.replace(begun, (tail) => asCode(onOneLine(tail)))) : hidden
}

/** The formula that a piece of inline code stands for; null where it is code. */
export function formulaOf(code: string): Formula | null {
  if (!code.startsWith(mark) || !code.endsWith(mark) || code.length < 3) return null
  return { tex: code.slice(2, -1), display: code[1] === 'd' }
}

/** Markdown's inline code of any text: within longer backticks than it has itself. */
function asCode(text: string): string {
  const ticks = Math.max(0, ...[...text.matchAll(/`+/g)].map((m) => m[0].length)) + 1
  const fence = '`'.repeat(ticks)
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return fence + pad + text.replaceAll('|', '\\|') + pad + fence
}

/** TeX on one line: its comments end with theirs, a quote's marks are none of its own. */
const onOneLine = (tex: string) => tex.replace(/(?<!\\)%[^\n]*/g, '').replace(/\n[ \t]*(?:>[ \t]*)*/g, ' ')
