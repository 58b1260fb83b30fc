/**
 * A parser of server-sent events that takes the stream in pieces of any size.
 * It follows the WHATWG rules for `data` and `event` lines; comments, `id` and
 * `retry` are ignored, since a chat stream has no use for them.
 */
export interface ServerEvent {
  event: string
  data: string
}

export class EventParser {
  private readonly decoder = new TextDecoder()
  private rest = ''
  private data: string[] = []
  private event = ''
  private afterReturn = false

  /** Takes the next bytes and returns the events that they complete. */
  push(bytes: Uint8Array): ServerEvent[] {
    return this.take(this.decoder.decode(bytes, { stream: true }))
  }

  /** Tells whether the stream stopped within an event: it was cut off. */
  get dangling(): boolean {
    return this.rest.trim() !== '' || this.data.length > 0
  }

  private take(text: string): ServerEvent[] {
    const events: ServerEvent[] = []
    // A carriage return at the end of one piece may be half of CRLF.
    if (text === '') return events
    const half = this.afterReturn && text.startsWith('\n')
    this.afterReturn = text.endsWith('\r')
    if (half) text = text.slice(1)
    this.rest += text
    const lines = this.rest.split(/\r\n|\r|\n/)
    this.rest = lines.pop() ?? ''
    for (const line of lines) {
      const done = this.line(line)
      if (done) events.push(done)
    }
    return events
  }

  private line(line: string): ServerEvent | null {
    if (line === '') {
      const event = { event: this.event || 'message', data: this.data.join('\n') }
      const some = this.data.length > 0
      this.data = []
      this.event = ''
      return some ? event : null
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.data.push(value)
    if (field === 'event') this.event = value
    return null
  }
}
