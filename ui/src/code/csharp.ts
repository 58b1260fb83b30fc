import { base, head, json, keyOf, keyVariable, quote, type Sample, sent, streams, tools, url } from './sample'

const environment = `Environment.GetEnvironmentVariable("${keyVariable}")`

export function csharp(s: Sample): string {
  const typed = s.sdk ? withPackage(s) : ''
  return typed || alone(s)
}

/** With .NET's own library. */
function alone(s: Sample): string {
  const form = s.path === '/audio/transcriptions'
  return `${head(s, '//', 'Needs .NET 8 or later: dotnet new console, and this as Program.cs')}using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

${form ? fields(s) : `var body = ${raw(json(sent(s)))};\n`}
using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
using var request = new HttpRequestMessage(HttpMethod.Post, ${quote(url(s))});
request.Headers.Add("api-key", ${keyOf(s, environment)});
request.Content = ${form ? 'form' : 'new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"))'};
using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
if (!response.IsSuccessStatusCode)
{
    throw new Exception(await response.Content.ReadAsStringAsync());
}
${read(s)}`
}

/** A raw string ends at as many quotes as it began with, so it begins with one more than the text has. */
function raw(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/"+/g)].map((m) => m[0].length))
  const quotes = '"'.repeat(longest + 1)
  return `${quotes}\n${text}\n${quotes}`
}

function fields(s: Sample): string {
  const add = ([k, v]: [string, unknown]) => {
    const value = quote(String(v))
    return k === 'file' ? `form.Add(new StreamContent(File.OpenRead(${value})), "file", Path.GetFileName(${value}));` : `form.Add(new StringContent(${value}), ${quote(k)});`
  }
  return `using var form = new MultipartFormDataContent();\n${Object.entries(s.body).map(add).join('\n')}\n`
}

function read(s: Sample): string {
  const calls = (from: string, write: string) => (tools(s) ? `foreach (var call in ${from}?["tool_calls"]?.AsArray() ?? [])\n{\n    Console.${write}($"{call?["function"]?["name"]}{call?["function"]?["arguments"]}");\n}\n` : '')
  const text = s.path === '/completions' ? 'choice?["text"]' : 'choice?["delta"]?["content"]'
  if (s.path === '/audio/speech') return 'await using var file = File.Create("speech.mp3");\nawait response.Content.CopyToAsync(file);\n'
  if (streams(s)) {
    return `using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
while (await reader.ReadLineAsync() is { } line)
{
    if (!line.StartsWith("data:") || line[5..].Trim() == "[DONE]") continue;
    var chunk = JsonNode.Parse(line[5..]);
    if (chunk?["error"] is { } error) throw new Exception(error.ToJsonString());
    var choice = chunk?["choices"]?.AsArray().FirstOrDefault();
    Console.Write(${text});
${calls('choice?["delta"]', 'Write').replace(/^(?=.)/gm, '    ')}}
`
  }
  const answer = 'var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync());\n'
  switch (s.path) {
    case '/audio/transcriptions':
      return `${answer}Console.WriteLine(answer?["text"]);\n`
    case '/completions':
      return `${answer}Console.WriteLine(answer?["choices"]?[0]?["text"]);\n`
    case '/embeddings':
      return `${answer}foreach (var item in answer!["data"]!.AsArray())
{
    var vector = item!["embedding"]!.AsArray();
    Console.WriteLine($"{vector.Count}: {string.Join(" ", vector.Take(5))}");
}
`
    case '/images/generations':
      return `${answer}var n = 0;
foreach (var picture in answer!["data"]!.AsArray())
{
    n++;
    if (picture?["url"] is { } address) Console.WriteLine(address);
    else File.WriteAllBytes($"picture-{n}.png", Convert.FromBase64String((string)picture!["b64_json"]!));
}
`
  }
  return `${answer}var message = answer?["choices"]?[0]?["message"];\nConsole.WriteLine(message?["content"]);\n${calls('message', 'WriteLine')}`
}

const options: Record<string, (v: unknown) => string> = {
  max_tokens: (v) => `MaxOutputTokenCount = ${String(v)}`,
  max_completion_tokens: (v) => `MaxOutputTokenCount = ${String(v)}`,
  temperature: (v) => `Temperature = ${String(v)}f`,
  top_p: (v) => `TopP = ${String(v)}f`,
  frequency_penalty: (v) => `FrequencyPenalty = ${String(v)}f`,
  presence_penalty: (v) => `PresencePenalty = ${String(v)}f`,
}
const speakers: Record<string, string> = { system: 'SystemChatMessage', user: 'UserChatMessage', assistant: 'AssistantChatMessage' }

/** With the package, where its types have all that the call says; empty otherwise. */
function withPackage(s: Sample): string {
  const { model, messages, stream, ...rest } = sent(s)
  if (s.path !== '/chat/completions' || !Array.isArray(messages)) return ''
  const said = messages as { role: string; content: unknown; tool_calls?: unknown }[]
  if (said.some((m) => !speakers[m.role] || typeof m.content !== 'string' || m.tool_calls) || Object.keys(rest).some((k) => !options[k])) return ''
  const set = Object.entries(rest).map(([k, v]) => `    ${options[k]?.(v)},`)
  const settings = set.length > 0 ? `var options = new ChatCompletionOptions\n{\n${set.join('\n')}\n};\n` : ''
  const given = settings ? 'messages, options' : 'messages'
  return `${head(s, '//', 'Needs the package: dotnet add package OpenAI')}using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

var client = new ChatClient(
    ${quote(String(model))},
    new ApiKeyCredential(${keyOf(s, `${environment}!`)}),
    new OpenAIClientOptions { Endpoint = new Uri(${quote(`${base(s)}/`)}) });
ChatMessage[] messages =
[
${said.map((m) => `    new ${speakers[m.role]}(${quote(m.content as string)}),`).join('\n')}
];
${settings}${
    stream === true
      ? `await foreach (var update in client.CompleteChatStreamingAsync(${given}))
{
    foreach (var part in update.ContentUpdate) Console.Write(part.Text);
}
`
      : `ChatCompletion answer = await client.CompleteChatAsync(${given});\nConsole.WriteLine(answer.Content[0].Text);\n`
  }`
}
