import { describe, expect, it } from 'vitest'
import { readSession } from '../api/session'
import { pickFiles } from './attach'
import { exportChat, importChat, slim } from './exchange'
import { newChat } from './reducer'
import { buildMessages, leftOut } from './request'
import { fenced, readText } from './textfile'
import { attachedTokens, estimateTokens, imageTokens } from './tokens'
import { defaultSettings, emptySetup, type Turn } from './types'

const model = (name: string, ...capabilities: string[]) =>
  readSession({ models: [{ name, kind: 'chat', capabilities: ['stream', ...capabilities] }] }, '').models[0]
const bytes = (text: string) => new TextEncoder().encode(text)
const bare = { ...emptySetup, system: '' }

describe('readText', () => {
  it('reads UTF-8, UTF-16 and what older spreadsheets write', () => {
    expect(readText('a.md', bytes('# Ærø\n你好'))).toBe('# Ærø\n你好')
    expect(readText('a.txt', new Uint8Array([0xff, 0xfe, 0x68, 0, 0x69, 0]))).toBe('hi')
    expect(readText('a.csv', new Uint8Array([0x63, 0x61, 0x66, 0xe9]))).toBe('café')
  })

  it.each([
    ['a.pdf', bytes('x'), 'PDF'],
    ['no-name', bytes('%PDF-1.7'), 'PDF'],
    ['a.docx', bytes('PK'), 'document'],
    ['a.XLSX', bytes('PK'), 'CSV'],
    ['a.zip', bytes('PK'), 'archive'],
    ['a.bin', new Uint8Array([1, 2, 3]), 'not text'],
    ['a.txt', new Uint8Array([0x61, 0]), 'not text'],
    ['a.txt', bytes(' \n'), 'empty'],
    ['a.txt', new Uint8Array(), 'empty'],
  ])('refuses %s in words', (name, content, words) => {
    expect(() => readText(name, content)).toThrow(words)
  })

  it('fences a file by more backticks than it has, whatever it is called', () => {
    expect(fenced('a.py', 'x = 1')).toBe('File “a.py”:\n```py\nx = 1\n```')
    expect(fenced('a\n`.md', '````\n')).toBe('File “a  .md”:\n`````md\n````\n`````')
  })
})

describe('pickFiles', () => {
  const words = async (file: File, m = model('plain')) => (await pickFiles([file], 0, m)).wrong.join()
  it('says why a kind is refused', async () => {
    expect(await words(new File(['x'], 'a.png', { type: 'image/png' }))).toBe('a.png: plain takes no pictures. Choose a model that does.')
    expect(await words(new File(['x'], 'a.svg', { type: 'image/svg+xml' }))).toContain('not a PNG')
    expect(await words(new File(['x'], 'a.wav', { type: 'audio/wav' }))).toContain('takes no sound')
    expect(await words(new File(['x'], 'a.ogg', { type: 'audio/ogg' }))).toContain('not WAV or MP3')
    expect(await words(new File(['x'.repeat((1 << 20) + 1)], 'a.txt'))).toContain('larger than 1 MB')
    expect(await words(new File(['x'], 'a.png', { type: 'image/png' }), model('eyes', 'vision'))).toContain('broken')
  })

  it('takes ten in all', async () => {
    const many = Array.from({ length: 4 }, (_, i) => new File(['word'], `${i}.txt`))
    const { read, wrong } = await pickFiles(many, 8, model('plain'))
    expect([read.files.length, wrong]).toEqual([2, ['A message has at most 10 attachments.']])
    expect(read.files[0]).toEqual({ name: '0.txt', text: 'word', tokens: 1 })
  })
})

describe('a message with attachments', () => {
  const turn: Turn = {
    role: 'user', id: 'u', text: 'What?', images: [{ name: 'p', url: 'data:image/png;base64,AA==', width: 2048, height: 1024 }],
    audio: [{ name: 's', format: 'mp3', data: 'AA==', seconds: 3 }], files: [{ name: 'a.txt', text: 'body', tokens: 1 }],
  }
  const sent = (t: Turn, ...able: string[]) => buildMessages(bare, defaultSettings, [t], model('m', ...able))[0]?.content

  it('sends a model what it takes and nothing else', () => {
    const words = { type: 'text', text: 'What?\n\nFile “a.txt”:\n```txt\nbody\n```' }
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
    const sound = { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } }
    expect(sent(turn, 'vision', 'audio')).toEqual([words, picture, sound])
    expect(sent(turn, 'vision')).toEqual([words, picture])
    expect(sent(turn, 'audio')).toEqual([words, sound])
    expect(sent(turn)).toBe(words.text)
    expect(sent({ ...turn, text: '', files: [] } as Turn)).toBe('(an attachment that this model does not take)')
    expect([leftOut(defaultSettings, [turn], model('m')), leftOut(defaultSettings, [turn], model('m', 'vision', 'audio'))]).toEqual([2, 0])
  })

  it('is kept, exported and read again, and no sound or picture of elsewhere is', () => {
    const chat = { ...newChat('c', 0), turns: [turn] }
    expect(importChat(exportChat(chat), () => 'c')).toEqual(chat)
    const odd = { ...turn, images: [{ name: 'x', url: 'https://spy.example.com/' }], audio: [{ name: 'x', format: 'wav', data: 'https://spy.example.com' }] }
    const back = importChat(JSON.stringify({ format: 'tallygate-chat', version: 1, turns: [odd] }), () => 'c')
    expect(back.turns[0]).toEqual({ ...turn, images: [], audio: undefined })
  })

  it('is kept without what is too much, the oldest first, and such a picture is not sent', () => {
    const large = (id: string): Turn => ({ role: 'user', id, text: id, images: [{ name: id, url: `data:image/png;base64,${'A'.repeat(10 << 20)}` }] })
    const kept = slim({ ...newChat('c', 0), turns: [large('1'), large('2'), large('3')] }).turns
    expect(kept.map((t) => t.role === 'user' && t.images[0]?.url !== '')).toEqual([false, true, true])
    expect(buildMessages(bare, defaultSettings, kept.slice(0, 1), model('m', 'vision'))[0]?.content).toBe('1')
  })

  it('is counted: pictures by their tiles, sounds by their time, a megabyte of text soon', () => {
    expect([imageTokens({ width: 1024, height: 1024 }), imageTokens({ width: 512, height: 512 }), imageTokens({ width: 4096, height: 8192 }), imageTokens({})]).toEqual([765, 255, 1105, 765])
    expect(attachedTokens({ images: [], audio: [{ name: '', format: 'wav', data: '', seconds: 2.5 }], files: [] })).toBe(25)
    const begun = performance.now()
    expect(estimateTokens('word, word. '.repeat(87_000))).toBeGreaterThan(200_000)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})
