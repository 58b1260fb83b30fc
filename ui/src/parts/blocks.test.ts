import { describe, expect, it } from 'vitest'
import { openFence, splitBlocks } from './blocks'
import { duration } from './hooks'

const texts = (markdown: string, atLeast = 0) => splitBlocks(markdown, atLeast).map((b) => b.text.trimEnd())

describe('splitBlocks', () => {
  it('cuts at blank lines and around fences', () => {
    expect(texts('one\ntwo\n\nthree\n```go\na\n\nb\n```\nfour')).toEqual(['one\ntwo', 'three', '```go\na\n\nb\n```', 'four'])
  })

  it('says when a fence is still open', () => {
    expect(splitBlocks('text\n\n```py\nx = 1')).toEqual([{ text: 'text\n', open: false }, { text: '```py\nx = 1', open: true }])
    expect(splitBlocks('````\n```\n')).toMatchObject([{ open: true }])
    expect(openFence('```py\nx = 1')).toEqual({ language: 'py', code: 'x = 1' })
  })

  it('leaves what is indented with the list item above it', () => {
    expect(texts('- a\n\n  more\n- b\n\nend')).toEqual(['- a\n\n  more\n- b', 'end'])
  })

  it('lets small blocks go on together until they are large enough', () => {
    expect(texts('one\n\ntwo\n\nthree\n\nfour', 6)).toEqual(['one\n\ntwo', 'three\n\nfour'])
  })

  it.each([0, 10, 700])('loses no word and changes no block but the last while text is added (%i)', (atLeast) => {
    const whole = 'Intro\n\n# Head\n\n- a\n- b\n\n```js\nlet x\n\nx++\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd of it.'
    let before = splitBlocks('', atLeast)
    for (let i = 1; i <= whole.length; i++) {
      const blocks = splitBlocks(whole.slice(0, i), atLeast)
      expect(blocks.map((b) => b.text).join('').replace(/\s/g, '')).toBe(whole.slice(0, i).replace(/\s/g, ''))
      for (let n = 0; n < before.length - 1; n++) expect(blocks[n]?.text.trimEnd(), `at ${i}`).toBe(before[n]?.text.trimEnd())
      before = blocks
    }
  })

  it('cuts a paragraph of enormous length, but no table', () => {
    expect(splitBlocks('word '.repeat(20_000)).length).toBeGreaterThan(5)
    expect(splitBlocks(`Some words.\n\n| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(2000)}`)).toHaveLength(1)
  })
})

it.each([[0, '0 s'], [900, '1 s'], [61_000, '1 min 1 s'], [3_600_000, '1 h'], [90_061_000, '1 d 1 h']])('%i ms is %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})
