import { goWithPackage } from './gosdk'
import { head, json, keyOf, keyVariable, quote, type Sample, sent, streams, tools, url } from './sample'

export const goEnvironment = `os.Getenv("${keyVariable}")`

export function go(s: Sample): string {
  const typed = s.sdk ? goWithPackage(s) : ''
  return typed || alone(s)
}

/** A raw string of Go: a back quote in it stands outside. */
export const goRaw = (text: string): string => text.split('`').map((part) => `\`${part}\``).join(' + "`" + ')

/** The import block, sorted as gofmt wants it. */
export const goImports = (names: string[]): string => `import (\n${[...new Set(names)].sort().map((n) => `\t"${n}"`).join('\n')}\n)\n`

/** With Go's own library. */
function alone(s: Sample): string {
  const form = s.path === '/audio/transcriptions'
  const [needs, read] = reading(s)
  const names = ['io', 'log', 'net/http', ...(s.key ? [] : ['os']), ...(form ? ['bytes', 'mime/multipart', 'os'] : ['strings']), ...needs]
  return `${head(s, '//', 'Save it as main.go and run: go run main.go')}package main

${goImports(names)}${form ? '' : `\nconst body = ${goRaw(json(sent(s)))}\n`}
func main() {
${form ? fields(s) : ''}	req, err := http.NewRequest("POST", ${quote(url(s))}, ${form ? '&body' : 'strings.NewReader(body)'})
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("api-key", ${keyOf(s, goEnvironment)})
	req.Header.Set("Content-Type", ${form ? 'form.FormDataContentType()' : '"application/json"'})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		log.Fatalf("%s: %s", res.Status, text)
	}
${read.replace(/^(?=.)/gm, '\t')}}
`
}

function fields(s: Sample): string {
  const add = ([k, v]: [string, unknown]) =>
    k === 'file'
      ? `	file, err := os.ReadFile(${quote(String(v))})
	if err != nil {
		log.Fatal(err)
	}
	part, _ := form.CreateFormFile("file", ${quote(String(v))})
	part.Write(file)
`
      : `	form.WriteField(${quote(k)}, ${quote(String(v))})\n`
  return `	var body bytes.Buffer\n	form := multipart.NewWriter(&body)\n${Object.entries(s.body).map(add).join('')}	form.Close()\n`
}

const fail = 'if err != nil {\n\tlog.Fatal(err)\n}\n'
const decode = (fields: string) => `var answer struct {\n${fields.replace(/^(?=.)/gm, '\t')}}\nif err := json.NewDecoder(res.Body).Decode(&answer); err != nil {\n\tlog.Fatal(err)\n}\n`
const calls = 'ToolCalls []struct {\n\tFunction struct{ Name, Arguments string }\n} `json:"tool_calls"`\n'

/** What the program does with the answer, and the packages for it. */
function reading(s: Sample): [needs: string[], code: string] {
  if (s.path === '/audio/speech') return [['os'], `file, err := os.Create("speech.mp3")\n${fail}if _, err := io.Copy(file, res.Body); err != nil {\n\tlog.Fatal(err)\n}\nif err := file.Close(); err != nil {\n\tlog.Fatal(err)\n}\n`]
  const [field, text] = s.path === '/completions' ? ['Text string\n', 'Text'] : streams(s) ? [message('Delta', s), 'Delta.Content'] : [message('Message', s), 'Message.Content']
  const choices = `Choices []struct {\n${field.replace(/^(?=.)/gm, '\t')}}\n`
  const show = (print: string, from: string) => `fmt.${print}(choice.${text})\n${tools(s) ? `for _, call := range choice.${from}.ToolCalls {\n\tfmt.${print}(call.Function.Name, call.Function.Arguments)\n}\n` : ''}`
  switch (s.path) {
    case '/audio/transcriptions':
      return [['encoding/json', 'fmt'], `${decode('Text string\n')}fmt.Println(answer.Text)\n`]
    case '/embeddings':
      return [['encoding/json', 'fmt'], `${decode('Data []struct{ Embedding []float64 }\n')}for _, item := range answer.Data {\n\tfmt.Println(len(item.Embedding), item.Embedding[:min(5, len(item.Embedding))])\n}\n`]
    case '/images/generations':
      return [['encoding/json', 'fmt', 'os'], `${decode('Data []struct {\n\tURL  string\n\tFile []byte `json:"b64_json"`\n}\n')}for i, picture := range answer.Data {
	if picture.URL != "" {
		fmt.Println(picture.URL)
		continue
	}
	if err := os.WriteFile(fmt.Sprintf("picture-%d.png", i+1), picture.File, 0o644); err != nil {
		log.Fatal(err)
	}
}
`]
  }
  if (!streams(s)) return [['encoding/json', 'fmt'], `${decode(choices)}for _, choice := range answer.Choices {\n${show('Println', 'Message').replace(/^(?=.)/gm, '\t')}}\n`]
  return [['bufio', 'bytes', 'encoding/json', 'fmt'], `lines := bufio.NewScanner(res.Body)
lines.Buffer(nil, 16<<20)
for lines.Scan() {
	data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
	if !ok || string(bytes.TrimSpace(data)) == "[DONE]" {
		continue
	}
	var chunk struct {
${choices.replace(/^(?=.)/gm, '\t\t')}		Error *struct{ Message string }
	}
	if err := json.Unmarshal(data, &chunk); err != nil {
		log.Fatal(err)
	}
	if chunk.Error != nil {
		log.Fatal(chunk.Error.Message)
	}
	for _, choice := range chunk.Choices {
${show('Print', 'Delta').replace(/^(?=.)/gm, '\t\t')}	}
}
if err := lines.Err(); err != nil {
	log.Fatal(err)
}
`]
}

function message(name: string, s: Sample): string {
  return tools(s) ? `${name} struct {\n\tContent   string\n${calls.replace(/^(?=.)/gm, '\t')}}\n` : `${name} struct{ Content string }\n`
}
