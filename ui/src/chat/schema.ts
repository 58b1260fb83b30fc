import { isObject, parse } from '../api/json'
import { checkStrict } from './strict'
import { checkSchema, type Complaint, syntaxWords } from './tools'
import type { Settings } from './types'

/** Checks the schema of an answer, as typed. */
export function checkFormat(s: Pick<Settings, 'schema' | 'schemaName' | 'schemaStrict'>): Complaint[] {
  const out: Complaint[] = []
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(s.schemaName)) out.push({ at: 'name', message: 'A name has 1 to 64 letters, digits, _ or -.' })
  if (s.schema.trim() === '') return [...out, { at: '', message: 'There is no schema yet.' }]
  let value: unknown
  try {
    value = JSON.parse(s.schema)
  } catch (e) {
    return [...out, { at: '', message: `This is not JSON: ${syntaxWords(e, s.schema)}` }]
  }
  if (!isObject(value)) return [...out, { at: '', message: 'A schema is an object: begin with { and end with }.' }]
  if (value.type !== 'object') out.push({ at: 'type', message: 'An answer has the type "object".' })
  const wrong = [...checkSchema(value, '', 0), ...(s.schemaStrict ? checkStrict(value, '') : [])]
  return out.concat(wrong.map((c) => ({ ...c, at: c.at.replace(/^\./, '') })))
}

/** What goes as response_format; nothing for text, and nothing of a schema that is wrong. */
export function responseFormat(s: Settings): Record<string, unknown> | undefined {
  if (s.format === 'json') return { type: 'json_object' }
  if (s.format !== 'schema' || checkFormat(s).length > 0) return undefined
  return { type: 'json_schema', json_schema: { name: s.schemaName, ...(s.schemaStrict ? { strict: true } : {}), schema: parse(s.schema) } }
}

export const sampleSchema = `{
  "type": "object",
  "properties": {
    "title": { "type": "string", "description": "A short title" },
    "people": { "type": "array", "description": "Who is named", "items": { "type": "string" } },
    "mood": { "type": "string", "enum": ["good", "bad", "mixed"] }
  },
  "required": ["title", "people", "mood"],
  "additionalProperties": false
}`
