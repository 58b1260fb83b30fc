import { goEnvironment, goRaw } from './go'
import { base, head, json, keyOf, quote, type Sample, sent, streams, tools } from './sample'

const speakers: Record<string, string> = { system: 'SystemMessage', user: 'UserMessage', assistant: 'AssistantMessage' }
const typed: Record<string, [name: string, wrap: string]> = {
  max_tokens: ['MaxTokens', 'Int'],
  max_completion_tokens: ['MaxCompletionTokens', 'Int'],
  temperature: ['Temperature', 'Float'],
  top_p: ['TopP', 'Float'],
  frequency_penalty: ['FrequencyPenalty', 'Float'],
  presence_penalty: ['PresencePenalty', 'Float'],
  seed: ['Seed', 'Int'],
}

/** A chat with openai-go; what its types do not say plainly is set as JSON. Empty for other calls. */
export function goWithPackage(s: Sample): string {
  const { model, messages, stream: _, ...rest } = sent(s)
  if (s.path !== '/chat/completions' || !Array.isArray(messages)) return ''
  const said = messages as { role: string; content: unknown; tool_calls?: unknown }[]
  const plain = said.every((m) => speakers[m.role] && typeof m.content === 'string' && !m.tool_calls)
  const fields: [name: string, value: string][] = [['Model', quote(String(model))]]
  if (plain) fields.push(['Messages', `[]openai.ChatCompletionMessageParamUnion{\n${said.map((m) => `\t\t\topenai.${speakers[m.role]}(${quote(m.content as string)}),\n`).join('')}\t\t}`])
  const set: string[] = plain ? [] : [setJSON('messages', messages)]
  for (const [k, v] of Object.entries(rest)) {
    const way = typed[k]
    if (way && typeof v === 'number') fields.push([way[0], `openai.${way[1]}(${String(v)})`])
    else set.push(setJSON(k, v))
  }
  const call = streams(s) ? 'NewStreaming' : 'New'
  const imports = ['context', ...(set.length > 0 ? ['encoding/json'] : []), 'fmt', 'log', ...(s.key ? [] : ['os'])]
  return `${head(s, '//', 'Needs the package: go mod init sample; go get github.com/openai/openai-go/v3')}package main

import (
${imports.map((n) => `\t"${n}"\n`).join('')}
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

func main() {
	client := openai.NewClient(
		option.WithBaseURL(${quote(`${base(s)}/`)}),
		option.WithAPIKey(${keyOf(s, goEnvironment)}),
	)
	${streams(s) ? 'stream' : 'answer, err'} := client.Chat.Completions.${call}(context.Background(), openai.ChatCompletionNewParams{
${aligned(fields)}	}${set.map((l) => `, ${l}`).join('')})
${streams(s) ? streamed(s) : whole(s)}}
`
}

const setJSON = (name: string, value: unknown) => `option.WithJSONSet(${quote(name)}, json.RawMessage(${goRaw(json(value))}))`

/** Fields as gofmt aligns them: a value of many lines is a block by itself. */
function aligned(fields: [string, string][]): string {
  const long = (f: [string, string] | undefined) => f?.[1].includes('\n') === true
  let out = ''
  for (let i = 0; i < fields.length; ) {
    let end = i + 1
    while (end < fields.length && !long(fields[end - 1]) && !long(fields[end])) end++
    const block = fields.slice(i, end)
    const wide = Math.max(...block.map(([n]) => n.length))
    out += block.map(([n, v]) => `\t\t${n}:${' '.repeat(wide - n.length + 1)}${v},\n`).join('')
    i = end
  }
  return out
}

const streamed = (s: Sample) => `	for stream.Next() {
		for _, choice := range stream.Current().Choices {
			fmt.Print(choice.Delta.Content)
${tools(s) ? '\t\t\tfor _, call := range choice.Delta.ToolCalls {\n\t\t\t\tfmt.Print(call.Function.Name, call.Function.Arguments)\n\t\t\t}\n' : ''}		}
	}
	if err := stream.Err(); err != nil {
		log.Fatal(err)
	}
`

const whole = (s: Sample) => `	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Choices[0].Message.Content)
${tools(s) ? '\tfor _, call := range answer.Choices[0].Message.ToolCalls {\n\t\tfmt.Println(call.Function.Name, call.Function.Arguments)\n\t}\n' : ''}`
