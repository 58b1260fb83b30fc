import { ascii, exportLine, json, powershellLine, powershellQuote, type Sample, sent, shellHead, shellQuote, streams, tools, url, keyVariable, whole } from './sample'

/** curl, with jq to print the answer's text rather than its events. */
export function curl(s: Sample): string {
  const start = (needs: string) => shellHead(s, exportLine, needs)
  const begin = `curl -sS${streams(s) ? 'N' : ''} ${shellQuote(url(s))} \\\n  -H "api-key: $${keyVariable}" \\\n`
  if (s.path === '/audio/transcriptions') {
    return `${start('Needs curl and jq.')}${begin}${Object.entries(s.body).map(([k, v]) => `  ${field(k, String(v))}`).join(' \\\n')} | jq -r '.error.message // .text'\n`
  }
  if (s.path === '/audio/speech') return `${start('Needs curl.')}${begin}${posted(s)} --fail-with-body -o speech.mp3 <<'JSON'\n${json(sent(s))}\nJSON\n`
  // A here-document ends at a line that is just JSON, which no line of JSON can be.
  return `${start('Needs curl and jq.')}${begin}${posted(s)} <<'JSON' | ${filter(s)}\n${json(sent(s))}\nJSON\n`
}

// A file's name has quotes of curl's own, since it may hold what curl gives a meaning.
const field = (name: string, value: string) => (name === 'file' ? `-F ${shellQuote(`file=@"${value.replace(/["\\]/g, '\\$&')}"`)}` : `--form-string ${shellQuote(`${name}=${value}`)}`)

const posted = (_: Sample) => `  -H "Content-Type: application/json" \\\n  --data-binary @-`

function filter(s: Sample): string {
  const call = '(.function | "\\(.name // "")\\(.arguments // "")")'
  const calls = tools(s) ? `, (.tool_calls[]? | ${call})` : ''
  // Joined lines, each an event: what is no JSON is no text.
  const events = (text: string) => `jq -Rrj --unbuffered 'ltrimstr("data: ") | fromjson? | .error.message // (.choices[0]? | ${text}) // empty'`
  switch (s.path) {
    case '/embeddings':
      return `jq -c '.error.message // (.data[] | .embedding | length, .[:5])'`
    case '/images/generations':
      return `jq -r '.error.message // (.data[] | .url // .b64_json)' > pictures.txt  # addresses, or base64`
    case '/completions':
      return streams(s) ? events('.text') : `jq -r '.error.message // .choices[0].text'`
    default:
      return streams(s) ? events(`.delta? | (.content // empty)${calls}`) : `jq -r '.error.message // (.choices[0].message | (.content // empty)${calls})'`
  }
}

/** PowerShell's own means, the same on Windows, macOS and Linux; it waits for the whole answer. */
export function powershell(s: Sample): string {
  const start = shellHead(s, powershellLine, ...(streams(s) ? ['Waits for the whole answer, then prints it.'] : []))
  const headers = `-Headers @{ 'api-key' = $env:${keyVariable} }`
  if (s.path === '/audio/transcriptions') {
    const fields = Object.entries(s.body).map(([k, v]) => `  ${k} = ${k === 'file' ? `Get-Item -LiteralPath ${powershellQuote(String(v))}` : powershellQuote(String(v))}`)
    return `${start}# -Form needs PowerShell 7.\n$form = @{\n${fields.join('\n')}\n}\n$answer = Invoke-RestMethod -Method Post -Uri ${powershellQuote(url(s))} ${headers} -Form $form\n$answer.text\n`
  }
  const file = s.path === '/audio/speech' ? ' -OutFile speech.mp3' : ''
  // A here-string in single quotes ends at a line that begins with '@, which no line of JSON does.
  return `${start}$body = @'
${ascii(whole(s))}
'@
${file ? '' : '$answer = '}Invoke-RestMethod -Method Post -Uri ${powershellQuote(url(s))} \`
  ${headers} \`
  -ContentType 'application/json' -Body $body${file}
${shown(s)}`
}

function shown(s: Sample): string {
  switch (s.path) {
    case '/audio/speech':
      return ''
    case '/embeddings':
      return '$answer.data | ForEach-Object { "$($_.embedding.Count): $($_.embedding[0..4])" }\n'
    case '/images/generations':
      return `foreach ($picture in $answer.data) {
  if ($picture.url) { $picture.url; continue }
  $name = Join-Path $PWD "picture-$([array]::IndexOf($answer.data, $picture) + 1).png"
  [IO.File]::WriteAllBytes($name, [Convert]::FromBase64String($picture.b64_json))
  $name
}
`
    case '/completions':
      return '$answer.choices[0].text\n'
    default:
      return `$answer.choices[0].message.content\n${tools(s) ? '$answer.choices[0].message.tool_calls | ForEach-Object { $_.function.name + $_.function.arguments }\n' : ''}`
  }
}
