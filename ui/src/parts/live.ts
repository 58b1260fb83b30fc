import type { ToolCall } from '../chat/types'

/** An answer while it comes. */
export interface LiveAnswer {
  text: string
  reasoning: string
  calls: ToolCall[]
  startedAt: number
}

type Listener = () => void

/**
 * Holds the answers that are being streamed, outside React: pieces come faster than
 * frames, so listeners hear at most once a frame, and less often when drawing is slow.
 */
export class LiveAnswers {
  private readonly answers = new Map<string, LiveAnswer>()
  private readonly listeners = new Map<string, Set<Listener>>()
  private readonly changed = new Set<string>()
  private scheduled = false
  private notBefore = 0

  get(id: string): LiveAnswer | undefined {
    return this.answers.get(id)
  }

  put(id: string, answer: LiveAnswer): void {
    this.answers.set(id, answer)
    this.changed.add(id)
    this.schedule()
  }

  end(id: string): void {
    this.answers.delete(id)
    this.changed.delete(id)
  }

  subscribe(id: string, listener: Listener): () => void {
    const set = this.listeners.get(id) ?? new Set()
    this.listeners.set(id, set.add(listener))
    return () => {
      set.delete(listener)
      if (set.size === 0) this.listeners.delete(id)
    }
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    requestAnimationFrame(() => this.frame())
  }

  private frame(): void {
    this.scheduled = false
    const begun = performance.now()
    if (begun < this.notBefore) return this.schedule()
    const ids = [...this.changed]
    this.changed.clear()
    for (const id of ids) this.listeners.get(id)?.forEach((l) => l())
    // A task after this one runs when React has drawn; leave the page twice that time.
    setTimeout(() => {
      const now = performance.now()
      this.notBefore = now + Math.min(400, (now - begun) * 2)
    })
  }
}
