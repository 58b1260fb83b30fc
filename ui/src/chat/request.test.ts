import { describe, expect, it } from 'vitest'
import type { Model } from '../api/types'
import { answerCap, buildChat, buildMessages } from './request'
import { type AssistantTurn, defaultSettings, emptySetup, type Settings, type Turn } from './types'

const model = (part: Partial<Model> = {}): Model => ({
  name: 'gpt-4o', base: 'gpt-4o', kind: 'chat', capabilities: ['stream', 'tools'], context: 0, maxOutput: 16384, regions: [], ...part,
})
const user = (text: string, id = text): Turn => ({ role: 'user', id, text, images: [] })
const said = (text: string, part: Partial<AssistantTurn> = {}): Turn => ({
  role: 'assistant', id: text, text, reasoning: '', calls: [], state: 'done', card: null, raw: null, ...part,
})
const result = (callId: string): Turn => ({ role: 'tool', id: `r${callId}`, callId, name: 'f', text: '42' })
const error: Turn = {
  role: 'error', id: 'e', request: null,
  failure: { status: 500, code: '', title: '', message: '', advice: '', retryAt: 0, requestId: '', ended: false },
}
const settings = (part: Partial<Settings> = {}): Settings => ({ ...defaultSettings, model: 'gpt-4o', ...part })
const bare = { ...emptySetup, system: '' }

describe('buildChat', () => {
  it('sends what the settings show, and no stop sequences by default', () => {
    const body = buildChat(emptySetup, settings({ maxTokens: 300 }), [user('hi')], model(), null)
    expect(body).toEqual({
      model: 'gpt-4o',
      messages: [{ role: 'system', content: emptySetup.system }, { role: 'user', content: 'hi' }],
      max_tokens: 300, temperature: 0.7, top_p: 0.95, frequency_penalty: 0, presence_penalty: 0,
      stream: true, stream_options: { include_usage: true },
    })
  })

  it("never asks for more than the event's cap or the model's own", () => {
    expect(buildChat(bare, settings({ maxTokens: 4000 }), [], model(), 512).max_tokens).toBe(512)
    expect(buildChat(bare, settings({ maxTokens: 9000 }), [], model({ maxOutput: 4096 }), null).max_tokens).toBe(4096)
    expect(answerCap(0, model())).toBe(16384)
  })

  it('asks a reasoning model for completion tokens and leaves out what it refuses', () => {
    const thinking = model({ capabilities: ['reasoning', 'stream'] })
    const body = buildChat(bare, settings({ stop: ['x'], effort: 'low' }), [user('hi')], thinking, null)
    expect(Object.keys(body).sort()).toEqual(['max_completion_tokens', 'messages', 'model', 'reasoning_effort', 'stream', 'stream_options'])
  })

  it('sends only an effort that the model under the deployment knows', () => {
    const effort = (base: string) => buildChat(bare, settings({ effort: 'minimal' }), [user('hi')], model({ base, capabilities: ['reasoning'] }), null).reasoning_effort
    expect(['gpt-5', 'gpt-5-mini', 'o4-mini', 'gpt-5.1'].map(effort)).toEqual(['minimal', 'minimal', undefined, undefined])
  })

  it('sends at most four stop sequences, a whole seed and JSON mode', () => {
    const body = buildChat(bare, settings({ stop: ['a', 'b', 'c', 'd', 'e'], seed: ' 42 ', format: 'json' }), [], model(), null)
    expect(body).toMatchObject({ stop: ['a', 'b', 'c', 'd'], seed: 42, response_format: { type: 'json_object' } })
    expect(buildChat(bare, settings({ seed: '4.2' }), [], model(), null).seed).toBeUndefined()
  })

  it('sends tools and the choice of one, but nothing of broken tools', () => {
    const tools = '[{"type":"function","function":{"name":"f"}}]'
    const body = buildChat({ ...bare, tools, toolChoice: 'f' }, settings(), [], model(), null)
    expect(body).toMatchObject({ tools: [{ type: 'function' }], tool_choice: { type: 'function', function: { name: 'f' } } })
    expect(buildChat({ ...bare, tools, toolChoice: 'auto' }, settings(), [], model(), null).tool_choice).toBeUndefined()
    expect(buildChat({ ...bare, tools: '[{' }, settings(), [], model(), null).tools).toBeUndefined()
    const complained = buildChat({ ...bare, tools: '[{"type":"function","function":{"name":"two words"}}]' }, settings(), [], model(), null)
    expect(complained.tools).toBeUndefined()
  })

  it('does not stream from a model that is known not to', () => {
    expect(buildChat(bare, settings(), [], model({ capabilities: ['tools'] }), null).stream).toBeUndefined()
    expect(buildChat(bare, settings(), [], model({ capabilities: [] }), null).stream).toBe(true)
  })
})

describe('buildMessages', () => {
  const roles = (turns: Turn[], past = 10) => buildMessages(bare, settings({ pastMessages: past }), turns).map((m) => m.role)

  it('leaves out errors, empty answers and examples that are half filled', () => {
    const setup = { ...bare, examples: [{ user: 'q', assistant: 'a' }, { user: 'q', assistant: ' ' }] }
    const all = buildMessages(setup, settings(), [user('1'), error, said(''), user('2')])
    expect(all.map((m) => m.content)).toEqual(['q', 'a', '1', '2'])
  })

  it('leaves out what was refused, save the question that is asked now', () => {
    const refused = (text: string): Turn => ({ ...user(text), refused: true }) as Turn
    const sent = (...turns: Turn[]) => buildMessages(bare, settings({ pastMessages: 2 }), turns).map((m) => m.content)
    expect(sent(user('1'), said('a'), refused('2'), error, user('3'))).toEqual(['1', 'a', '3'])
    expect(sent(user('1'), said('a'), refused('2'), error, refused('3'))).toEqual(['1', 'a', '3'])
  })

  it('includes so many past messages and always the question', () => {
    const turns = [user('1'), said('a'), user('2'), said('b'), user('3')]
    expect(buildMessages(bare, settings({ pastMessages: 2 }), turns).map((m) => m.content)).toEqual(['2', 'b', '3'])
    expect(buildMessages(bare, settings({ pastMessages: 0 }), turns).map((m) => m.content)).toEqual(['3'])
  })

  it('sends calls with all their results, after the question that led to them', () => {
    const calls = [{ id: 'c1', name: 'f', arguments: '{}' }]
    expect(roles([user('1'), said('', { calls }), result('c1')], 0)).toEqual(['user', 'assistant', 'tool'])
  })

  it('never sends a result without its call, nor a call without its result', () => {
    const calls = [{ id: 'c1', name: 'f', arguments: '{}' }]
    expect(roles([user('1'), said('', { calls }), result('c1'), said('x'), user('2')], 2)).toEqual(['assistant', 'user'])
    expect(roles([user('1'), said('', { calls }), user('2')])).toEqual(['user', 'user'])
    expect(roles([user('1'), result('c9'), user('2')])).toEqual(['user', 'user'])
    const two = [...calls, { id: 'c2', name: 'g', arguments: '{}' }]
    expect(roles([user('1'), said('text', { calls: two }), result('c1'), user('2')])).toEqual(['user', 'assistant', 'user'])
  })

  it('sends pictures as parts', () => {
    const turn: Turn = { role: 'user', id: 'p', text: 'what?', images: [{ name: 'a', url: 'data:image/png;base64,AA==' }] }
    expect(buildMessages(bare, settings(), [turn])[0]?.content).toEqual([
      { type: 'text', text: 'what?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
    ])
  })
})
