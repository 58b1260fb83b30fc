import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import type { Checked, Finding } from './checker'
import { syntaxWords } from './tools'

const most = 50

/** Checks a text against a schema; with null, that it is JSON. It compiles nothing: the page's policy forbids that. */
export function check(text: string, schema: unknown): Checked {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (e) {
    return { ok: false, words: 'Not JSON', findings: [{ at: '', message: syntaxWords(e, text).slice(0, 300) }] }
  }
  if (schema === null) return { ok: true }
  try {
    const { valid, errors } = new Validator(schema as Schema, '2020-12', false).validate(value)
    if (valid) return { ok: true }
    // What holds a wrong thing is wrong too: only the innermost is told.
    const some = errors.slice(0, 1000)
    const inner = some.filter((e) => !some.some((o) => holds(e, o)))
    const findings = inner.slice(0, most).map((e): Finding => ({ at: pathOf(e.instanceLocation), message: e.keyword === 'false' ? 'The schema does not allow this.' : worded(e.error) }))
    return { ok: false, words: 'Does not match the schema', findings }
  } catch (e) {
    return { ok: false, words: 'Not checked: the schema cannot be followed', findings: [{ at: '', message: e instanceof Error ? e.message.slice(0, 300) : '' }] }
  }
}

/** Whether one finding only says that the other is within it. */
function holds(outer: OutputUnit, inner: OutputUnit): boolean {
  if (outer === inner) return false
  if (inner.keyword === 'false') return outer.keyword.endsWith('Properties') && inner.instanceLocation.startsWith(`${outer.instanceLocation}/`)
  return inner.keywordLocation.startsWith(`${outer.keywordLocation}/`)
}

/** The validator's words as ours: it calls what is checked an instance. */
function worded(said: string): string {
  return said
    .replace(/^Instance type "(\w+)" is invalid\. Expected "(.*)"\.$/, 'This is of type "$1"; expected is "$2".')
    .replaceAll('Instance', 'This')
    .slice(0, 300)
}

/** Writes `#/people/0/name` as `people[0].name`. */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((s) => decodeURIComponent(s.replaceAll('~1', '/').replaceAll('~0', '~')))
    .map((s, i) => (/^\d+$/.test(s) ? `[${s}]` : `${i > 0 ? '.' : ''}${s}`))
    .join('')
}
