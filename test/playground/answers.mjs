// What the mock's model says: the last user message chooses the scene.
import { json } from './mock.mjs'

const filters = Object.fromEntries(['hate', 'self_harm', 'sexual', 'violence'].map((c) => [c, { filtered: false, severity: 'safe' }]))
const headers = {
  'content-type': 'text/event-stream',
  'x-request-id': 'req-42',
  'x-ms-deployment-name': 'gpt-4o-sweden',
  'x-ms-region': 'Sweden Central',
  'x-tallygate-max-tokens': '512',
  'x-ratelimit-remaining-requests': '59',
  'x-ratelimit-remaining-tokens': '9321',
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

export async function chatAnswer(state, body, req, res) {
  const last = body.messages.at(-1)
  const asked = last.role === 'user' ? (typeof last.content === 'string' ? last.content : last.content[0].text) : ''
  const scene = scenes[asked.split(' ')[0]] ?? plain
  const failed = state.failures?.shift()
  if (failed) return json(res, failed.status, { error: failed.error }, failed.headers)
  return scene(body, res, req, state)
}

export const longAnswer = (() => {
  const part = (i) =>
    `## Part ${i}\n\nThe *quick* brown fox **jumps** over the lazy dog, and \`counts(${i})\` what it sees on its way home.\n\n` +
    `| n | square |\n|---|---|\n| ${i} | ${i * i} |\n\n\`\`\`python\ndef part_${i}(x):\n    return x + ${i}  # goes on\n\`\`\`\n\n- one\n- two\n\n`
  let text = ''
  for (let i = 1; text.length < 100 * 1024; i++) text += part(i)
  return text
})()

const scenes = { fits, unfit, nonsense, thousand, megabytes, tools, slow, broken, cut, long, paced, filtered, limited, stall, markdown, inside, echo, fences, Why: sky }

function begin(res) {
  res.writeHead(200, headers)
  send(res, { choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: filters }] })
}

const send = (res, chunk) => res.write(`data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'gpt-4o-2024-11-20', ...chunk })}\n\n`)
const say = (res, content) => send(res, { choices: [{ index: 0, delta: { content }, content_filter_results: filters, finish_reason: null }] })

function end(res, finish = 'stop', completion = 12) {
  send(res, { choices: [{ index: 0, delta: {}, finish_reason: finish }] })
  send(res, { choices: [], usage: { prompt_tokens: 30, completion_tokens: completion, total_tokens: 30 + completion } })
  res.end('data: [DONE]\n\n')
}

async function plain(body, res) {
  begin(res)
  const last = body.messages.at(-1)
  const words = last.role === 'tool' ? `The tool said ${last.content}.` : 'Hello! Ask me anything, and I will try to help.'
  for (const w of words.split(/(?= )/)) {
    say(res, w)
    await sleep(10)
  }
  end(res)
}

/** Says what stands after the word, piece by piece. */
async function echo(body, res) {
  begin(res)
  const { content } = body.messages.at(-1)
  const text = (typeof content === 'string' ? content : content[0].text).slice('echo '.length)
  for (let i = 0; i < text.length; i += 7) {
    say(res, text.slice(i, i + 7))
    await sleep(2)
  }
  end(res)
}

/** Ten thousand blocks of code. */
async function fences(_, res) {
  begin(res)
  for (let i = 0; i < 100; i++) {
    say(res, Array.from({ length: 100 }, (_, n) => `Number ${i * 100 + n}:\n\n\`\`\`js\nrun(${i * 100 + n})\n\`\`\`\n\n`).join(''))
    await sleep(5)
  }
  end(res)
}

async function markdown(_, res) {
  begin(res)
  const text =
    'Light of short wavelengths is scattered most. **Rayleigh scattering** grows with the fourth power of the frequency:\n\n' +
    '| Colour | Wavelength | Scattered |\n|---|---:|---:|\n| Blue | 450 nm | 4.4 × |\n| Red | 650 nm | 1 × |\n\n' +
    'A small program shows it:\n\n```python\ndef scattered(wavelength_nm: float) -> float:\n    """Relative to red light of 650 nm."""\n    return (650 / wavelength_nm) ** 4\n\nprint(scattered(450))  # 4.35\n```\n\n' +
    '- [x] Blue light comes from everywhere\n- [ ] Red light comes straight\n\n<script>alert(1)</script> ![spy](https://spy.example.com/a.png) [a link](javascript:alert(1))\n'
  for (let i = 0; i < text.length; i += 9) {
    say(res, text.slice(i, i + 9))
    await sleep(2)
  }
  end(res, 'stop', 212)
}

const skyAnswer =
  'Sunlight holds every colour, and air scatters the **short wavelengths** most. This is *Rayleigh scattering*: it grows with the fourth power of the frequency.\n\n' +
  '| Colour | Wavelength | Scattered |\n|---|---:|---:|\n| Blue | 450 nm | 4.4 × |\n| Green | 530 nm | 2.3 × |\n| Red | 650 nm | 1 × |\n\n' +
  'You can work it out yourself:\n\n```python\ndef scattered(wavelength_nm: float) -> float:\n    """Relative to red light of 650 nm."""\n    return (650 / wavelength_nm) ** 4\n\nprint(scattered(450))  # 4.35\n```\n\n' +
  'So blue light reaches you from the whole sky, and the evening sun, which has lost its blue on the long way, is red.'

async function sky(_, res) {
  begin(res)
  for (let i = 0; i < skyAnswer.length; i += 12) {
    say(res, skyAnswer.slice(i, i + 12))
    await sleep(15)
  }
  end(res, 'stop', 212)
}

async function tools(body, res) {
  begin(res)
  const call = (delta) => send(res, { choices: [{ index: 0, delta: { tool_calls: [delta] }, finish_reason: null }] })
  call({ index: 0, id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '' } })
  for (const piece of ['{"loc', 'ation": "Os', 'lo"}']) call({ index: 0, function: { arguments: piece } })
  end(res, 'tool_calls')
}

async function slow(_, res, req) {
  begin(res)
  let open = true
  res.on('close', () => {
    open = false
  })
  for (let i = 0; open && i < 600; i++) {
    say(res, `word${i} `)
    await sleep(50)
  }
  if (open) end(res)
}

async function broken(_, res) {
  begin(res)
  say(res, 'This sentence has no')
  await sleep(600)
  res.destroy()
}

async function cut(_, res) {
  begin(res)
  say(res, 'This one just stops')
  await sleep(50)
  res.end()
}

async function stall(_, res) {
  begin(res)
  say(res, 'And then nothing')
}

async function inside(_, res) {
  begin(res)
  say(res, 'Half an')
  res.end(`data: ${JSON.stringify({ error: { code: '429', message: 'The deployment is overloaded.' } })}\n\n`)
}

async function long(_, res) {
  begin(res)
  for (let i = 0; i < longAnswer.length; i += 60) {
    say(res, longAnswer.slice(i, i + 60))
    if (i % 1200 === 0) await sleep(20)
  }
  end(res, 'stop', 25000)
}

/** The long answer, faster than a model writes: 10 KB a second, some three pieces a frame. */
async function paced(_, res) {
  begin(res)
  const begun = performance.now()
  for (let i = 0; i < longAnswer.length; i += 60) {
    say(res, longAnswer.slice(i, i + 60))
    const due = begun + i / 10 - performance.now()
    if (due > 4) await sleep(due)
  }
  end(res, 'stop', 25000)
}

function filtered(_, res) {
  json(res, 400, {
    error: {
      code: 'content_filter',
      message: 'The response was filtered.',
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { hate: { filtered: true, severity: 'medium' }, violence: { filtered: false, severity: 'safe' } } },
    },
  })
}

function limited(_, res, __, state) {
  state.limitedOnce = (state.limitedOnce ?? 0) + 1
  if (state.limitedOnce > 1) return plain({ messages: [{ role: 'user', content: '' }] }, res)
  json(res, 429, { error: { code: '429', message: 'Requests have exceeded the limit of this minute.' } }, { 'retry-after': '2' })
}

/** An answer as the sample schema wants it, one that is not, and one that stops half way. */
async function fits(_, res) {
  begin(res)
  for (const piece of ['{"title": "A day", ', '"people": ["Ada"], "mood": "good"}']) say(res, piece)
  end(res)
}

async function unfit(body, res) {
  begin(res)
  const cut = JSON.stringify(body.messages.at(-1).content).includes('cut')
  say(res, cut ? '{"title": "A d' : '{"title": 7, "people": ["Ada", null], "mood": "meh", "more": 1}')
  end(res, cut ? 'length' : 'stop')
}

/** Calls of tools whose pieces make no sense. */
async function nonsense(_, res) {
  begin(res)
  const call = (delta) => send(res, { choices: [{ index: 0, delta: { tool_calls: [delta] }, finish_reason: null }] })
  call({ index: 0, id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"loc' } })
  for (const odd of [null, 7, 'x', { index: -1 }, { index: 0, function: 3 }, { index: 0, function: { arguments: { a: 1 } } }]) call(odd)
  for (let i = 0; i < 300; i++) call({ index: 0, function: { arguments: '}{"\u0000<img src=x onerror=alert(1)>,,' } })
  end(res, 'tool_calls')
}

async function thousand(body, res) {
  begin(res)
  for (let i = 0; i < 1000; i++) {
    send(res, { choices: [{ index: 0, delta: { tool_calls: [{ index: i, id: `call_${i}`, type: 'function', function: { name: 'get_weather', arguments: `{"location":"${i}"}` } }] }, finish_reason: null }] })
    if (i % 100 === 0) await sleep(5)
  }
  end(res, 'tool_calls')
}

/** Five megabytes of JSON. */
async function megabytes(_, res) {
  begin(res)
  say(res, '{"people": [')
  const piece = JSON.stringify({ name: 'x'.repeat(480) })
  for (let i = 0; i < 10_000; i++) {
    say(res, `${i > 0 ? ', ' : ''}${piece}`)
    if (i % 100 === 0) await sleep(1)
  }
  say(res, ']}')
  end(res)
}
