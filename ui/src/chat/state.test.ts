import { describe, expect, it } from 'vitest'
import { exportChat, importChat, readChat } from './exchange'
import { chatName, newChat, openCalls, reduce, type State } from './reducer'
import { checkTools, sampleTools, toolNames } from './tools'
import { estimateTokens } from './tokens'
import { type AssistantTurn, type Chat, emptySetup, type Turn } from './types'

let count = 0
const id = () => `id${count++}`
const user = (text: string): Turn => ({ role: 'user', id: text, text, images: [] })
const said = (name: string, part: Partial<AssistantTurn> = {}): AssistantTurn => ({
  role: 'assistant', id: name, text: name, reasoning: '', calls: [], state: 'done', card: null, raw: null, ...part,
})
const withTurns = (...turns: Turn[]): State => ({ chats: [{ ...newChat('c', 0), turns }], open: 'c', begins: emptySetup })
const ids = (s: State) => s.chats[0]?.turns.map((t) => t.id)

describe('reduce', () => {
  it('cuts at a turn, so that regenerating and editing begin there', () => {
    expect(ids(reduce(withTurns(user('1'), said('a'), user('2')), { do: 'cut', id: 'c', turn: 'a' }))).toEqual(['1'])
    expect(ids(reduce(withTurns(user('1')), { do: 'cut', id: 'c', turn: 'none' }))).toEqual(['1'])
  })

  it('deletes an answer together with the results of its tools', () => {
    const calls = [{ id: 'k', name: 'f', arguments: '{}' }]
    const result: Turn = { role: 'tool', id: 'r', callId: 'k', name: 'f', text: '1' }
    expect(ids(reduce(withTurns(user('1'), said('a', { calls }), result, said('b')), { do: 'drop', id: 'c', turn: 'a' }))).toEqual(['1', 'b'])
  })

  it('has one chat left when the last is deleted, and keeps its settings', () => {
    const before = reduce(withTurns(user('1')), { do: 'settings', id: 'c', settings: { temperature: 0 } })
    const after = reduce(before, { do: 'delete', id: 'c', fresh: 'new', now: 1 })
    expect([after.open, after.chats.length, after.chats[0]?.turns, after.chats[0]?.settings.temperature]).toEqual(['new', 1, [], 0])
  })

  it('begins a new chat with the setup of this place, also after the last was deleted', () => {
    const begins = { ...emptySetup, system: 'Be brief.' }
    const state = reduce({ ...withTurns(), begins }, { do: 'new', id: 'd', now: 1 })
    expect(state.chats[0]?.setup).toBe(begins)
    const one = { ...state, chats: state.chats.slice(0, 1) }
    expect(reduce(one, { do: 'delete', id: 'd', fresh: 'x', now: 2 }).chats[0]?.setup).toBe(begins)
  })

  it('opens a neighbour when the open chat is deleted', () => {
    const two = reduce(withTurns(), { do: 'new', id: 'd', now: 1 })
    expect(two.open).toBe('d')
    expect(reduce(two, { do: 'delete', id: 'd', fresh: 'x', now: 2 }).open).toBe('c')
  })

  it('keeps what was begun while the kept chats were being read', () => {
    const kept = newChat('k', 0)
    expect(reduce(withTurns(user('1')), { do: 'load', chats: [kept] })).toMatchObject({ open: 'c', chats: [{ id: 'c' }, { id: 'k' }] })
    expect(reduce(withTurns(), { do: 'load', chats: [kept] })).toEqual({ open: 'k', chats: [kept], begins: emptySetup })
    expect(reduce(withTurns(), { do: 'load', chats: [] })).toEqual(withTurns())
  })

  it('marks a question as refused, and takes the mark away', () => {
    const marked = reduce(withTurns(user('1'), said('a')), { do: 'mark', id: 'c', turn: '1', refused: true })
    expect(marked.chats[0]?.turns[0]).toMatchObject({ text: '1', refused: true })
    const back = readChat(JSON.parse(JSON.stringify(marked.chats[0])), id)
    expect(back.turns[0]).toMatchObject({ refused: true })
    expect(chatName(back)).toBe('1') // a kept chat without a name is still called as it begins
    expect(reduce(marked, { do: 'mark', id: 'c', turn: '1', refused: false }).chats[0]?.turns[0]).toMatchObject({ refused: false })
  })

  it('changes only the chat that is named', () => {
    const two = reduce(withTurns(), { do: 'new', id: 'd', now: 1 })
    const after = reduce(two, { do: 'append', id: 'c', turns: [user('1')], now: 2 })
    expect(after.chats.find((c) => c.id === 'd')).toBe(two.chats.find((c) => c.id === 'd'))
  })
})

it('a chat is called by its name or its first words', () => {
  const chat = (part: Partial<Chat>): Chat => ({ ...newChat('c', 0), ...part })
  expect(chatName(chat({}))).toBe('New chat')
  expect(chatName(chat({ turns: [user('  why\n is it ')] }))).toBe('why is it')
  expect(chatName(chat({ turns: [user('x'.repeat(80))] }))).toHaveLength(40)
  expect(chatName(chat({ name: 'Mine', turns: [user('x')] }))).toBe('Mine')
})

it('calls are open until each has a result or the person went on', () => {
  const a = said('a', { calls: [{ id: 'k', name: 'f', arguments: '' }, { id: 'l', name: 'f', arguments: '' }] })
  const result: Turn = { role: 'tool', id: 'r', callId: 'k', name: 'f', text: '1' }
  expect(openCalls([user('1'), a, result])).toEqual({ turn: 'a', callIds: ['l'] })
  expect(openCalls([user('1'), a, result, { ...result, id: 's', callId: 'l' }])).toBeNull()
  expect(openCalls([user('1'), a, user('2')])).toBeNull()
  expect(openCalls([user('1'), { ...a, state: 'streaming' }])).toBeNull()
})

describe('export and import', () => {
  const chat: Chat = {
    ...newChat('c', 5),
    name: 'Mine',
    turns: [
      { role: 'user', id: 'u', text: 'hi', images: [{ name: 'p', url: 'data:image/png;base64,AA==' }] },
      said('a', { raw: { request: { big: true }, response: { id: 1 } }, calls: [{ id: 'k', name: 'f', arguments: '{}' }] }),
      { role: 'tool', id: 't', callId: 'k', name: 'f', text: '42' },
    ],
  }

  it('gives back what was exported, less the requests, under a new id', () => {
    const back = importChat(exportChat(chat), () => 'fresh')
    const answer = { ...(chat.turns[1] as AssistantTurn), raw: { request: null, response: { id: 1 } } }
    expect(back).toEqual({ ...chat, id: 'fresh', turns: [chat.turns[0], answer, chat.turns[2]] })
  })

  it.each([
    ['not JSON', 'The file is not JSON.'],
    ['[]', 'not a chat exported'],
    ['{"format":"other"}', 'not a chat exported'],
    ['{"format":"tallygate-chat","version":2}', 'version 2'],
  ])('refuses %s with words', (source, words) => {
    expect(() => importChat(source, id)).toThrow(words)
  })

  it('makes defaults of what does not fit, and drops pictures from elsewhere', () => {
    const odd = readChat({
      settings: { temperature: 99, stop: ['a', 'b', 'c', 'd', 'e', 3], maxTokens: 'many', effort: 'huge' },
      turns: [7, null, { role: 'system' }, { role: 'user', text: 3, images: [{ url: 'https://spy.example.com/x.png' }] }, { role: 'assistant', state: 'streaming' }],
    }, id)
    expect(odd.settings).toMatchObject({ temperature: 2, stop: ['a', 'b', 'c', 'd'], maxTokens: 800, effort: '' })
    expect(odd.turns).toMatchObject([{ role: 'user', text: '', images: [] }, { role: 'assistant', state: 'broken' }])
  })
})

describe('checkTools', () => {
  it('finds nothing wrong with nothing, or with the sample', () => {
    expect(checkTools(' ')).toEqual([])
    expect(checkTools(sampleTools)).toEqual([])
    expect(toolNames(sampleTools)).toEqual(['get_weather'])
  })

  it.each([
    ['{', '', 'not JSON'],
    ['{}', '', 'a list'],
    ['[1]', '[0]', 'object'],
    ['[{"name":"f","parameters":{}}]', '[0].type', 'old-style'],
    ['[{"type":"function"}]', '[0].function', 'object with a name'],
    ['[{"type":"function","function":{"name":"a b"}}]', '[0].function.name', '1 to 64'],
    ['[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}]', '[1].function.name', 'twice'],
    ['[{"type":"function","function":{"name":"f","parameters":{"type":"string"}}}]', '[0].function.parameters.type', '"object"'],
    ['[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"x":{"type":"text"}}}}}]', '[0].function.parameters.properties.x.type', 'one of'],
    ['[{"type":"function","function":{"name":"f","parameters":{"type":"object","required":["y"]}}}]', '[0].function.parameters.required', '"y"'],
    ['[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"x":{"enum":[]}}}}}]', '[0].function.parameters.properties.x.enum', 'at least one'],
  ])('says where %s is wrong', (source, at, words) => {
    const [first] = checkTools(source)
    expect(first?.at).toBe(at)
    expect(first?.message).toContain(words)
  })
})

it('tokens are guessed near what a tokenizer counts', () => {
  const prose = 'The quick brown fox jumps over the lazy dog, and nobody knows why it always has to be this one.'
  expect(estimateTokens('')).toBe(0)
  expect(Math.abs(estimateTokens(prose) - 22)).toBeLessThanOrEqual(5)
  expect(estimateTokens('你好，世界')).toBe(5)
})
