import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyVariable, languages, pythonValue, type Sample } from './generate'

// Text that breaks out of careless quoting in each of the languages.
const nasty = `'; rm -rf / #\n'@\nJSON\n"""" \`\` \${HOME} $(id) \\ {{x}} é 🚀 </script>`

const sample = (path: string, more: Record<string, unknown> = {}): Sample => ({
  path,
  endpoint: "https://gate.example.com/it's",
  body: { model: 'gpt-4o', messages: [{ role: 'user', content: nasty }], stream: true, seed: null, parallel_tool_calls: false, ...more },
})
const write = (id: string, s: Sample) => languages.find((l) => l.id === id)?.write(s) ?? ''
const paths = ['/chat/completions', '/completions', '/embeddings', '/images/generations']

/** Runs a checker on a program; true when the checker is not installed here. */
function accepted(code: string, name: string, command: string, ...args: string[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'code-')), name)
  writeFileSync(file, code)
  const run = spawnSync(command, [...args, file], { encoding: 'utf8' })
  if (run.error) return ''
  return run.status === 0 ? '' : run.stderr
}

describe.each(paths)('a program for %s', (path) => {
  it('is accepted by the shell, Python, Node and Go, whatever the text', () => {
    const s = sample(path)
    expect(accepted(write('bash', s), 'a.sh', 'bash', '-n')).toBe('')
    expect(accepted(write('python', s), 'a.py', 'python3', '-c', 'import ast,sys; ast.parse(open(sys.argv[1]).read())')).toBe('')
    expect(accepted(write('javascript', s), 'a.mjs', 'node', '--check')).toBe('')
    expect(accepted(write('go', s), 'a.go', 'gofmt', '-l', '-e')).toBe('')
  })

  it('names the endpoint, the model and the variable of the key, never a key', () => {
    for (const l of languages.filter((l) => l.id !== 'json')) {
      const code = l.write(sample(path))
      expect(code, l.name).toContain('gate.example.com')
      expect(code, l.name).toContain('gpt-4o')
      expect(code, l.name).toContain(keyVariable)
    }
  })
})

it('what bash sends is the body', () => {
  const s = sample('/chat/completions')
  const stub = 'curl() { cat; }\n'
  const run = spawnSync('bash', ['-c', stub + write('bash', s)], { encoding: 'utf8' })
  expect(JSON.parse(run.stdout)).toEqual(s.body)
})

it('no line of a PowerShell body ends its here-string early', () => {
  const code = write('powershell', sample('/chat/completions'))
  expect(code.split('\n').filter((l) => l.startsWith("'@"))).toHaveLength(1)
})

it('a C# raw string begins with more quotes than its text has in a row', () => {
  const code = write('csharp', sample('/chat/completions', { tool_choice: '"""""' }))
  const quotes = /var body = ("+)\n/.exec(code)?.[1] ?? ''
  const body = code.split(quotes)[1] ?? ''
  expect(JSON.parse(body)).toMatchObject({ model: 'gpt-4o', tool_choice: '"""""' })
})

it('Python has its own words', () => {
  expect(pythonValue({ a: [true, null, 1.5, 'x\n'], b: {}, c: [] }, 0)).toBe(
    '{\n    "a": [\n        True,\n        None,\n        1.5,\n        "x\\n",\n    ],\n    "b": {},\n    "c": [],\n}',
  )
})
