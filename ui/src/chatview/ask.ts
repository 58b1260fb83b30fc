import type { Attachments, Turn } from '../chat/types'
import { newId } from '../parts/hooks'

/** A message of the person's, as a turn. */
export function userTurn(text: string, { images, audio, files }: Attachments): Turn {
  return { role: 'user', id: newId(), text, images, ...(audio.length > 0 ? { audio } : {}), ...(files.length > 0 ? { files } : {}) }
}
