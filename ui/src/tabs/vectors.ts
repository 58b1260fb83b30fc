import { list, number, object } from '../api/json'

/** Reads the vectors of an embeddings answer, in the order of its indices. */
export function readVectors(body: unknown): number[][] {
  return list(object(body).data)
    .map((d) => ({ at: number(object(d).index) ?? 0, vector: toNumbers(object(d).embedding) }))
    .sort((a, b) => a.at - b.at)
    .map((d) => d.vector)
}

/** An embedding is a list of numbers, or base64 of little-endian 32-bit floats. */
function toNumbers(v: unknown): number[] {
  if (typeof v !== 'string') return list(v).map((n) => number(n) ?? 0)
  const bytes = Uint8Array.from(atob(v), (c) => c.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(i * 4, true))
}

/** The cosine of the angle between two vectors: 1 for the same direction, 0 for nothing in common. */
export function cosine(a: number[], b: number[]): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i] as number
    const y = b[i] as number
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb)
}

/** Averages a vector into so many bars, each between -1 and 1. */
export function bars(vector: number[], count: number): number[] {
  const n = Math.min(count, vector.length)
  const size = vector.length / n
  const sums = Array.from({ length: n }, (_, i) => {
    const part = vector.slice(Math.floor(i * size), Math.max(Math.floor((i + 1) * size), Math.floor(i * size) + 1))
    return part.reduce((s, x) => s + x, 0) / part.length
  })
  const top = Math.max(...sums.map(Math.abs), Number.MIN_VALUE)
  return sums.map((s) => s / top)
}
