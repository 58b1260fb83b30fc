import { expect, it } from 'vitest'
import { readSession } from '../api/session'
import { promptsFor, withPrompt } from './prompts'

const session = (event: unknown, capabilities = ['stream']) =>
  readSession({ event, models: [{ name: 'm', kind: 'chat', capabilities }] }, 'https://gate.example.com')
const titles = (s: ReturnType<typeof session>) => promptsFor(s, s.models[0]).map((p) => p.title)

it("offers the organiser's prompts, else ours by what the model can do", () => {
  expect(titles(session({ prompts: [{ title: 'A', text: 'a' }, { title: '', text: 'b' }, { title: 'C', text: ' ' }, 7, { title: 3, text: null }] }))).toEqual(['A', 'b'])
  expect(titles(session({}))).not.toContain('Read a picture')
  expect(titles(session({}, ['vision']))[0]).toBe('Read a picture')
  expect(titles(session(null, ['reasoning']))).toContain('Solve a puzzle')
  expect(promptsFor(session(null), undefined)).toEqual([])
})

it('reads what a gateway tells of an event, and what it does not', () => {
  expect(session({ system_message: 'Be brief.' }).event).toMatchObject({ systemMessage: 'Be brief.', prompts: [] })
  expect(session({}).event).toMatchObject({ systemMessage: '', prompts: [] })
  expect(session({}).allow).toBeNull()
  expect(readSession({ allow: ['tools', 3] }, '').allow).toEqual(['tools'])
})

it('a prompt never takes away what was typed', () => {
  const all = [{ title: 'A', text: 'a' }, { title: 'B', text: 'b\n' }]
  expect(withPrompt('', 'a', all)).toBe('a')
  expect(withPrompt('b', 'a', all)).toBe('a')
  expect(withPrompt('mine ', 'a', all)).toBe('mine\n\na')
})
