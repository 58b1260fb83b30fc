import { beforeEach, expect, it, vi } from 'vitest'
import { newChat } from '../chat/reducer'
import type { Chat } from '../chat/types'
import type { ChatStore, Kept } from './chats'
import { Keeper, type News } from './keeper'
import { latest, loadLastWords } from './lastwords'

const words = new Map<string, string>()
beforeEach(() => {
  words.clear()
  vi.stubGlobal('window', { localStorage: { getItem: (k: string) => words.get(k) ?? null, setItem: (k: string, v: string) => words.set(k, v) } })
})

const asked = (id: string, text = 'hello'): Chat => ({ ...newChat(id, 1), turns: [{ role: 'user', id: `${id}q`, text, images: [] }] })
const worth = (c: Chat) => c.turns.length > 0

function setUp(save: (k: Kept) => Promise<void>) {
  const news: News[] = []
  const drafts = new Map<string, string>()
  const troubles: unknown[] = []
  const store: ChatStore = { load: async () => [], save: vi.fn(save), remove: vi.fn(async () => undefined) }
  const keeper = new Keeper(store, { owner: 'me', whole: (c) => c, draft: (id) => drafts.get(id) ?? '', tell: (n) => news.push(n), trouble: (e) => troubles.push(e) })
  return { keeper, store, news, drafts, troubles }
}

it('a chat is written once for each change, and other tabs are told', () => {
  const { keeper, store, news } = setUp(async () => undefined)
  keeper.now([asked('a'), newChat('b', 1)])
  expect(keeper.urgent()).toBe(true)
  keeper.save(worth)
  keeper.save(worth)
  expect(store.save).toHaveBeenCalledTimes(1)
  expect(news).toHaveLength(1)
  keeper.now([newChat('b', 1)])
  expect(store.remove).toHaveBeenCalledWith('a')
  expect(news.at(-1)).toMatchObject({ removed: 'a' })
})

it('a draft makes an empty chat worth keeping', () => {
  const { keeper, store, drafts } = setUp(async () => undefined)
  keeper.now([newChat('b', 1)])
  keeper.save(worth)
  expect(store.save).not.toHaveBeenCalled()
  drafts.set('b', 'half a thou')
  keeper.save(worth)
  expect(store.save).toHaveBeenCalledWith(expect.objectContaining({ draft: 'half a thou' }))
})

it('what the store has not confirmed when the page goes is among the last words, and the later of two counts', () => {
  const { keeper } = setUp(() => new Promise(() => undefined))
  keeper.now([asked('a', 'late')])
  keeper.leave(worth)
  const last = loadLastWords('me', () => 'fresh')
  expect(loadLastWords('you', () => 'fresh')).toEqual([])
  const merged = latest([{ chat: asked('a', 'early'), draft: '', at: 1 }, { chat: asked('z'), draft: '', at: 5 }], last)
  expect(merged.map((k) => k.chat.turns[0])).toContainEqual(expect.objectContaining({ text: 'late' }))
  expect(merged).toHaveLength(2)
})

it('a chat that another tab deleted is not written again', () => {
  const { keeper, store, news } = setUp(async () => undefined)
  keeper.now([asked('a')])
  keeper.save(worth)
  keeper.forget('a')
  keeper.now([])
  expect(store.remove).not.toHaveBeenCalled()
  expect(news).toHaveLength(1)
})

it("another tab's older chat does not take the place of a later one", () => {
  const { keeper } = setUp(async () => undefined)
  keeper.had([{ chat: asked('a'), draft: '', at: 100 }])
  expect(keeper.heard('a', 99)).toBe(false)
  expect(keeper.heard('a', 101)).toBe(true)
})

it('a store that refuses is told of', async () => {
  const { keeper, troubles } = setUp(() => Promise.reject(new Error('full')))
  keeper.now([asked('a')])
  keeper.save(worth)
  await Promise.resolve()
  await Promise.resolve()
  expect(troubles).toHaveLength(1)
})
