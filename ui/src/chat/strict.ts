import { isObject } from '../api/json'
import type { Complaint } from './tools'

const deepest = 64

/** Finds where a schema is not what "strict" demands: objects that name all they may have, and require all of it. */
export function checkStrict(schema: unknown, at: string, depth = 0): Complaint[] {
  if (!isObject(schema) || depth > deepest) return []
  const out: Complaint[] = []
  if (isObjects(schema)) {
    const names = isObject(schema.properties) ? Object.keys(schema.properties) : []
    const required = Array.isArray(schema.required) ? schema.required : []
    const missing = names.filter((n) => !required.includes(n))
    if (schema.additionalProperties !== false) out.push({ at: `${at}.additionalProperties`, message: 'Strict demands "additionalProperties": false.' })
    if (missing.length > 0) out.push({ at: `${at}.required`, message: `Strict demands that all are required; missing: ${missing.join(', ')}.` })
  }
  for (const [path, inner] of within(schema)) out.push(...checkStrict(inner, `${at}${path}`, depth + 1))
  return out
}

/** Makes a schema what "strict" demands. */
export function fitStrict(schema: unknown, depth = 0): unknown {
  if (!isObject(schema) || depth > deepest) return schema
  const out: Record<string, unknown> = { ...schema }
  for (const key of maps) {
    const map = out[key]
    if (isObject(map)) out[key] = Object.fromEntries(Object.entries(map).map(([k, v]) => [k, fitStrict(v, depth + 1)]))
  }
  if (isObject(out.items)) out.items = fitStrict(out.items, depth + 1)
  if (Array.isArray(out.anyOf)) out.anyOf = out.anyOf.map((v) => fitStrict(v, depth + 1))
  if (isObjects(schema)) {
    out.additionalProperties = false
    out.required = isObject(schema.properties) ? Object.keys(schema.properties) : []
  }
  return out
}

const maps = ['properties', '$defs', 'definitions']
const isObjects = (s: Record<string, unknown>) => s.type === 'object' || (Array.isArray(s.type) && s.type.includes('object')) || isObject(s.properties)

function within(s: Record<string, unknown>): [path: string, schema: unknown][] {
  const out: [string, unknown][] = []
  for (const key of maps) for (const [name, v] of Object.entries(isObject(s[key]) ? s[key] : {})) out.push([`.${key}.${name}`, v])
  if (isObject(s.items)) out.push(['.items', s.items])
  if (Array.isArray(s.anyOf)) s.anyOf.forEach((v, i) => out.push([`.anyOf[${i}]`, v]))
  return out
}
