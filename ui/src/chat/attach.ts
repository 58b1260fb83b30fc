import type { Model } from '../api/types'
import { dataUrl, readPicture } from './pictures'
import { hears, sees } from './request'
import { NotText, readText } from './textfile'
import { estimateTokens } from './tokens'
import type { Attachments } from './types'

const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const most = 10
const largestPicture = 20 << 20
const largestAudio = 10 << 20
const largestText = 1 << 20

export const nothing: Attachments = { images: [], audio: [], files: [] }
export const countOf = (a: Attachments): number => a.images.length + a.audio.length + a.files.length

/** Reads files for a message to a model; says which were left out and why. */
export async function pickFiles(picked: File[], had: number, model: Model | undefined): Promise<{ read: Attachments; wrong: string[] }> {
  const read: Attachments = { images: [], audio: [], files: [] }
  const wrong: string[] = []
  for (const file of picked) {
    if (had + countOf(read) >= most) {
      wrong.push(`A message has at most ${most} attachments.`)
      break
    }
    const words = await pickOne(file, read, model).catch(() => `${file.name} could not be read.`)
    if (words) wrong.push(words)
  }
  return { read, wrong }
}

/** Adds one file to what was read, or says why not. */
async function pickOne(file: File, to: Attachments, model: Model | undefined): Promise<string> {
  const { name, size } = file
  if (file.type.startsWith('image/')) {
    if (!pictures.includes(file.type)) return `${name} is not a PNG, JPEG, GIF or WebP picture.`
    if (!sees(model)) return `${name}: ${model?.name || 'the model'} takes no pictures. Choose a model that does.`
    if (size > largestPicture) return `${name} is larger than 20 MB.`
    const image = await readPicture(file).catch(() => null)
    if (!image) return `${name} is broken: the browser cannot draw it.`
    to.images.push(image)
    return ''
  }
  if (file.type.startsWith('audio/')) {
    const format = audioFormat(file)
    if (!format) return `${name} is not WAV or MP3 sound.`
    if (!hears(model)) return `${name}: ${model?.name || 'the model'} takes no sound. Choose a model that does, or transcribe it under Audio.`
    if (size > largestAudio) return `${name} is larger than 10 MB.`
    const url = await dataUrl(file)
    to.audio.push({ name, format, data: url.slice(url.indexOf(',') + 1), seconds: await secondsOf(file, format) })
    return ''
  }
  if (size > largestText && !/\.(pdf|docx?|xlsx?|pptx?|zip|mp4|mov)$/i.test(name)) return `${name} is larger than 1 MB, more than a prompt holds.`
  try {
    const text = readText(name, new Uint8Array(await file.slice(0, largestText).arrayBuffer()))
    to.files.push({ name, text, tokens: estimateTokens(text) })
    return ''
  } catch (e) {
    if (e instanceof NotText) return `${name} ${e.message}.`
    throw e
  }
}

const audioFormat = ({ type }: File): 'wav' | 'mp3' | '' =>
  /^audio\/(x-)?(pn-)?(wav|wave)$/.test(type) ? 'wav' : /^audio\/(x-)?(mp3|mpeg)$/.test(type) ? 'mp3' : ''

/** How long a sound is: by a WAV file's own rate, else by what MP3 usually takes. */
async function secondsOf(file: File, format: 'wav' | 'mp3'): Promise<number> {
  if (format === 'mp3') return file.size / 16_000
  const head = new DataView(await file.slice(0, 44).arrayBuffer())
  const rate = head.byteLength >= 32 ? head.getUint32(28, true) : 0
  return Math.max(0, file.size - 44) / (rate > 0 ? rate : 32_000)
}
