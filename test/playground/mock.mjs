// A small gateway for what the demo cannot show at will: events that end, refusals,
// tools, broken and very long streams. It serves the built page under the same
// strict policy as the gateway, or passes API calls on to a real one.
import { createServer, request } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chatAnswer } from './answers.mjs'

const dist = fileURLToPath(new URL('../../internal/web/dist', import.meta.url))

export const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // The hash is that of nothing: Fluent makes empty style elements and fills them by script.
  "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "img-src 'self' data: blob: https:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' }

/** Starts the mock on a free port. With `gateway`, API calls go there. */
export async function startMock({ gateway = '', event = {}, session = {} } = {}) {
  const state = { event: { ...defaultEvent(), ...event }, session, calls: [], over: false }
  const server = createServer((req, res) => {
    serve(state, gateway, req, res).catch((e) => {
      res.statusCode = 500
      res.end(String(e))
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const stop = () => {
    server.closeAllConnections()
    return new Promise((done) => server.close(done))
  }
  return { url: `http://127.0.0.1:${server.address().port}/`, state, stop }
}

async function serve(state, gateway, req, res) {
  const path = new URL(req.url, 'http://x').pathname
  if (!path.startsWith('/api/') && !path.startsWith('/openai/')) return file(path, res)
  if (gateway) return pass(gateway, req, res)
  if (path === '/api/v1/door' && req.method === 'GET') return json(res, 200, { organisation: '', help: '' })
  const body = await bodyOf(req)
  state.calls.push({ path, key: req.headers['api-key'], body, url: req.url })
  const refusal = refuse(state, req.headers['api-key'])
  if (refusal) return json(res, refusal.status, { error: refusal.error })
  if (path === '/api/v1/session') return json(res, 200, sessionOf(state))
  if (path === '/openai/v1/chat/completions') return chatAnswer(state, body, req, res)
  if (path === '/openai/v1/completions') return completion(body, res)
  if (path === '/openai/v1/embeddings') return json(res, 200, embeddings(body))
  if (path === '/openai/v1/images/generations') return json(res, 200, images(body))
  return json(res, 404, { error: { code: '404', message: 'Resource not found.' } })
}

async function file(path, res) {
  const name = path === '/' ? 'index.html' : normalize(path).replace(/^\/+/, '')
  try {
    const content = await readFile(join(dist, name))
    res.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream', 'content-security-policy': policy, 'x-content-type-options': 'nosniff' })
    res.end(content)
  } catch {
    res.writeHead(404).end()
  }
}

function pass(gateway, req, res) {
  const to = new URL(req.url, gateway)
  const out = request(to, { method: req.method, headers: { ...req.headers, host: to.host } }, (back) => {
    res.writeHead(back.statusCode, back.headers)
    back.pipe(res)
  })
  out.on('error', (e) => res.writeHead(502).end(String(e)))
  res.on('close', () => out.destroy())
  req.pipe(out)
}

async function bodyOf(req) {
  const pieces = []
  for await (const p of req) pieces.push(p)
  try {
    return JSON.parse(Buffer.concat(pieces).toString())
  } catch {
    return null
  }
}

export function json(res, status, value, headers = {}) {
  res.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-1', ...headers })
  res.end(JSON.stringify(value))
}

const defaultEvent = () => ({
  id: 'ev1',
  name: 'Oslo AI Workshop',
  url: 'https://example.com/workshop',
  url_text: 'Workshop notes',
  image: '',
  start: new Date(Date.now() - 3600_000).toISOString(),
  end: new Date(Date.now() + 5 * 3600_000).toISOString(),
  zone: 'Europe/Oslo',
  organizer_name: 'Kari',
  organizer_email: 'kari@example.com',
})

/** Keys and codes that the mock knows, with the refusal each one gets. */
function refuse(state, key) {
  const { name, start, end } = state.event
  if (state.over) return { status: 403, error: { code: 'EventEnded', message: 'The event has ended.', event: { name, start, end: new Date().toISOString() } } }
  switch (key) {
    case 'good-code':
    case 'oslo2026/kari':
      return null
    case 'ended':
      return { status: 403, error: { code: 'EventEnded', message: 'The event has ended.', event: { name, start, end: '2026-01-15T16:00:00Z' } } }
    case 'early':
      return { status: 403, error: { code: 'EventNotStarted', message: 'Not yet.', event: { name, start: '2031-05-01T08:00:00Z', end } } }
    case 'inactive':
      return { status: 403, error: { code: 'EventInactive', message: 'This event is switched off.' } }
    case 'full':
      return { status: 403, error: { code: 'EventFull', message: 'This event has no seat left.' } }
    default:
      return { status: 401, error: { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.' } }
  }
}

function sessionOf(state) {
  return {
    caller: 'ev1',
    attendee: 'p-5f0c9a3d81e2b746',
    name: 'kari@example.com',
    event: state.event,
    max_tokens: 512,
    models: [
      { name: 'gpt-4o', kind: 'chat', capabilities: ['vision', 'tools', 'json', 'stream'], context: 128000, max_output: 16384, regions: ['swedencentral', 'eastus'] },
      { name: 'o4-mini', kind: 'chat', capabilities: ['reasoning', 'tools', 'stream'], context: 200000, max_output: 100000, regions: ['eastus'] },
      { name: 'gpt-image-1', kind: 'image', capabilities: [], regions: ['westus3'] },
      { name: 'gpt-35-turbo-instruct', kind: 'completion', capabilities: ['stream'], regions: ['eastus'] },
      { name: 'text-embedding-3-small', kind: 'embedding', capabilities: [], regions: ['eastus'] },
      { name: 'tts', kind: 'speech', capabilities: [], regions: ['eastus'] },
    ],
    limits: [
      { name: 'attendee', quantity: 'requests', amount: 500, left: 463, period: 'day', resets: new Date(Date.now() + 6 * 3600_000).toISOString(), unit: '' },
      { name: 'attendee', quantity: 'tokens', amount: 200000, left: 41250, period: 'event', resets: null, unit: '' },
    ],
    server: { name: 'Tallygate', version: 'test', endpoint: 'https://gate.example.com' },
    ...state.session,
  }
}

function completion(body, res) {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const t of [' there', ' was', ' a', ' gate.']) res.write(`data: ${JSON.stringify({ choices: [{ index: 0, text: t }] })}\n\n`)
  res.end(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } })}\n\ndata: [DONE]\n\n`)
}

function embeddings(body) {
  const vector = (text) => Array.from({ length: 64 }, (_, i) => Math.sin((i + 1) * (text.length + 1)))
  return { data: body.input.map((t, index) => ({ index, embedding: vector(t) })), usage: { prompt_tokens: 4, total_tokens: 4 } }
}

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

function images(body) {
  return { created: 0, data: Array.from({ length: body.n }, () => ({ b64_json: pixel, revised_prompt: `${body.prompt}, in soft light` })) }
}
