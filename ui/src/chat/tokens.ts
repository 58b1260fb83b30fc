import type { Setup, Settings, Turn } from './types'
import { buildMessages } from './request'

/**
 * Guesses the tokens of a text without a vocabulary: about what OpenAI's newer
 * ones give for prose and code, within some ten per cent; it is shown as a guess.
 */
export function estimateTokens(text: string): number {
  let count = 0
  for (const [piece] of text.matchAll(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|\p{L}+|\p{N}{1,3}|[^\s\p{L}\p{N}]{1,3}|\n+/gu)) {
    count += /^\p{L}/u.test(piece) ? Math.max(1, Math.ceil((piece.length - 2) / 5)) : 1
  }
  return count
}

/** What one picture costs in the usual case: four tiles and the base. */
const imageTokens = 765

/** Guesses the prompt tokens of what would go along with the next message. */
export function estimatePrompt(setup: Setup, settings: Settings, turns: Turn[]): number {
  let count = 3 + estimateTokens(setup.tools)
  const next: Turn = { role: 'user', id: '', text: '', images: [] }
  for (const m of buildMessages(setup, settings, [...turns, next])) {
    count += 4
    if (typeof m.content === 'string') count += estimateTokens(m.content)
    if (Array.isArray(m.content)) {
      for (const part of m.content) count += part.type === 'text' ? estimateTokens(part.text) : imageTokens
    }
    if (m.tool_calls) count += estimateTokens(JSON.stringify(m.tool_calls))
  }
  return count
}

/** Guesses the tokens of the next message itself. */
export const estimateDraft = (text: string, images: number): number => estimateTokens(text) + images * imageTokens
