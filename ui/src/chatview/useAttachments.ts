import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Model } from '../api/types'
import { countOf, nothing, pickFiles } from '../chat/attach'
import type { Attachments } from '../chat/types'

export interface Attaching {
  attached: Attachments
  /** What was left out and why. */
  wrong: string
  /** Files are being read. */
  reading: boolean
  add(files: File[]): void
  remove(kind: keyof Attachments, at: number): void
  clear(): void
  dismiss(): void
}

/** What goes with the next message. */
export function useAttachments(model: Model | undefined): Attaching {
  const [attached, setAttached] = useState(nothing)
  const [wrong, setWrong] = useState('')
  const [reading, setReading] = useState(0)
  const now = useRef({ attached, model })
  now.current = { attached, model }
  // One after the other, so that together they stay within their number.
  const queue = useRef(Promise.resolve())
  const add = useCallback((files: File[]) => {
    if (files.length === 0) return
    setReading((n) => n + 1)
    queue.current = queue.current.then(async () => {
      const { read, wrong } = await pickFiles(files, countOf(now.current.attached), now.current.model)
      const had = now.current.attached
      const all = { images: [...had.images, ...read.images], audio: [...had.audio, ...read.audio], files: [...had.files, ...read.files] }
      now.current = { ...now.current, attached: all }
      setAttached(all)
      setWrong(wrong.join(' '))
      setReading((n) => n - 1)
    })
  }, [])
  const remove = (kind: keyof Attachments, at: number) => setAttached((had) => ({ ...had, [kind]: had[kind].filter((_, i) => i !== at) }))
  const clear = () => {
    setAttached(nothing)
    setWrong('')
  }
  return { attached, wrong, reading: reading > 0, add, remove, clear, dismiss: () => setWrong('') }
}

/** Takes files dropped anywhere on the chat's pane; the browser would leave the page for one dropped beside it. */
export function useDrop(inside: RefObject<HTMLElement | null>, onFiles: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const pane = () => inside.current?.closest('section')
    const brings = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false
    const within = (e: DragEvent) => e.target instanceof Node && (pane()?.contains(e.target) ?? false)
    const move = (e: DragEvent) => {
      if (!brings(e)) return
      e.preventDefault()
      setOver(within(e))
    }
    const leave = (e: DragEvent) => e.relatedTarget === null && setOver(false)
    const drop = (e: DragEvent) => {
      if (!brings(e)) return
      setOver(false)
      e.preventDefault()
      if (within(e)) onFiles([...(e.dataTransfer?.files ?? [])])
    }
    document.addEventListener('dragover', move)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragover', move)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
    }
  }, [inside, onFiles])
  return over
}
