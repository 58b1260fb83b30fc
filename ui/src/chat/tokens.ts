import { buildMessages, included, type Sendable } from './request'
import type { Attachments, Image, Setup, Settings, Sound, Turn } from './types'

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

/** What one picture costs when nobody knows its size: four tiles and the base. */
const usualPicture = 765

/**
 * Guesses what a picture costs, as GPT-4o counts it: 170 for each tile of 512 pixels, once
 * it has been shrunk to fit 2,048 and then to 768 on its shorter side, and 85 for itself.
 */
export function imageTokens({ width, height }: Pick<Image, 'width' | 'height'>): number {
  if (!width || !height) return usualPicture
  const fit = Math.min(1, 2048 / Math.max(width, height))
  const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit))
  return 85 + 170 * Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512)
}

/** Guesses what a sound costs: ten tokens a second. */
export const audioTokens = ({ seconds }: Pick<Sound, 'seconds'>): number => Math.ceil(seconds * 10)

export function attachedTokens(a: Attachments): number {
  const sum = (all: number[]) => all.reduce((x, y) => x + y, 0)
  return sum(a.images.map(imageTokens)) + sum(a.audio.map(audioTokens)) + sum(a.files.map((f) => f.tokens + 12))
}

/** Texts were counted once: a long chat is counted again with each of its changes. */
const counted = new WeakMap<Turn, number>()

function turnTokens(t: Sendable): number {
  const had = counted.get(t)
  if (had !== undefined) return had
  let count = 4 + estimateTokens(t.text)
  if (t.role === 'user') count += attachedTokens({ images: t.images, audio: t.audio ?? [], files: t.files ?? [] })
  if (t.role === 'assistant' && t.calls.length > 0) count += estimateTokens(JSON.stringify(t.calls))
  counted.set(t, count)
  return count
}

/** Guesses the prompt tokens of what would go along with the next message. */
export function estimatePrompt(setup: Setup, settings: Settings, turns: Turn[]): number {
  let count = 7 + estimateTokens(setup.tools)
  for (const m of buildMessages(setup, settings, [])) count += 4 + estimateTokens(String(m.content))
  const next: Turn = { role: 'user', id: '', text: '', images: [] }
  for (const t of included([...turns, next], settings.pastMessages)) if (t !== next) count += turnTokens(t)
  return count
}

/** Guesses the tokens of the next message itself. */
export const estimateDraft = (text: string, attached: Attachments): number => estimateTokens(text) + attachedTokens(attached)
