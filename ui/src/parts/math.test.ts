import { describe, expect, it } from 'vitest'
import { numberNotes } from './footnotes'
import { formulaOf, hideFormulas } from './math'

/** The formulas of a text, `d:` and `i:` before each, as Markdown would hand them on. */
function found(markdown: string, growing = false): string[] {
  return [...hideFormulas(markdown, growing).matchAll(/(`+) ?(\uE000[di][\s\S]*?\uE000) ?\1/g)].map((m) => {
    const f = formulaOf((m[2] ?? '').replaceAll('\\|', '|'))
    return `${f?.display ? 'd' : 'i'}:${f?.tex}`
  })
}

describe('hideFormulas', () => {
  it.each([
    ['so \\(a^2+b^2=c^2\\).', ['i:a^2+b^2=c^2']],
    ['\\[\n\\int_0^1 x\\,dx % half\n= \\tfrac12\n\\]', ['d: \\int_0^1 x\\,dx  = \\tfrac12 ']],
    ['$$E = mc^2$$ and $x$', ['d:E = mc^2', 'i:x']],
    ['> $$\n> a\n> $$', ['d: a ']],
    ['a | $|x|$ | b', ['i:|x|']],
    ['$\\$5$', ['i:\\$5']],
    ['`` $ ``, `$`: $y$', ['i:y']],
  ])('finds the formulas of %j', (markdown, formulas) => expect(found(markdown)).toEqual(formulas))

  it.each([
    'from $5 to $10', '$5-$10', 'US$1m and $2m', '`$x$` and ``\\(y\\)``', '```tex\n\\[x\\]\n```', '$HOME/bin:$PATH', 'cost: \\$5 and \\$6', '$ x $', 'a $$\n\nb $$', '\\\\(not\\\\)',
  ])('leaves %j alone', (markdown) => expect(hideFormulas(markdown)).toBe(markdown))

  it('shows what has only begun as it is written, and no price so', () => {
    expect(hideFormulas('so \\[ a^2', true)).toBe('so `\\[ a^2`')
    expect(hideFormulas('it costs $5', true)).toBe('it costs $5')
  })

  it('takes thousands of dollars, backticks and brackets at once', () => {
    for (const s of ['$', '`', '\\[', '\\(', '$$ ', '` ', '$a', '[^']) {
      const began = performance.now()
      numberNotes(hideFormulas(s.repeat(6000), true))
      expect(performance.now() - began, s).toBeLessThan(1500)
    }
  })
})

describe('numberNotes', () => {
  it('numbers by first mention, and makes the notes one', () => {
    expect(numberNotes('One[^b], two[^a].\n\n[^a]: First.\n[^b]: Second.')).toBe('One[1](#note-1), two[2](#note-2).\n\n[2](#noted-2) First.\n[1](#noted-1) Second.')
  })
  it('leaves code and escapes alone', () => expect(numberNotes('`[^1]` \\[^2]')).toBe('`[^1]` \\[^2]'))
})
