import { describe, expect, it } from 'vitest'
import { EventParser, type ServerEvent } from './sse'

const bytes = (text: string) => new TextEncoder().encode(text)

function parse(pieces: Uint8Array[]): { events: ServerEvent[]; dangling: boolean } {
  const parser = new EventParser()
  const events = pieces.flatMap((p) => parser.push(p))
  return { events, dangling: parser.dangling }
}

const stream =
  ': a comment\ndata: {"text":"Grüße 🚀 你好"}\n\nevent: error\r\ndata: one\r\ndata: two\r\n\r\n' +
  'id: 7\nretry: 10\ndata:no space\n\n\n\ndata\n\ndata: [DONE]\n\n'

const want: ServerEvent[] = [
  { event: 'message', data: '{"text":"Grüße 🚀 你好"}' },
  { event: 'error', data: 'one\ntwo' },
  { event: 'message', data: 'no space' },
  { event: 'message', data: '' },
  { event: 'message', data: '[DONE]' },
]

describe('EventParser', () => {
  it('reads a whole stream at once', () => {
    expect(parse([bytes(stream)])).toEqual({ events: want, dangling: false })
  })

  it('reads the same events wherever the bytes are split in two', () => {
    const all = bytes(stream)
    for (let i = 0; i <= all.length; i++) {
      expect(parse([all.slice(0, i), all.slice(i)]).events, `split at ${i}`).toEqual(want)
    }
  })

  it('reads the same events byte by byte', () => {
    expect(parse([...bytes(stream)].map((b) => Uint8Array.of(b))).events).toEqual(want)
  })

  it('takes a lone carriage return as the end of a line', () => {
    expect(parse([bytes('data: a\r\rdata: b\r\r')]).events.map((e) => e.data)).toEqual(['a', 'b'])
  })

  it('says when the stream was cut within an event', () => {
    expect(parse([bytes('data: {"cut')]).dangling).toBe(true)
    expect(parse([bytes('data: whole line\n')]).dangling).toBe(true)
    expect(parse([bytes('data: done\n\n')]).dangling).toBe(false)
  })
})
