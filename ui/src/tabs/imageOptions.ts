import { list, object, text } from '../api/json'

/** What a family of image models lets one choose; the first of each is its default. */
export interface ImageOptions {
  sizes: string[]
  qualities: string[]
  styles: string[]
  most: number
  /** Whether data has to be asked for. */
  inline: boolean
}

export function imageOptions(model: string): ImageOptions {
  const n = model.toLowerCase()
  if (/dall-?e-?2/.test(n)) return { sizes: ['1024x1024', '512x512', '256x256'], qualities: [], styles: [], most: 10, inline: true }
  if (/dall-?e/.test(n)) {
    return { sizes: ['1024x1024', '1792x1024', '1024x1792'], qualities: ['standard', 'hd'], styles: ['vivid', 'natural'], most: 1, inline: true }
  }
  return { sizes: ['1024x1024', '1536x1024', '1024x1536', 'auto'], qualities: ['auto', 'low', 'medium', 'high'], styles: [], most: 10, inline: false }
}

export interface ImageAsk {
  model: string
  /** The underlying model, which says what there is to choose. */
  base: string
  prompt: string
  size: string
  quality: string
  style: string
  n: number
}

/** Builds the body of POST /openai/v1/images/generations with what this model knows, and nothing else. */
export function buildImages(ask: ImageAsk): Record<string, unknown> {
  const o = imageOptions(ask.base)
  const one = (choices: string[], wanted: string) => (choices.includes(wanted) ? wanted : choices[0])
  const body: Record<string, unknown> = { model: ask.model, prompt: ask.prompt, n: Math.min(o.most, Math.max(1, ask.n)), size: one(o.sizes, ask.size) }
  if (o.qualities.length > 0) body.quality = one(o.qualities, ask.quality)
  if (o.styles.length > 0) body.style = one(o.styles, ask.style)
  // An address of theirs is another origin, and ends within the hour; gpt-image knows data only.
  if (o.inline) body.response_format = 'b64_json'
  return body
}

export interface Picture {
  url: string
  revised: string
  prompt: string
}

/** Reads the pictures of an answer: addresses of https, or data in it. */
export function readPictures(body: unknown, prompt: string): Picture[] {
  const kind = text(object(body).output_format) || 'png'
  return list(object(body).data).flatMap((d) => {
    const o = object(d)
    const inline = text(o.b64_json)
    const url = inline ? `data:image/${/^(png|jpeg|webp)$/.test(kind) ? kind : 'png'};base64,${inline}` : text(o.url)
    return /^(https:|data:image\/)/.test(url) ? [{ url, revised: text(o.revised_prompt), prompt }] : []
  })
}
