// The programs of "view code" are run: against a small server that answers with text as
// nasty as that which it is asked, and against the demo. What they print is the
// answer's text. What is not installed here is skipped by its name.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launch, open, send, signIn, answered, startDemo } from './browser.mjs'
import { loadLanguages, missing, runProgram } from './programs.mjs'

/** Text that leaves careless quoting, in each of the languages. */
const nasty = [
  `it's "quoted" \\ and \\" and \\\\`,
  '`back` ``` ${HOME} $(id) $env:PATH %PATH% #{x} {{x}}',
  "JSON\n'@\n\"@\nEOF\n\"\"\"\n\"\"\"\"\n'''\n*/ // -- #",
  'é ß 漢字 🚀 👩‍👩‍👧 عربي \u202eabc\u202c \u2028\u2029 \ufeff',
  '</script><!-- <b>&amp; \t\r\n \u0007 \u007f',
  "‘curly’ “quotes” ’@\n’@",
  '\\u000a \\u0022 \\n \\x41 %s %d',
].join('\n')

const styles = [['python', false], ['python', true], ['javascript', false], ['javascript', true], ['go', false], ['go', true], ['java', false], ['bash', false], ['powershell', false], ['csharp', false], ['csharp', true]]

let languages, server, url, browser
let asked = null
before(async () => {
  languages = await loadLanguages()
  server = createServer(answer)
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${server.address().port}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await browser?.close()
})

async function answer(req, res) {
  const pieces = []
  for await (const p of req) pieces.push(p)
  const bytes = Buffer.concat(pieces)
  asked = { path: req.url, key: req.headers['api-key'] ?? req.headers.authorization?.replace('Bearer ', ''), type: req.headers['content-type'], bytes, body: parsed(bytes) }
  const path = req.url.replace('/openai/v1', '')
  if (path === '/audio/speech') return res.writeHead(200, { 'content-type': 'audio/mpeg' }).end(Buffer.from('ID3sound'))
  if (asked.body?.stream) return events(path, res)
  res.writeHead(200, { 'content-type': 'application/json' })
  if (asked.body?.encoding_format === 'base64') return res.end(JSON.stringify({ data: [{ index: 0, embedding: Buffer.from(new Float32Array(vector).buffer).toString('base64') }] }))
  res.end(JSON.stringify(bodies[path] ?? { error: { message: 'no such path' } }))
}

function parsed(bytes) {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return null
  }
}

const vector = [0.5, 0.25, -1, 2, 3, 4]
const bodies = {
  '/chat/completions': { choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: nasty } }] },
  '/completions': { choices: [{ index: 0, finish_reason: 'stop', text: nasty }] },
  '/embeddings': { data: [{ index: 0, embedding: vector }], usage: {} },
  '/images/generations': { data: [{ b64_json: Buffer.from('picture').toString('base64') }] },
  '/audio/transcriptions': { text: nasty },
}

/** The stream comes in pieces that end in the middle of lines and of characters. */
async function events(path, res) {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (content) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [path === '/completions' ? { index: 0, text: content } : { index: 0, delta: { content } }] })}\n\n`
  const letters = [...nasty]
  let text = `data: ${JSON.stringify({ choices: [], prompt_filter_results: [] })}\n\n`
  for (let i = 0; i < letters.length; i += 7) text += chunk(letters.slice(i, i + 7).join(''))
  const bytes = Buffer.from(`${text}data: ${JSON.stringify({ choices: [{ index: 0, ...(path === '/completions' ? { text: '' } : { delta: {} }), finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`)
  for (let i = 0; i < bytes.length; i += 1021) {
    res.write(bytes.subarray(i, i + 1021))
    await new Promise((done) => setTimeout(done, 1))
  }
  res.end()
}

const write = (id, s) => languages.find((l) => l.id === id).write({ endpoint: url, keyKind: 'API key', ...s })
const env = { AZURE_OPENAI_API_KEY: "the-key/it's" }
const settings = { model: "it's \"new\" \\ $HOME `x`", temperature: 0.7, max_tokens: 60, stop: [nasty], seed: 7 }
const messages = [{ role: 'system', content: 'Be "brief".' }, { role: 'user', content: nasty }, { role: 'assistant', content: nasty }, { role: 'user', content: nasty }]
const tool = { type: 'function', function: { name: 'look', description: nasty, parameters: { type: 'object', properties: { __proto__x: { type: 'string', enum: [nasty] } } } } }
const odd = {
  ...settings,
  messages: [{ role: 'user', content: [{ type: 'text', text: nasty }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }, { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{"a":"\\""}' } }] }, { role: 'tool', tool_call_id: 'a', content: nasty }],
  tools: [tool],
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object', properties: { [nasty]: { type: 'null' } } } } },
  data_sources: [{ type: 'azure_search', parameters: { index_name: nasty } }],
  parallel_tool_calls: false,
}

/** Windows' PowerShell and Java end a line in their own way. */
const printed = (ran) => ran.out.replace(/\r?\n$/, '')

async function prints(id, sdk, path, body, expected) {
  const ran = await runProgram(id, write(id, { path, body, sdk }), env, sdk)
  assert.equal(ran.code, 0, `${ran.err}\n${ran.out}`)
  if (expected !== undefined) assert.equal(printed(ran), expected, `${path} ${JSON.stringify(body).slice(0, 80)}`)
  assert.equal(asked.path, `/openai/v1${path}`)
  assert.equal(asked.key, env.AZURE_OPENAI_API_KEY)
  return ran
}

for (const [id, sdk] of styles) {
  const name = `${id}${sdk ? ' with its package' : ''}`
  test(`${name}: sends what the page sends, and prints the answer's text`, async (t) => {
    const why = await missing(id, sdk)
    if (why) return t.skip(`${name}: ${why}`)
    const waits = id === 'powershell'
    for (const body of [{ ...settings, messages }, { ...odd }]) {
      for (const stream of [false, true]) {
        await prints(id, sdk, '/chat/completions', stream ? { ...body, stream, stream_options: { include_usage: true } } : body, nasty)
        assert.deepEqual(asked.body, stream && !waits ? { ...body, stream } : body)
      }
    }
  })

  test(`${name}: the other calls`, async (t) => {
    const why = await missing(id, sdk)
    if (why) return t.skip(`${name}: ${why}`)
    const call = async (path, body, expected) => {
      // Where the package's types have no words for a call, the language's own means stand in.
      const s = { path, body, endpoint: url, keyKind: 'API key' }
      if (sdk && !languages.find((l) => l.id === id).sdk(s)) return null
      return prints(id, sdk, path, body, expected)
    }
    for (const stream of [false, true]) {
      const ran = await call('/completions', { model: 'm', prompt: nasty, max_tokens: 5, ...(stream ? { stream } : {}) }, nasty)
      if (ran) assert.equal(asked.body.prompt, nasty)
    }
    const vectors = await call('/embeddings', { model: 'm', input: [nasty] })
    if (vectors) {
      assert.match(vectors.out, /6[\s\S]*0\.5/)
      assert.deepEqual(asked.body.input, [nasty])
    }
    const pictures = await call('/images/generations', { model: 'm', prompt: nasty, n: 1, size: '1024x1024' })
    if (pictures) {
      assert.equal(asked.body.prompt, nasty)
      const kept = ['picture-1.png', 'pictures.txt'].map((f) => join(pictures.dir, f)).find(existsSync)
      assert.match(readFileSync(kept, 'utf8'), /picture|cGljdHVyZQ==/)
    }
    const sound = await call('/audio/speech', { model: 'm', input: nasty, voice: 'alloy', response_format: 'mp3' })
    if (sound) {
      assert.equal(readFileSync(join(sound.dir, 'speech.mp3'), 'utf8'), 'ID3sound')
      assert.equal(asked.body.input, nasty)
    }
  })

  test(`${name}: a recording is sent, and what was said is printed`, async (t) => {
    const why = await missing(id, sdk || id === 'python') // whose own library makes no form
    if (why) return t.skip(`${name}: ${why}`)
    const file = join(tmpdir(), `it's a "recording" ${process.pid}.wav`)
    writeFileSync(file, 'RIFFsound')
    t.after(() => rmSync(file))
    const body = { model: "it's", language: 'en', response_format: 'json', file }
    if (sdk && !languages.find((l) => l.id === id).sdk({ path: '/audio/transcriptions', body, endpoint: url, keyKind: 'API key' })) return
    await prints(id, sdk, '/audio/transcriptions', body, nasty)
    assert.match(asked.type, /^multipart\/form-data; ?boundary=/)
    const said = asked.bytes.toString()
    for (const part of ['RIFFsound', "it's", 'name="model"', 'name="file"; filename=']) assert.ok(said.includes(part) || said.includes(part.replaceAll('"', '')), said)
  })
}
