import { isObject } from '../api/json'

export const rowTypes = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const
export type RowType = (typeof rowTypes)[number]

/** One property of an object's schema. */
export interface Row {
  name: string
  /** Empty where JSON names none of these, or several. */
  type: RowType | ''
  description: string
  required: boolean
  /** The values allowed, one a line; empty for any. Only texts and numbers have them here. */
  values: string[]
  /** Everything else of the property, as it stands in the JSON. */
  more: Record<string, unknown>
}

/** The schema of an object as rows; what rows cannot show is kept beside them. */
export interface SchemaForm {
  rows: Row[]
  more: Record<string, unknown>
}

export const emptyForm: SchemaForm = { rows: [], more: {} }
export const newRow = (name: string, required: boolean): Row => ({ name, type: 'string', description: '', required, values: [], more: {} })

/** Reads a schema as rows; null when it is not that of an object with properties, and so is left to JSON. */
export function readSchema(schema: unknown): SchemaForm | null {
  if (!isObject(schema) || schema.type !== 'object') return null
  const { type: _, properties = {}, required = [], ...more } = schema
  if (Array.isArray(schema.required) && schema.required.length === 0) more.required = []
  if (!isObject(properties) || !Object.values(properties).every(isObject)) return null
  if (!Array.isArray(required) || new Set(required).size < required.length || !required.every((r) => typeof r === 'string' && Object.hasOwn(properties, r))) return null
  const rows = Object.entries(properties).map(([name, p]) => readRow(name, p as Record<string, unknown>, required.includes(name)))
  return { rows, more }
}

function readRow(name: string, property: Record<string, unknown>, required: boolean): Row {
  const more = { ...property }
  const row: Row = { name, type: '', description: '', required, values: [], more }
  if (rowTypes.includes(property.type as RowType)) {
    row.type = property.type as RowType
    delete more.type
  }
  if (typeof property.description === 'string' && property.description !== '') {
    row.description = property.description
    delete more.description
  }
  const values = valuesOf(row.type, property.enum)
  if (values) {
    row.values = values
    delete more.enum
  }
  return row
}

/** The lines of an enum; null when lines cannot say it. */
function valuesOf(type: RowType | '', list: unknown): string[] | null {
  if (!Array.isArray(list) || list.length === 0) return null
  if (type === 'string' && list.every((v) => typeof v === 'string' && v.trim() !== '' && !/[\r\n]/.test(v) && v === v.trim())) return list as string[]
  if (isNumeric(type) && list.every((v) => typeof v === 'number')) return list.map(String)
  return null
}

const isNumeric = (type: string) => type === 'number' || type === 'integer'

/** Which of the lines is not a value of the type; empty when all are. */
export const wrongValue = (type: RowType | '', values: string[]): string => (isNumeric(type) ? (values.find((v) => !Number.isFinite(Number(v))) ?? '') : '')

/** Whether a row of the type may have a list of values. */
export const hasValues = (type: RowType | ''): boolean => type === 'string' || isNumeric(type)

/** Writes the schema that the rows and what is beside them make. */
export function writeSchema(form: SchemaForm): Record<string, unknown> {
  const required = form.rows.filter((r) => r.required).map((r) => r.name)
  return {
    type: 'object',
    properties: Object.fromEntries(form.rows.map((r) => [r.name, writeRow(r)])),
    ...form.more,
    ...(required.length > 0 ? { required } : {}),
  }
}

function writeRow(row: Row): Record<string, unknown> {
  return {
    ...(row.type ? { type: row.type } : {}),
    ...row.more,
    ...(row.type ? { type: row.type } : {}),
    ...(row.description ? { description: row.description } : {}),
    ...(row.values.length > 0 && hasValues(row.type) ? { enum: isNumeric(row.type) ? row.values.map(Number) : row.values } : {}),
  }
}

/** What a name of a property has to be; empty when it is fine. */
export function wrongName(name: string, others: string[]): string {
  // Names that begin with a digit would change their place in JSON.
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(name)) return 'A name begins with a letter or _, and has up to 64 letters, digits, _ . or -.'
  return others.includes(name) ? `There is a ${name} already.` : ''
}

/** A name that none of the others has: parameter, parameter_2, … */
export function freshName(base: string, others: string[]): string {
  if (!others.includes(base)) return base
  for (let n = 2; ; n++) if (!others.includes(`${base}_${n}`)) return `${base}_${n}`
}
