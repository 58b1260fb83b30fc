// Runs the programs of "view code": the generator is bundled from ui/src/code, each
// program is written to a folder of its own and started with the key in its environment.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './browser.mjs'

const here = mkdtempSync(join(tmpdir(), 'programs-'))
process.on('exit', () => rmSync(here, { recursive: true, force: true }))

/** The languages, as the page knows them. */
export async function loadLanguages() {
  const { rolldown } = await import(pathToFileURL(createRequire(`${root}/ui/package.json`).resolve('rolldown')).href)
  const bundle = await rolldown({ input: `${root}/ui/src/code/languages.ts` })
  const file = join(here, 'languages.mjs')
  await bundle.write({ file, format: 'esm' })
  await bundle.close()
  return (await import(pathToFileURL(file).href)).languages
}

/** How each language's program is kept and started, and what tells that its tools, and its package, are here. */
const ways = {
  bash: { file: 'sample.sh', run: ['bash', 'sample.sh'], needs: [['curl', '--version'], ['jq', '--version']] },
  powershell: { file: 'sample.ps1', run: ['pwsh', '-NoProfile', '-NonInteractive', '-File', 'sample.ps1'], needs: [['pwsh', '-Version']] },
  python: { file: 'sample.py', run: ['python3', 'sample.py'], needs: [['python3', '--version']], sdk: [['python3', '-c', 'import openai']] },
  javascript: { file: 'sample.mjs', run: ['node', 'sample.mjs'], needs: [], sdk: [['test', '-d', `${root}/test/sdk/node/node_modules/openai-6`]] },
  csharp: { file: 'Program.cs', run: ['dotnet', 'run'], needs: [['dotnet', '--version']], sdk: [['dotnet', 'package', 'search', 'OpenAI', '--take', '1']] },
  go: { file: 'main.go', run: ['go', 'run', 'main.go'], needs: [['go', 'version']], sdk: [['go', '-C', `${root}/test/sdk/go`, 'list', 'github.com/openai/openai-go/v3']] },
  java: { file: 'Sample.java', run: ['java', 'Sample.java'], needs: [['java', '--version']] },
}

const known = new Map()

/** Says why a language's programs cannot run here; empty when they can. */
export function missing(id, sdk) {
  const key = `${id} ${sdk}`
  if (!known.has(key)) known.set(key, lookFor(id, sdk))
  return known.get(key)
}

async function lookFor(id, sdk) {
  const way = ways[id]
  for (const [command, ...args] of [...way.needs, ...(sdk ? way.sdk : [])]) {
    const { code } = await start(command, args, {})
    if (code !== 0) return `not here: ${[command, ...args].join(' ')}`
  }
  return ''
}

let n = 0

/** Runs a program; what it printed, and where it ran. */
export async function runProgram(id, code, env, sdk = false) {
  const way = ways[id]
  const dir = join(here, `${id}-${n++}`)
  mkdirSync(dir)
  writeFileSync(join(dir, way.file), code)
  let cwd = dir
  let args = way.run
  if (sdk && id === 'javascript') {
    mkdirSync(join(dir, 'node_modules'))
    symlinkSync(`${root}/test/sdk/node/node_modules/openai-6`, join(dir, 'node_modules/openai'))
  }
  if (sdk && id === 'go') {
    cwd = `${root}/test/sdk/go` // whose module has the package
    args = ['go', 'run', join(dir, way.file)]
  }
  const ran = await start(args[0], args.slice(1), { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8', GOTOOLCHAIN: 'auto', ...env } })
  return { ...ran, dir }
}

function start(command, args, options) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    const out = []
    let err = ''
    child.stdout.on('data', (b) => out.push(b))
    child.stderr.on('data', (b) => { err += b })
    child.on('error', (e) => done({ code: -1, out: '', err: String(e) }))
    child.on('close', (code) => done({ code, out: Buffer.concat(out).toString(), err }))
  })
}
