import { base, head, keyOf, keyVariable, json, quote, type Sample, sent, streams, tools, url } from './sample'

const environment = `os.environ["${keyVariable}"]`

/** What the package takes by name for a chat; the rest goes in extra_body. */
const named = new Set(['model', 'messages', 'stream', 'max_tokens', 'max_completion_tokens', 'reasoning_effort', 'verbosity', 'temperature', 'top_p', 'frequency_penalty', 'presence_penalty', 'stop', 'seed', 'n', 'user',
  'response_format', 'tools', 'tool_choice', 'parallel_tool_calls', 'logprobs', 'top_logprobs', 'logit_bias', 'modalities', 'audio', 'prompt', 'input', 'dimensions', 'encoding_format', 'size', 'quality', 'style', 'background', 'output_format',
  'voice', 'speed', 'instructions', 'language', 'file', 'best_of', 'echo', 'suffix', 'metadata', 'store', 'prediction', 'service_tier'])

export function python(s: Sample): string {
  return s.sdk ? withPackage(s) : s.path.startsWith('/audio/transcriptions') ? withPackage(s) : alone(s)
}

function withPackage(s: Sample): string {
  const extra = Object.fromEntries(Object.entries(sent(s)).filter(([k]) => !named.has(k)))
  const fields = Object.entries(sent(s)).filter(([k]) => named.has(k)).map(([k, v]) => `    ${k}=${k === 'file' ? `open(${quote(String(v))}, "rb")` : pythonValue(v, 1)},`)
  if (Object.keys(extra).length > 0) fields.push(`    extra_body=${pythonValue(extra, 1)},`)
  const imports = [...(s.key ? [] : ['import os']), ...(s.path === '/images/generations' ? ['import base64'] : [])].sort()
  return `${head(s, '#', 'Needs the package: pip install openai')}${imports.length > 0 ? `${imports.join('\n')}\n\n` : ''}from openai import OpenAI

client = OpenAI(
    base_url=${quote(`${base(s)}/`)},
    api_key=${keyOf(s, environment)},
)

${streams(s) ? 'stream' : 'answer'} = client.${calls[s.path] ?? 'chat.completions'}.${s.path === '/images/generations' ? 'generate' : 'create'}(
${fields.join('\n')}
)
${shown(s)}`
}

const calls: Record<string, string> = { '/images/generations': 'images', '/embeddings': 'embeddings', '/completions': 'completions', '/audio/speech': 'audio.speech', '/audio/transcriptions': 'audio.transcriptions' }

function shown(s: Sample): string {
  switch (s.path) {
    case '/images/generations':
      return `for i, picture in enumerate(answer.data, 1):
    if picture.url:
        print(picture.url)
        continue
    with open(f"picture-{i}.png", "wb") as file:
        file.write(base64.b64decode(picture.b64_json))
`
    case '/audio/speech':
      return 'answer.write_to_file("speech.mp3")\n'
    case '/audio/transcriptions':
      return 'print(answer.text)\n'
    case '/embeddings':
      return 'for item in answer.data:\n    print(len(item.embedding), item.embedding[:5])\n'
    case '/completions':
      return streams(s) ? 'for chunk in stream:\n    if chunk.choices:\n        print(chunk.choices[0].text or "", end="", flush=True)\n' : 'print(answer.choices[0].text)\n'
  }
  const call = (from: string, pad: string, end: string) => (tools(s) ? `${pad}for call in ${from}.tool_calls or []:\n${pad}    print(call.function.name or "", call.function.arguments or "", sep=""${end})\n` : '')
  if (streams(s)) {
    return `for chunk in stream:
    if not chunk.choices:
        continue
    delta = chunk.choices[0].delta
    print(delta.content or "", end="", flush=True)
${call('delta', '    ', ', end="", flush=True')}`
  }
  return `message = answer.choices[0].message\nprint(message.content or "")\n${call('message', '', '')}`
}

/** With Python's own library. */
function alone(s: Sample): string {
  const body = sent(s)
  return `${head(s, '#')}import ${s.path === '/images/generations' ? 'base64\nimport ' : ''}json
${s.key ? '' : 'import os\n'}import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

body = ${pythonValue(body, 0)}
request = Request(
    ${quote(url(s))},
    data=json.dumps(body).encode(),
    headers={"api-key": ${keyOf(s, environment)}, "Content-Type": "application/json"},
)
try:
    response = urlopen(request)
except HTTPError as error:
    sys.exit(error.read().decode())
${read(s)}`
}

function read(s: Sample): string {
  const text = s.path === '/completions' ? '["text"]' : '["message"]["content"]'
  const piece = s.path === '/completions' ? 'choice["text"]' : 'choice["delta"].get("content")'
  const call = (from: string, pad: string, end: string) =>
    tools(s) ? `${pad}for call in ${from}.get("tool_calls") or []:\n${pad}    print(call["function"].get("name") or "", call["function"].get("arguments") or "", sep=""${end})\n` : ''
  if (s.path === '/audio/speech') return 'with open("speech.mp3", "wb") as file:\n    file.write(response.read())\n'
  if (streams(s)) {
    return `for line in response:
    if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
        continue
    chunk = json.loads(line[5:])
    if "error" in chunk:
        sys.exit(chunk["error"]["message"])
    for choice in chunk["choices"][:1]:
        print(${piece} or "", end="", flush=True)
${call('choice["delta"]', '        ', ', end="", flush=True')}`
  }
  if (s.path === '/embeddings') return 'for item in json.load(response)["data"]:\n    print(len(item["embedding"]), item["embedding"][:5])\n'
  if (s.path === '/images/generations') {
    return `for i, picture in enumerate(json.load(response)["data"], 1):
    if picture.get("url"):
        print(picture["url"])
        continue
    with open(f"picture-{i}.png", "wb") as file:
        file.write(base64.b64decode(picture["b64_json"]))
`
  }
  return `choice = json.load(response)["choices"][0]\nprint(choice${text} or "")\n${call('choice["message"]', '', '')}`
}

/** Writes a value as Python: JSON's strings are Python's, its words are not. */
export function pythonValue(v: unknown, depth: number): string {
  const pad = '    '.repeat(depth + 1)
  const end = '    '.repeat(depth)
  if (v === null || v === undefined) return 'None'
  if (v === true) return 'True'
  if (v === false) return 'False'
  if (typeof v !== 'object') return json(v, 0)
  if (Array.isArray(v)) {
    return v.length === 0 ? '[]' : `[\n${v.map((x) => `${pad}${pythonValue(x, depth + 1)},\n`).join('')}${end}]`
  }
  const entries = Object.entries(v)
  return entries.length === 0 ? '{}' : `{\n${entries.map(([k, x]) => `${pad}${json(k, 0)}: ${pythonValue(x, depth + 1)},\n`).join('')}${end}}`
}
