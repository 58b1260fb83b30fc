import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAst } from 'vite'
import { describe, expect, it } from 'vitest'
import { languages } from './languages'
import { pythonValue } from './python'
import { json, keyKind, keyVariable, type Sample } from './sample'

// Texts that break out of careless quoting, or hide in a program, in each of the languages.
const nasty: Record<string, string> = {
  quotes: `it's "quoted" 'x' "" """ """" ''' ‘a’ “b”`,
  backslashes: '\\ \\\\ \\" \\n \\u000a \\u0022 \\x',
  'words of shells': '`id` $(id) ${HOME} $env:PATH %PATH% !x #{y} {{z}}',
  ends: "JSON\n'@\n\"@\n’@\nEOF\n*/ // -- # </script><!--",
  'lines of all kinds': 'a\nb\r\nc\rd\u2028e\u2029f\u0085g',
  'letters of all kinds': 'é 漢字 🚀 👩‍👩‍👧 عربي \u0000\u0007\u007f\ufeff',
  'turned and hidden text': 'a\u202ec\u202cb \u2066x\u2069 \u200b\u200d\u00ad',
  halves: 'a\ud83d b\ude80 \\ud83d',
}

const calls: [path: string, body: (text: string) => Record<string, unknown>][] = [
  ['/chat/completions', (t) => ({ model: t, messages: [{ role: 'system', content: t }, { role: 'user', content: t }], max_tokens: 10, temperature: 0.7, stop: [t] })],
  ['/chat/completions', (t) => ({ model: t, messages: [{ role: 'user', content: t }], max_tokens: 10, seed: 1, top_p: 1, presence_penalty: -0.5 })],
  ['/chat/completions', (t) => ({ model: t, messages: [{ role: 'user', content: [{ type: 'text', text: t }] }], tools: [{ type: 'function', function: { name: 'f', description: t } }], response_format: { type: t, [t]: null, ok: true } })],
  ['/completions', (t) => ({ model: t, prompt: t, stop: [t] })],
  ['/embeddings', (t) => ({ model: t, input: [t, t] })],
  ['/images/generations', (t) => ({ model: t, prompt: t, n: 1 })],
  ['/audio/speech', (t) => ({ model: t, input: t, voice: t })],
  ['/audio/transcriptions', (t) => ({ model: t, language: t, file: t })],
]

const endpoint = "https://gate.example.com/it's"
const samples = (text: string): Sample[] =>
  calls.flatMap(([path, body]) => [false, true].flatMap((stream) => [false, true].map((sdk): Sample => ({ path, endpoint, keyKind: 'personal key', sdk, body: { ...body(text), ...(stream && /completions$/.test(path) ? { stream, stream_options: { include_usage: true } } : {}) } }))))
const write = (id: string, s: Sample) => languages.find((l) => l.id === id)?.write(s) ?? ''

const folder = mkdtempSync(join(tmpdir(), 'code-'))
let files = 0

/** What a checker says of programs; nothing when they are right, or when it is not installed here. */
function complaint(programs: string[], ending: string, command: string, ...args: string[]): string {
  const names = [...new Set(programs)].map((code) => {
    const name = join(folder, `${files++}${ending}`)
    writeFileSync(name, code)
    return name
  })
  const run = spawnSync(command, [...args, ...names], { encoding: 'utf8' })
  return run.error ? '' : `${run.stdout}${run.stderr}`
}

describe.each(Object.entries(nasty))('%s', (_, text) => {
  const all = samples(text)
  const programs = (id: string) => all.map((s) => write(id, s))

  it('are right for a shell', () => expect(complaint([programs('bash').join('\n')], '.sh', 'bash', '-n')).toBe(''))
  it('are right for Python', () => expect(complaint(programs('python'), '.py', 'python3', '-c', 'import ast,sys\nfor f in sys.argv[1:]: ast.parse(open(f, "rb").read(), f)')).toBe(''))
  it('are right for Node', () => {
    for (const p of programs('javascript')) expect(() => parseAst(p)).not.toThrow()
  })
  it('are right for Go', () => expect(complaint(programs('go'), '.go', 'gofmt', '-l', '-e')).not.toContain(': '))

  it('keep every character in sight', () => {
    for (const l of languages) {
      for (const s of all) expect(l.write(s), l.name).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])/)
    }
  })

  it('reach curl as the page would send them', () => {
    const posts = all.filter((s) => !s.path.startsWith('/audio'))
    const stub = 'curl() { printf "%s\\n" "$*" >&2; cat; printf "\\036"; }\njq() { cat; }\n'
    const run = spawnSync('bash', ['-c', stub + posts.map((s) => write('bash', s).replaceAll('> pictures.txt', '')).join('\n')], { encoding: 'utf8', cwd: folder })
    const bodies = run.stdout.split('\u001e')
    expect(bodies).toHaveLength(posts.length + 1)
    posts.forEach((s, i) => {
      const { stream_options: _, ...body } = s.body
      expect(JSON.parse(bodies[i] ?? '')).toEqual(JSON.parse(JSON.stringify(body).replace(/\\\\|\\ud[89a-f]../g, (m) => (m === '\\\\' ? m : '\ufffd'))))
    })
    expect(run.stderr).toContain(`${endpoint}/openai/v1${posts[0]?.path}`)
  })

  it('do not end a text of PowerShell or C# early', () => {
    for (const s of all.filter((s) => !s.path.startsWith('/audio/trans'))) {
      const shell = write('powershell', s)
      expect(shell.split('\n').filter((l) => /^['\u2018-\u201b]@/.test(l))).toHaveLength(1)
      expect(shell).toMatch(/^[\x00-\x7f]*$/)
      const sharp = write('csharp', { ...s, sdk: false })
      const quotes = /var body = ("+)\n/.exec(sharp)?.[1] ?? ''
      expect(sharp.split(quotes).length).toBeGreaterThan(2)
      expect(JSON.parse(sharp.split(quotes)[1] ?? '')).toHaveProperty('model')
    }
  })
})

it('a program names the endpoint and says first how to set the key, by its kind; the key is in it when that is wanted alone', () => {
  for (const l of languages.filter((l) => l.id !== 'json')) {
    for (const s of samples('hello')) {
      const code = l.write(s)
      expect(code, l.name).toContain('gate.example.com')
      expect(code.split('\n').slice(0, 6).join('\n'), l.name).toMatch(/Set your personal key first/)
      expect(code, l.name).toContain(keyVariable)
      const mine = l.write({ ...s, key: `tge-"it's"` })
      expect(mine, l.name).toMatch(/tge-\\?"it/)
      expect(mine, l.name).not.toContain('Set your')
      expect(l.write({ ...s, bare: true }), l.name).not.toContain('Set your')
    }
  }
  expect(write('bash', { path: '/embeddings', body: {}, endpoint, keyKind: 'event code' })).toContain("# export AZURE_OPENAI_API_KEY='CODE/NAME'")
})

it('Go is formatted', () => {
  expect(complaint(samples('hello').map((s) => write('go', s)), '.go', 'gofmt', '-d')).toBe('')
})

it('nothing calls for curl.exe, and no program prints events', () => {
  for (const s of samples('hello')) {
    expect(write('powershell', s)).not.toContain('curl')
    if (s.body.stream) expect(write('bash', s)).toContain('| jq ')
  }
})

it('tells the kind of a key', () => {
  expect(keyKind('tge-abc', true)).toBe('personal key')
  expect(keyKind('oslo2026/kari', true)).toBe('event code')
  expect(keyKind('tg-demo-key', false)).toBe('API key')
})

it('Python has its own words', () => {
  expect(pythonValue({ a: [true, null, 1.5, 'x\n'], b: {}, c: [] }, 0)).toBe(
    '{\n    "a": [\n        True,\n        None,\n        1.5,\n        "x\\n",\n    ],\n    "b": {},\n    "c": [],\n}',
  )
})

it('JSON stays what it is, though each character is seen', () => {
  expect(JSON.parse(json(Object.values(nasty).slice(0, -1)))).toEqual(Object.values(nasty).slice(0, -1))
  expect(json('\ud83d \\ud83d \u202e', 0)).toBe('"\\ufffd \\\\ud83d \\u202e"')
})

it('a key named __proto__ stays a key of an object literal', () => {
  const code = write('javascript', { path: '/embeddings', endpoint, keyKind: 'API key', body: JSON.parse('{"model":"m","a":{"__proto__":{"x":1}}}') as Record<string, unknown> })
  expect(code).toContain('["__proto__"]: {')
})
