/** Readers of foreign JSON: they never throw and always give the wanted type. */

export type Json = Record<string, unknown>

export const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)
/** The fields of an object, of which any may be missing or another thing than T says. */
export const object = <T = Json>(v: unknown): { [K in keyof T]?: unknown } => (isObject(v) ? v : {}) as { [K in keyof T]?: unknown }
export const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : [])
export const text = (v: unknown): string => (typeof v === 'string' ? v : '')
export const number = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null)
export const texts = (v: unknown): string[] => list(v).filter((x) => typeof x === 'string')

export function date(v: unknown): Date | null {
  if (typeof v !== 'string' || v === '') return null
  const d = new Date(v)
  return Number.isNaN(d.getTime()) ? null : d
}

export function parse(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}
