/** Programs that make the same call as the page, with the key taken from the environment. */

export interface Sample {
  /** The part after /openai/v1, such as `/chat/completions`. */
  path: string
  body: Record<string, unknown>
  /** Without a slash at the end. */
  endpoint: string
}

export const keyVariable = 'AZURE_OPENAI_API_KEY'

export interface Language {
  id: string
  name: string
  /** The name that the highlighter knows it by. */
  syntax: string
  write: (s: Sample) => string
}

const json = (v: unknown): string => JSON.stringify(v, null, 2)
const base = (s: Sample): string => `${s.endpoint}/openai/v1`
const streams = (s: Sample): boolean => s.body.stream === true

function bash(s: Sample): string {
  // A here-document ends at a line that is just JSON, which no line of JSON can be.
  return `curl ${streams(s) ? '-N ' : ''}${bashQuote(base(s) + s.path)} \\
  -H "api-key: $${keyVariable}" \\
  -H "content-type: application/json" \\
  --data-binary @- <<'JSON'
${json(s.body)}
JSON
`
}

const bashQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function powershell(s: Sample): string {
  return `$body = @'
${json(s.body)}
'@
$body | curl.exe ${streams(s) ? '-N ' : ''}'${(base(s) + s.path).replaceAll("'", "''")}' \`
  -H "api-key: $env:${keyVariable}" \`
  -H "content-type: application/json" \`
  --data-binary '@-'
`
}

function python(s: Sample): string {
  const [call, show] = pythonCall(s)
  const fields = Object.entries(s.body).map(([k, v]) => `    ${k}=${pythonValue(v, 1)},`)
  return `import os

from openai import OpenAI  # pip install openai

client = OpenAI(
    base_url=${pythonValue(`${base(s)}/`, 0)},
    api_key=os.environ["${keyVariable}"],
)

${streams(s) ? 'stream' : 'answer'} = client.${call}(
${fields.join('\n')}
)
${show}
`
}

function pythonCall(s: Sample): [call: string, show: string] {
  switch (s.path) {
    case '/images/generations':
      return ['images.generate', 'print(answer.data[0].url or answer.data[0].b64_json[:60])']
    case '/embeddings':
      return ['embeddings.create', 'for item in answer.data:\n    print(len(item.embedding), item.embedding[:5])']
    case '/completions':
      return ['completions.create', streams(s) ? 'for chunk in stream:\n    if chunk.choices:\n        print(chunk.choices[0].text or "", end="")' : 'print(answer.choices[0].text)']
    default:
      return [
        'chat.completions.create',
        streams(s)
          ? 'for chunk in stream:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or "", end="")'
          : 'print(answer.choices[0].message.content)',
      ]
  }
}

/** Writes a value as Python: JSON's strings are Python's, its words are not. */
export function pythonValue(v: unknown, depth: number): string {
  const pad = '    '.repeat(depth + 1)
  const end = '    '.repeat(depth)
  if (v === null || v === undefined) return 'None'
  if (v === true) return 'True'
  if (v === false) return 'False'
  if (typeof v !== 'object') return JSON.stringify(v)
  if (Array.isArray(v)) {
    return v.length === 0 ? '[]' : `[\n${v.map((x) => `${pad}${pythonValue(x, depth + 1)},\n`).join('')}${end}]`
  }
  const entries = Object.entries(v)
  return entries.length === 0 ? '{}' : `{\n${entries.map(([k, x]) => `${pad}${JSON.stringify(k)}: ${pythonValue(x, depth + 1)},\n`).join('')}${end}}`
}

function javascript(s: Sample): string {
  const [call, show] = javascriptCall(s)
  return `import OpenAI from "openai"; // npm install openai

const client = new OpenAI({
  baseURL: ${JSON.stringify(base(s))},
  apiKey: process.env.${keyVariable},
});

const ${streams(s) ? 'stream' : 'answer'} = await client.${call}(${json(s.body)});
${show}
`
}

function javascriptCall(s: Sample): [call: string, show: string] {
  switch (s.path) {
    case '/images/generations':
      return ['images.generate', 'console.log(answer.data[0].url ?? answer.data[0].b64_json.slice(0, 60));']
    case '/embeddings':
      return ['embeddings.create', 'for (const item of answer.data) console.log(item.embedding.length, item.embedding.slice(0, 5));']
    case '/completions':
      return ['completions.create', streams(s) ? loop('text') : 'console.log(answer.choices[0].text);']
    default:
      return ['chat.completions.create', streams(s) ? loop('delta?.content') : 'console.log(answer.choices[0].message.content);']
  }
}

const loop = (field: string) => `for await (const chunk of stream) {\n  process.stdout.write(chunk.choices[0]?.${field} ?? "");\n}`

function csharp(s: Sample): string {
  const body = json(s.body)
  // A raw string ends at as many quotes as it began with, so it begins with one more than the body has.
  const quotes = '"'.repeat(Math.max(3, longestRun(body, '"') + 1))
  return `using System.Net.Http.Headers;
using System.Text;

var body = ${quotes}
${body}
${quotes};

using var client = new HttpClient();
client.DefaultRequestHeaders.Add("api-key", Environment.GetEnvironmentVariable("${keyVariable}"));
using var request = new HttpRequestMessage(HttpMethod.Post, ${JSON.stringify(base(s) + s.path)})
{
    Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
};
using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
while (await reader.ReadLineAsync() is { } line)
{
    Console.WriteLine(line);
}
`
}

function longestRun(text: string, char: string): number {
  let longest = 0
  let run = 0
  for (const c of text) {
    run = c === char ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}

function go(s: Sample): string {
  const body = json(s.body).split('`').map((part) => `\`${part}\``).join(' + "`" + ')
  return `package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const body = ${body}

func main() {
	req, err := http.NewRequest("POST", ${JSON.stringify(base(s) + s.path)}, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("api-key", os.Getenv("${keyVariable}"))
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(os.Stdout, res.Body); err != nil {
		log.Fatal(err)
	}
}
`
}

export const languages: Language[] = [
  { id: 'bash', name: 'curl (bash)', syntax: 'bash', write: bash },
  { id: 'powershell', name: 'curl (PowerShell)', syntax: 'powershell', write: powershell },
  { id: 'python', name: 'Python', syntax: 'python', write: python },
  { id: 'javascript', name: 'JavaScript', syntax: 'javascript', write: javascript },
  { id: 'csharp', name: 'C#', syntax: 'csharp', write: csharp },
  { id: 'go', name: 'Go', syntax: 'go', write: go },
  { id: 'json', name: 'JSON', syntax: 'json', write: (s) => `${json(s.body)}\n` },
]
