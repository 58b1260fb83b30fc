import { base, head, json, keyOf, keyVariable, quote, type Sample, sent, streams, tools, url } from './sample'

const environment = `process.env.${keyVariable}`

/** A program for Node; its object literals are JSON. */
export function javascript(s: Sample): string {
  return s.sdk ? withPackage(s) : alone(s)
}

/** JSON as an object literal, in which a key of this name would set the prototype. */
const literal = (v: unknown) => json(v).replace(/^(\s*)"__proto__":/gm, '$1["__proto__"]:')

function withPackage(s: Sample): string {
  const transcribes = s.path === '/audio/transcriptions'
  const file = transcribes ? 'import { createReadStream } from "node:fs";\n' : /speech|images/.test(s.path) ? 'import { writeFile } from "node:fs/promises";\n' : ''
  const body = transcribes ? literal(sent(s)).replace(/^( {2}"file": )(.*[^,])(,?)$/m, (_, name: string, value: string, comma: string) => `${name}createReadStream(${value})${comma}`) : literal(sent(s))
  return `${head(s, '//', 'Save it as sample.mjs. Needs the package: npm install openai')}import OpenAI from "openai";
${file}
const client = new OpenAI({
  baseURL: ${quote(`${base(s)}/`)},
  apiKey: ${keyOf(s, environment)},
});

const ${streams(s) ? 'stream' : 'answer'} = await client.${calls[s.path] ?? 'chat.completions'}.${s.path === '/images/generations' ? 'generate' : 'create'}(${body});
${streams(s) ? `for await (const chunk of stream) {\n${piece(s)}}\n` : shown(s)}`
}

const calls: Record<string, string> = { '/images/generations': 'images', '/embeddings': 'embeddings', '/completions': 'completions', '/audio/speech': 'audio.speech', '/audio/transcriptions': 'audio.transcriptions' }

function piece(s: Sample): string {
  if (s.path === '/completions') return '  process.stdout.write(chunk.choices[0]?.text ?? "");\n'
  const calls = tools(s) ? '  for (const { function: f } of chunk.choices[0]?.delta?.tool_calls ?? []) process.stdout.write(`${f.name ?? ""}${f.arguments ?? ""}`);\n' : ''
  return `  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");\n${calls}`
}

function shown(s: Sample): string {
  switch (s.path) {
    case '/images/generations':
      return `for (const [i, picture] of answer.data.entries()) {
  if (picture.url) console.log(picture.url);
  else await writeFile(\`picture-\${i + 1}.png\`, Buffer.from(picture.b64_json, "base64"));
}
`
    case '/audio/speech':
      return 'await writeFile("speech.mp3", Buffer.from(await answer.arrayBuffer()));\n'
    case '/audio/transcriptions':
      return 'console.log(answer.text);\n'
    case '/embeddings':
      return 'for (const item of answer.data) console.log(item.embedding.length, item.embedding.slice(0, 5));\n'
    case '/completions':
      return 'console.log(answer.choices[0].text);\n'
    default:
      return `const { message } = answer.choices[0];\nconsole.log(message.content ?? "");\n${tools(s) ? 'for (const { function: f } of message.tool_calls ?? []) console.log(f.name + f.arguments);\n' : ''}`
  }
}

/** With fetch, which Node has since version 18. */
function alone(s: Sample): string {
  const form = s.path === '/audio/transcriptions'
  const file = form ? 'import { readFile } from "node:fs/promises";\n\n' : /speech|images/.test(s.path) ? 'import { writeFile } from "node:fs/promises";\n\n' : ''
  const body = form ? fields(s) : `const body = ${literal(sent(s))};\n`
  return `${head(s, '//', 'Save it as sample.mjs and run: node sample.mjs')}${file}${body}
const response = await fetch(${quote(url(s))}, {
  method: "POST",
  headers: { "api-key": ${keyOf(s, environment)}${form ? '' : ', "Content-Type": "application/json"'} },
  body${form ? '' : ': JSON.stringify(body)'},
});
if (!response.ok) throw new Error(await response.text());
${streams(s) ? read(s) : `const answer = ${s.path === '/audio/speech' ? 'response' : 'await response.json()'};\n${shown(s)}`}`
}

function fields(s: Sample): string {
  const set = ([k, v]: [string, unknown]) => `body.set(${quote(k)}, ${k === 'file' ? `new Blob([await readFile(${quote(String(v))})]), ${quote(String(v).replace(/^.*\//, ''))}` : quote(String(v))});\n`
  return `const body = new FormData();\n${Object.entries(s.body).map(set).join('')}`
}

const read = (s: Sample) => `let rest = "";
for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    if (!line.startsWith("data:") || line.slice(5).trim() === "[DONE]") continue;
    const chunk = JSON.parse(line.slice(5));
    if (chunk.error) throw new Error(chunk.error.message);
${piece(s).replace(/^(?=.)/gm, "  ")}  }
}
`
