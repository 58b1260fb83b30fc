import { expect, it } from 'vitest'
import { check } from './check'

const schema = {
  type: 'object', required: ['title', 'people'], additionalProperties: false,
  properties: { title: { type: 'string' }, people: { type: 'array', items: { type: 'object', properties: { age: { type: 'integer' } } } }, mood: { enum: ['good', 'bad'] } },
}

it('an answer matches, or it is told where it does not', () => {
  expect(check('{"title":"x","people":[{"age":3}]}', schema)).toEqual({ ok: true })
  expect(check(' [1]\n', null)).toEqual({ ok: true })
  const wrong = check('{"people":[{"age":3},{"age":"old"}],"mood":"meh","extra":1}', schema)
  expect(wrong).toMatchObject({ ok: false, words: 'Does not match the schema' })
  const at = Object.fromEntries((wrong.ok ? [] : wrong.findings).map((f) => [f.at, f.message]))
  expect(Object.keys(at).sort()).toEqual(['', 'extra', 'mood', 'people[1].age'])
  expect(at['people[1].age']).toContain('"integer"')
  expect(at['']).toContain('title')
})

it('tells broken JSON with its place, and survives a schema that leads nowhere', () => {
  expect(check('{"a": 1,\n oops}', null)).toMatchObject({ ok: false, words: 'Not JSON', findings: [{ message: expect.stringMatching(/line 2/) }] })
  expect(check('{}', { $ref: '#/$defs/none' })).toMatchObject({ ok: false, words: expect.stringContaining('Not checked') })
  expect(check('{}', { $ref: '#' })).toMatchObject({ ok: false })
})
