import { describe, expect, it } from 'vitest'
import { groupChats, searchChats } from './list'
import { newChat } from './reducer'
import type { Chat } from './types'
import { earlierOf, showVersion, versionsOf } from './versions'

const now = new Date(2026, 5, 17, 12).getTime()
const at = (name: string, changed: number, more: Partial<Chat> = {}): Chat => ({ ...newChat(name, changed), name, ...more })
const shape = (chats: Chat[]) => groupChats(chats, now).map((g) => [g.title, ...g.chats.map((c) => c.name)])

describe('groupChats', () => {
  it('goes by local days, the latest first, pinned ones above', () => {
    const day = 24 * 3600_000
    expect(shape([at('old', now - 90 * day), at('b', now - 1000), at('y', now - day), at('a', now), at('p', now - 40 * day, { pinned: true }), at('w', now - 4 * day)])).toEqual([
      ['Pinned', 'p'], ['Today', 'a', 'b'], ['Yesterday', 'y'], ['The last seven days', 'w'], [new Date(now - 90 * day).toLocaleDateString(undefined, { month: 'long', year: 'numeric' }), 'old'],
    ])
  })
  it('has what a wrong clock wrote in the future among today', () => expect(shape([at('tomorrow', now + 26 * 3600_000), at('now', now)])).toEqual([['Today', 'tomorrow', 'now']]))
})

describe('searchChats', () => {
  const chats = [
    at('Résumé', now), at('b', now, { turns: [{ role: 'user', id: '1', text: 'Why is the SKY blue?', images: [] }] }), at('c', now),
  ]
  it.each([['resume', ['Résumé']], ['sky why', ['b']], ['  ', ['Résumé', 'b', 'c']], ['nothing', []], ['.*', []]])('finds by %j', (words, names) => {
    expect(searchChats(chats, words).map((c) => c.name)).toEqual(names)
  })
})

describe('versions', () => {
  const answer = (text: string) => ({ role: 'assistant' as const, id: text, text, reasoning: '', calls: [], state: 'done' as const, card: null, raw: null })
  it('are kept in the order they came, whichever is shown', () => {
    let turn = { ...answer('c'), ...earlierOf({ ...answer('b'), ...earlierOf(answer('a')) }) }
    const all = ['a', 'b', 'c']
    expect(versionsOf(turn).map((v) => v.text)).toEqual(all)
    for (const i of [0, 1, 2, 0]) {
      turn = showVersion(turn, i) as typeof turn
      expect(turn.text).toBe(all[i])
      expect(turn.id).toBe('c')
      expect(versionsOf(turn).map((v) => v.text)).toEqual(all)
    }
    expect(showVersion(turn, 9)).toBe(turn)
  })
  it('leave out what broke off or said nothing', () => expect(earlierOf({ ...answer('x'), state: 'broken' })).toEqual({}))
})
