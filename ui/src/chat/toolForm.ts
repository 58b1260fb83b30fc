import { isObject, parse } from '../api/json'
import { readSchema, type SchemaForm, writeSchema } from './schemaForm'

/** One function as a form. */
export interface ToolForm {
  name: string
  description: string
  /** Null when the JSON does not say. */
  strict: boolean | null
  /** Null for a function without parameters. */
  schema: SchemaForm | null
  /** What else the function, and the tool around it, have. */
  more: Record<string, unknown>
  outer: Record<string, unknown>
}

/** A tool as a form, or as it stands where a form cannot show it. */
export type ToolEntry = { form: ToolForm } | { raw: unknown }

export const newTool = (name: string): ToolForm => ({ name, description: '', strict: null, schema: { rows: [], more: {} }, more: {}, outer: {} })

/** Reads the text of the tools editor; null when it is no list. */
export function readTools(source: string): ToolEntry[] | null {
  if (source.trim() === '') return []
  const value = parse(source)
  return Array.isArray(value) ? value.map((raw) => readTool(raw) ?? { raw }) : null
}

function readTool(tool: unknown): { form: ToolForm } | null {
  if (!isObject(tool) || tool.type !== 'function' || !isObject(tool.function)) return null
  const { type: _, function: f, ...outer } = tool
  const { name, description = '', strict, parameters, ...more } = f as Record<string, unknown>
  if (typeof name !== 'string' || typeof description !== 'string' || (strict !== undefined && typeof strict !== 'boolean')) return null
  if (f.description === '') more.description = ''
  const schema = parameters === undefined ? null : readSchema(parameters)
  if (parameters !== undefined && schema === null) return null
  return { form: { name, description, strict: strict ?? null, schema, more, outer } }
}

/** Writes the text of the tools editor. */
export function writeTools(entries: ToolEntry[]): string {
  if (entries.length === 0) return ''
  return JSON.stringify(entries.map((e) => ('raw' in e ? e.raw : writeTool(e.form))), null, 2)
}

function writeTool(t: ToolForm): unknown {
  return {
    type: 'function',
    function: {
      name: t.name,
      ...t.more,
      ...(t.description ? { description: t.description } : {}),
      ...(t.strict !== null ? { strict: t.strict } : {}),
      ...(t.schema ? { parameters: writeSchema(t.schema) } : {}),
    },
    ...t.outer,
  }
}

/** What a tool that a form cannot show is called. */
export function rawName(raw: unknown): string {
  const f = isObject(raw) && isObject(raw.function) ? raw.function : raw
  return isObject(f) && typeof f.name === 'string' && f.name !== '' ? f.name : 'A tool'
}
