import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineAt } from './place'
import { hasValues, readSchema, type Row, rowTypes, type SchemaForm, writeSchema } from './schemaForm'
import { checkFormat, responseFormat, sampleSchema } from './schema'
import { checkStrict, fitStrict } from './strict'
import { readTools, type ToolEntry, writeTools } from './toolForm'
import { checkTools, sampleTools } from './tools'
import { defaultSettings } from './types'

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/)
const words = fc.string({ maxLength: 30 })
const line = words.filter((w) => w.trim() === w && w !== '' && !/[\r\n]/.test(w))
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => String(n === 0 ? 0 : n))
const json = fc.jsonValue({ maxDepth: 3 }).map((v) => JSON.parse(JSON.stringify(v)) as unknown)
const more = (...taken: string[]) => fc.dictionary(fc.string({ maxLength: 8 }).filter((k) => !taken.includes(k)), json, { maxKeys: 3 })

const row: fc.Arbitrary<Row> = fc.constantFrom(...rowTypes).chain((type) =>
  fc.record({
    name, type: fc.constant(type), description: words, required: fc.boolean(),
    values: hasValues(type) ? fc.array(type === 'string' ? line : number, { maxLength: 3 }) : fc.constant([]),
    more: more('type', 'description', 'enum'),
  }),
)
const form: fc.Arbitrary<SchemaForm> = fc.record({
  rows: fc.uniqueArray(row, { selector: (r) => r.name, maxLength: 6 }),
  more: more('type', 'properties', 'required'),
})
const tool: fc.Arbitrary<ToolEntry> = fc.record({
  form: fc.record({
    name, description: words, strict: fc.constantFrom(true, false, null), schema: fc.option(form, { nil: null }),
    more: more('name', 'description', 'strict', 'parameters'), outer: more('type', 'function'),
  }),
})
const plain = (v: unknown) => JSON.parse(JSON.stringify(v)) as unknown

describe('the form and the JSON', () => {
  it('form → JSON → form is the same, of schemas and of tools', () => {
    fc.assert(fc.property(form, (f) => { expect(plain(readSchema(plain(writeSchema(f))))).toEqual(plain(f)) }))
    fc.assert(fc.property(fc.array(tool, { maxLength: 4 }), (all) => { expect(plain(readTools(writeTools(all)))).toEqual(plain(all)) }))
  })

  it('JSON → form → JSON loses nothing, whatever the JSON', () => {
    const odd = fc.oneof(json, fc.record({ type: fc.constant('function'), function: fc.record({ name, parameters: fc.oneof(json, form.map(writeSchema)) }) }))
    fc.assert(fc.property(fc.array(odd, { minLength: 1, maxLength: 4 }), (all) => { expect(plain(JSON.parse(writeTools(readTools(JSON.stringify(all)) ?? [])))).toEqual(plain(all)) }))
  })

  it('keeps what rows cannot show', () => {
    const schema = { type: 'object', properties: { a: { type: ['string', 'null'], enum: ['x', null] }, b: { $ref: '#/$defs/b' } }, $defs: { b: true }, additionalProperties: false }
    const read = readSchema(schema) as SchemaForm
    expect(read.rows.map((r) => [r.type, r.values])).toEqual([['', []], ['', []]])
    expect(writeSchema(read)).toEqual(schema)
    for (const other of [true, {}, { type: 'array' }, { type: 'object', properties: { a: true } }, { type: 'object', required: ['b'] }]) expect(readSchema(other)).toBeNull()
    expect(readTools('{')).toBeNull()
    expect(readTools(' ')).toEqual([])
  })
})

describe('strict', () => {
  it('says what is missing, and mends it', () => {
    const schema = { type: 'object', properties: { a: { type: 'array', items: { type: 'object', properties: { b: {} } } }, c: { anyOf: [{ type: 'object' }] } }, required: ['a'] }
    expect(checkStrict(schema, 's').map((c) => c.at)).toEqual(['s.additionalProperties', 's.required', 's.properties.a.items.additionalProperties', 's.properties.a.items.required', 's.properties.c.anyOf[0].additionalProperties'])
    expect(checkStrict(fitStrict(schema), 's')).toEqual([])
    const loose = '[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object","properties":{"x":{}}}}}]'
    expect(checkTools(loose).map((c) => c.message.includes('Strict'))).toEqual([true, true])
  })
})

describe('places', () => {
  it('a complaint has its line', () => {
    const at = (path: string) => sampleTools.split('\n')[lineAt(sampleTools, path) - 1]?.trim()
    expect(at('[0].function.name')).toBe('"name": "get_weather",')
    expect(at('[0].function.parameters.properties.unit.enum')).toMatch(/^"unit"/)
    expect(at('[0].function.parameters.required')).toMatch(/^"required"/)
    expect(at('[0].function.nothing')).toBe('"function": {')
    expect(checkTools('[\n  {\n    "type": "function",\n    "function": {"name": "a b"}\n  }\n]')).toMatchObject([{ at: '[0].function.name', line: 4 }])
    expect(lineAt('["a:,{", {\n"b":1}]', '[1].b')).toBe(2)
  })
})

describe('the format of an answer', () => {
  const settings = (part: Partial<typeof defaultSettings>) => ({ ...defaultSettings, format: 'schema' as const, schema: sampleSchema, ...part })
  it('goes as a schema, and nothing of it does when it is wrong', () => {
    expect(responseFormat(settings({}))).toEqual({ type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: JSON.parse(sampleSchema) } })
    expect(responseFormat(settings({ format: 'json' }))).toEqual({ type: 'json_object' })
    expect(responseFormat(settings({ format: 'text' }))).toBeUndefined()
    expect(responseFormat(settings({ schema: '{"type":"object","properties":{"a":{}}}' }))).toBeUndefined()
    expect(responseFormat(settings({ schema: '{"type":"object","properties":{"a":{}}}', schemaStrict: false }))).toMatchObject({ type: 'json_schema', json_schema: { name: 'answer' } })
  })

  it.each([
    ['', 'no schema yet'],
    ['{"type": "object",\n}', 'not JSON'],
    ['[]', 'is an object'],
    ['{"type":"string"}', '"object"'],
    ['{"type":"object","properties":{"x":{"type":"text"}},"required":["x"],"additionalProperties":false}', 'one of'],
  ])('complains of %s', (schema, said) => {
    expect(checkFormat(settings({ schema })).map((c) => c.message).join()).toContain(said)
  })
})
