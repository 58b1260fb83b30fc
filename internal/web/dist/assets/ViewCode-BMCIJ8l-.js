import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{t}from"./Button-Z-gnykaq.js";import{C as n,F as r,H as i,I as a,L as o,P as s,R as c,S as l,U as u,V as ee,s as te,z as ne}from"./index-Dn3PGJh9.js";import{l as re,s as ie,u as ae}from"./hooks-Zms9m92H.js";import{n as oe,t as d}from"./jsx-runtime-C3cWAN_r.js";import{n as se}from"./desk-BTg--cG3.js";import{n as f}from"./highlight-CRtCx032.js";var p=e(oe(),1),m={surface:`_surface_v8u7z_1`,words:`_words_v8u7z_2`,tabs:`_tabs_v8u7z_3`,code:`_code_v8u7z_4`,choices:`_choices_v8u7z_7`},h=e(d(),1);function ce(e,t){return f(e,t)?.map((e,t)=>(0,h.jsx)(p.Fragment,{children:g(e)},t))??e}function g(e){if(e.type===`text`)return e.value;let t=(e.children??[]).map((e,t)=>(0,h.jsx)(p.Fragment,{children:g(e)},t)),n=e.properties?.className;return(0,h.jsx)(`span`,{className:Array.isArray(n)?n.join(` `):void 0,children:t})}var _=`AZURE_OPENAI_API_KEY`,v={"event code":`CODE/NAME`,"personal key":`tge-...`,"API key":`YOUR_KEY`};function le(e,t){return e.startsWith(`tge-`)?`personal key`:t?`event code`:`API key`}var y=e=>b(e)+e.path,b=e=>`${e.endpoint}/openai/v1`,x=e=>e.body.stream===!0;function S(e){let{stream_options:t,...n}=e.body;return n}function ue(e){let{stream:t,...n}=S(e);return n}var C=/[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g,w=e=>`\\u${e.charCodeAt(0).toString(16).padStart(4,`0`)}`;function T(e,t=2){return JSON.stringify(e,null,t).replace(/\\(?:\\|u(d[89a-f][0-9a-f]{2}))/g,(e,t)=>t?`\\ufffd`:e).replace(C,w)}var E=e=>T(e).replace(/[^\x00-\x7f]/g,w),D=e=>T(e,0),de=e=>e.search(C)<0&&!/[\x00-\x1f\ud800-\udfff]/.test(e.replace(/[\ud800-\udbff][\udc00-\udfff]/g,``));function O(e){return de(e)?`'${e.replaceAll(`'`,`'\\''`)}'`:`$'${[...new TextEncoder().encode(e.replaceAll(`\0`,``))].map(e=>e<32||e>126||e===39||e===92?`\\x${e.toString(16).padStart(2,`0`)}`:String.fromCharCode(e)).join(``)}'`}function k(e){return/^[\x20-\x7e]*$/.test(e)?`'${e.replaceAll(`'`,`''`)}'`:`([regex]::Unescape('${e.replaceAll(`\\`,`\\\\`).replaceAll(`'`,`''`).replace(/[^\x20-\x7e]/g,w)}'))`}var A=e=>`export ${_}=${O(e)}`,j=e=>`$env:${_} = ${k(e)}`;function M(e,t,...n){let r=(e.key||e.bare?[]:[`Set your ${e.keyKind} first, in the terminal where this runs:`,`  macOS, Linux:  ${A(v[e.keyKind])}`,`  PowerShell:    ${j(v[e.keyKind])}`]).concat(e.bare?[]:n).map(e=>`${t} ${e}\n`);return r.length>0?`${r.join(``)}\n`:``}function fe(e,t,...n){let r=e.bare?``:e.key?`${t(e.key)}\n`:`# Set your ${e.keyKind} first:\n# ${t(v[e.keyKind])}\n`;return(e.bare?``:n.map(e=>`# ${e}\n`).join(``))+r}var N=(e,t)=>e.key?D(e.key):t,P=e=>Array.isArray(e.body.tools)&&e.body.tools.length>0,pe=`Environment.GetEnvironmentVariable("${_}")`;function F(e){return(e.sdk?ve(e):``)||me(e)}function me(e){let t=e.path===`/audio/transcriptions`;return`${M(e,`//`,`Needs .NET 8 or later: dotnet new console, and this as Program.cs`)}using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

${t?ge(e):`var body = ${he(T(S(e)))};\n`}
using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
using var request = new HttpRequestMessage(HttpMethod.Post, ${D(y(e))});
request.Headers.Add("api-key", ${N(e,pe)});
request.Content = ${t?`form`:`new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"))`};
using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
if (!response.IsSuccessStatusCode)
{
    throw new Exception(await response.Content.ReadAsStringAsync());
}
${_e(e)}`}function he(e){let t=Math.max(2,...[...e.matchAll(/"+/g)].map(e=>e[0].length)),n=`"`.repeat(t+1);return`${n}\n${e}\n${n}`}function ge(e){return`using var form = new MultipartFormDataContent();\n${Object.entries(e.body).map(([e,t])=>{let n=D(String(t));return e===`file`?`form.Add(new StreamContent(File.OpenRead(${n})), "file", Path.GetFileName(${n}));`:`form.Add(new StringContent(${n}), ${D(e)});`}).join(`
`)}\n`}function _e(e){let t=(t,n)=>P(e)?`foreach (var call in ${t}?["tool_calls"]?.AsArray() ?? [])\n{\n    Console.${n}($"{call?["function"]?["name"]}{call?["function"]?["arguments"]}");\n}\n`:``,n=e.path===`/completions`?`choice?["text"]`:`choice?["delta"]?["content"]`;if(e.path===`/audio/speech`)return`await using var file = File.Create("speech.mp3");
await response.Content.CopyToAsync(file);
`;if(x(e))return`using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
while (await reader.ReadLineAsync() is { } line)
{
    if (!line.StartsWith("data:") || line[5..].Trim() == "[DONE]") continue;
    var chunk = JsonNode.Parse(line[5..]);
    if (chunk?["error"] is { } error) throw new Exception(error.ToJsonString());
    var choice = chunk?["choices"]?.AsArray().FirstOrDefault();
    Console.Write(${n});
${t(`choice?["delta"]`,`Write`).replace(/^(?=.)/gm,`    `)}}
`;let r=`var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync());
`;switch(e.path){case`/audio/transcriptions`:return`${r}Console.WriteLine(answer?["text"]);\n`;case`/completions`:return`${r}Console.WriteLine(answer?["choices"]?[0]?["text"]);\n`;case`/embeddings`:return`${r}foreach (var item in answer!["data"]!.AsArray())
{
    var vector = item!["embedding"]!.AsArray();
    Console.WriteLine($"{vector.Count}: {string.Join(" ", vector.Take(5))}");
}
`;case`/images/generations`:return`${r}var n = 0;
foreach (var picture in answer!["data"]!.AsArray())
{
    n++;
    if (picture?["url"] is { } address) Console.WriteLine(address);
    else File.WriteAllBytes($"picture-{n}.png", Convert.FromBase64String((string)picture!["b64_json"]!));
}
`}return`${r}var message = answer?["choices"]?[0]?["message"];\nConsole.WriteLine(message?["content"]);\n${t(`message`,`WriteLine`)}`}var I={max_tokens:e=>`MaxOutputTokenCount = ${String(e)}`,max_completion_tokens:e=>`MaxOutputTokenCount = ${String(e)}`,temperature:e=>`Temperature = ${String(e)}f`,top_p:e=>`TopP = ${String(e)}f`,frequency_penalty:e=>`FrequencyPenalty = ${String(e)}f`,presence_penalty:e=>`PresencePenalty = ${String(e)}f`},L={system:`SystemChatMessage`,user:`UserChatMessage`,assistant:`AssistantChatMessage`};function ve(e){let{model:t,messages:n,stream:r,...i}=S(e);if(e.path!==`/chat/completions`||!Array.isArray(n))return``;let a=n;if(a.some(e=>!L[e.role]||typeof e.content!=`string`||e.tool_calls)||Object.keys(i).some(e=>!I[e]))return``;let o=Object.entries(i).map(([e,t])=>`    ${I[e]?.(t)},`),s=o.length>0?`var options = new ChatCompletionOptions\n{\n${o.join(`
`)}\n};\n`:``,c=s?`messages, options`:`messages`;return`${M(e,`//`,`Needs the package: dotnet add package OpenAI`)}using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

var client = new ChatClient(
    ${D(String(t))},
    new ApiKeyCredential(${N(e,`${pe}!`)}),
    new OpenAIClientOptions { Endpoint = new Uri(${D(`${b(e)}/`)}) });
ChatMessage[] messages =
[
${a.map(e=>`    new ${L[e.role]}(${D(e.content)}),`).join(`
`)}
];
${s}${r===!0?`await foreach (var update in client.CompleteChatStreamingAsync(${c}))
{
    foreach (var part in update.ContentUpdate) Console.Write(part.Text);
}
`:`ChatCompletion answer = await client.CompleteChatAsync(${c});\nConsole.WriteLine(answer.Content[0].Text);\n`}`}var R={system:`SystemMessage`,user:`UserMessage`,assistant:`AssistantMessage`},ye={max_tokens:[`MaxTokens`,`Int`],max_completion_tokens:[`MaxCompletionTokens`,`Int`],temperature:[`Temperature`,`Float`],top_p:[`TopP`,`Float`],frequency_penalty:[`FrequencyPenalty`,`Float`],presence_penalty:[`PresencePenalty`,`Float`],seed:[`Seed`,`Int`]};function be(e){let{model:t,messages:n,stream:r,...i}=S(e);if(e.path!==`/chat/completions`||!Array.isArray(n))return``;let a=n,o=a.every(e=>R[e.role]&&typeof e.content==`string`&&!e.tool_calls),s=[[`Model`,D(String(t))]];o&&s.push([`Messages`,`[]openai.ChatCompletionMessageParamUnion{\n${a.map(e=>`\t\t\topenai.${R[e.role]}(${D(e.content)}),\n`).join(``)}\t\t}`]);let c=o?[]:[z(`messages`,n)];for(let[e,t]of Object.entries(i)){let n=ye[e];n&&typeof t==`number`?s.push([n[0],`openai.${n[1]}(${String(t)})`]):c.push(z(e,t))}let l=x(e)?`NewStreaming`:`New`,u=[`context`,...c.length>0?[`encoding/json`]:[],`fmt`,`log`,...e.key?[]:[`os`]];return`${M(e,`//`,`Needs the package: go mod init sample; go get github.com/openai/openai-go/v3`)}package main

import (
${u.map(e=>`\t"${e}"\n`).join(``)}
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

func main() {
	client := openai.NewClient(
		option.WithBaseURL(${D(`${b(e)}/`)}),
		option.WithAPIKey(${N(e,B)}),
	)
	${x(e)?`stream`:`answer, err`} := client.Chat.Completions.${l}(context.Background(), openai.ChatCompletionNewParams{
${xe(s)}	}${c.map(e=>`, ${e}`).join(``)})
${x(e)?Se(e):Ce(e)}}
`}var z=(e,t)=>`option.WithJSONSet(${D(e)}, json.RawMessage(${H(T(t))}))`;function xe(e){let t=e=>e?.[1].includes(`
`)===!0,n=``;for(let r=0;r<e.length;){let i=r+1;for(;i<e.length&&!t(e[i-1])&&!t(e[i]);)i++;let a=e.slice(r,i),o=Math.max(...a.map(([e])=>e.length));n+=a.map(([e,t])=>`\t\t${e}:${` `.repeat(o-e.length+1)}${t},\n`).join(``),r=i}return n}var Se=e=>`	for stream.Next() {
		for _, choice := range stream.Current().Choices {
			fmt.Print(choice.Delta.Content)
${P(e)?`			for _, call := range choice.Delta.ToolCalls {
				fmt.Print(call.Function.Name, call.Function.Arguments)
			}
`:``}		}
	}
	if err := stream.Err(); err != nil {
		log.Fatal(err)
	}
`,Ce=e=>`	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Choices[0].Message.Content)
${P(e)?`	for _, call := range answer.Choices[0].Message.ToolCalls {
		fmt.Println(call.Function.Name, call.Function.Arguments)
	}
`:``}`,B=`os.Getenv("${_}")`;function V(e){return(e.sdk?be(e):``)||Te(e)}var H=e=>e.split("`").map(e=>`\`${e}\``).join(' + "`" + '),we=e=>`import (\n${[...new Set(e)].sort().map(e=>`\t"${e}"`).join(`
`)}\n)\n`;function Te(e){let t=e.path===`/audio/transcriptions`,[n,r]=ke(e),i=[`io`,`log`,`net/http`,...e.key?[]:[`os`],...t?[`bytes`,`mime/multipart`,`os`]:[`strings`],...n];return`${M(e,`//`,`Save it as main.go and run: go run main.go`)}package main

${we(i)}${t?``:`\nconst body = ${H(T(S(e)))}\n`}
func main() {
${t?Ee(e):``}	req, err := http.NewRequest("POST", ${D(y(e))}, ${t?`&body`:`strings.NewReader(body)`})
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("api-key", ${N(e,B)})
	req.Header.Set("Content-Type", ${t?`form.FormDataContentType()`:`"application/json"`})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		log.Fatalf("%s: %s", res.Status, text)
	}
${r.replace(/^(?=.)/gm,`	`)}}
`}function Ee(e){return`	var body bytes.Buffer\n	form := multipart.NewWriter(&body)\n${Object.entries(e.body).map(([e,t])=>e===`file`?`	file, err := os.ReadFile(${D(String(t))})
	if err != nil {
		log.Fatal(err)
	}
	part, _ := form.CreateFormFile("file", ${D(String(t))})
	part.Write(file)
`:`	form.WriteField(${D(e)}, ${D(String(t))})\n`).join(``)}	form.Close()\n`}var De=`if err != nil {
	log.Fatal(err)
}
`,U=e=>`var answer struct {\n${e.replace(/^(?=.)/gm,`	`)}}\nif err := json.NewDecoder(res.Body).Decode(&answer); err != nil {\n\tlog.Fatal(err)\n}\n`,Oe=`ToolCalls []struct {
	Function struct{ Name, Arguments string }
} \`json:"tool_calls"\`
`;function ke(e){if(e.path===`/audio/speech`)return[[`os`],`file, err := os.Create("speech.mp3")\n${De}if _, err := io.Copy(file, res.Body); err != nil {\n\tlog.Fatal(err)\n}\nif err := file.Close(); err != nil {\n\tlog.Fatal(err)\n}\n`];let[t,n]=e.path===`/completions`?[`Text string
`,`Text`]:x(e)?[W(`Delta`,e),`Delta.Content`]:[W(`Message`,e),`Message.Content`],r=`Choices []struct {\n${t.replace(/^(?=.)/gm,`	`)}}\n`,i=(t,r)=>`fmt.${t}(choice.${n})\n${P(e)?`for _, call := range choice.${r}.ToolCalls {\n\tfmt.${t}(call.Function.Name, call.Function.Arguments)\n}\n`:``}`;switch(e.path){case`/audio/transcriptions`:return[[`encoding/json`,`fmt`],`${U(`Text string
`)}fmt.Println(answer.Text)\n`];case`/embeddings`:return[[`encoding/json`,`fmt`],`${U(`Data []struct{ Embedding []float64 }
`)}for _, item := range answer.Data {\n\tfmt.Println(len(item.Embedding), item.Embedding[:min(5, len(item.Embedding))])\n}\n`];case`/images/generations`:return[[`encoding/json`,`fmt`,`os`],`${U(`Data []struct {
	URL  string
	File []byte \`json:"b64_json"\`
}
`)}for i, picture := range answer.Data {
	if picture.URL != "" {
		fmt.Println(picture.URL)
		continue
	}
	if err := os.WriteFile(fmt.Sprintf("picture-%d.png", i+1), picture.File, 0o644); err != nil {
		log.Fatal(err)
	}
}
`]}return x(e)?[[`bufio`,`bytes`,`encoding/json`,`fmt`],`lines := bufio.NewScanner(res.Body)
lines.Buffer(nil, 16<<20)
for lines.Scan() {
	data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
	if !ok || string(bytes.TrimSpace(data)) == "[DONE]" {
		continue
	}
	var chunk struct {
${r.replace(/^(?=.)/gm,`		`)}		Error *struct{ Message string }
	}
	if err := json.Unmarshal(data, &chunk); err != nil {
		log.Fatal(err)
	}
	if chunk.Error != nil {
		log.Fatal(chunk.Error.Message)
	}
	for _, choice := range chunk.Choices {
${i(`Print`,`Delta`).replace(/^(?=.)/gm,`		`)}	}
}
if err := lines.Err(); err != nil {
	log.Fatal(err)
}
`]:[[`encoding/json`,`fmt`],`${U(r)}for _, choice := range answer.Choices {\n${i(`Println`,`Message`).replace(/^(?=.)/gm,`	`)}}\n`]}function W(e,t){return P(t)?`${e} struct {\n\tContent   string\n${Oe.replace(/^(?=.)/gm,`	`)}}\n`:`${e} struct{ Content string }\n`}var Ae=e=>`"""\n${e.replaceAll(`\\`,`\\\\`).replace(/""(?=")/g,`""\\`).replace(/^(?=.)/gm,`            `)}"""`;function je(e){let t=e.path===`/audio/transcriptions`;return`${M(e,`//`,`Needs Java 17 or later. Save it as Sample.java and run: java Sample.java`)}${Me(e)}
public class Sample {
    public static void main(String[] args) throws Exception {
${t?Ne(e):`        var body = ${Ae(E(S(e)))};\n`}        var request = HttpRequest.newBuilder(URI.create(${D(y(e))}))
            .header("api-key", ${N(e,`System.getenv("${_}")`)})
            .header("Content-Type", ${t?`"multipart/form-data; boundary=" + boundary`:`"application/json"`})
            .POST(HttpRequest.BodyPublishers.${t?`ofByteArrays(parts)`:`ofString(body)`})
            .build();
${Pe(e)}    }
${e.path===`/audio/speech`?``:Fe}}
`}function Me(e){let t=[`java.net.URI`,`java.net.http.HttpClient`,`java.net.http.HttpRequest`,`java.net.http.HttpResponse`];return e.path===`/audio/speech`?t.push(`java.nio.file.Path`):t.push(`java.util.regex.Pattern`),e.path===`/images/generations`&&t.push(`java.nio.file.Files`,`java.nio.file.Path`,`java.util.Base64`),e.path===`/audio/transcriptions`&&t.push(`java.nio.file.Files`,`java.nio.file.Path`,`java.util.ArrayList`),`${[...new Set(t)].sort().map(e=>`import ${e};\n`).join(``)}`}function Ne(e){return`        var file = Path.of(${D(String(e.body.file))});
        var extension = file.toString().replaceFirst("^.*(?=\\\\.)", "");
        var boundary = "part-" + System.nanoTime();
        var parts = new ArrayList<byte[]>();
${Object.entries(e.body).map(([e,t])=>e===`file`?`        parts.add(("--" + boundary + "\\r\\nContent-Disposition: form-data; name=\\"file\\"; filename=\\"recording" + extension + "\\"\\r\\n\\r\\n").getBytes());
        parts.add(Files.readAllBytes(file));
        parts.add("\\r\\n".getBytes());
`:`        parts.add(("--" + boundary + "\\r\\nContent-Disposition: form-data; name=\\"${e}\\"\\r\\n\\r\\n" + ${D(String(t))} + "\\r\\n").getBytes());\n`).join(``)}        parts.add(("--" + boundary + "--\\r\\n").getBytes());
`}var G=e=>`        if (response.statusCode() != 200) {\n            throw new RuntimeException(${e});\n        }\n`;function Pe(e){let t=e=>`        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.${e});\n`;if(e.path===`/audio/speech`)return`${t(`ofFile(Path.of("speech.mp3"))`)}${G(`"see speech.mp3: " + response.statusCode()`)}`;let n=(t,n,r)=>`${r}${n}(pick("${e.path===`/completions`||e.path===`/audio/transcriptions`?`text`:`content`}", ${t}));\n${P(e)?`${r}System.out.print(pick("name", ${t}) + pick("arguments", ${t}));\n`:``}`;if(x(e))return`${t(`ofLines()`)}${G(`String.join("\\n", response.body().toList())`)}        response.body().filter(line -> line.startsWith("data:")).forEach(line -> {
${n(`line`,`System.out.print`,`            `)}            System.out.flush();
        });
`;let r=`${t(`ofString()`)}${G(`response.body()`)}`;return e.path===`/embeddings`?`${r}        var vectors = Pattern.compile("\\"embedding\\"\\\\s*:\\\\s*\\\\[([^\\\\]]*)\\\\]").matcher(response.body());\n        while (vectors.find()) {\n            var numbers = vectors.group(1).split(",");\n            System.out.println(numbers.length + " numbers, the first " + numbers[0].strip());\n        }\n`:e.path===`/images/generations`?`${r}        var inline = pick("b64_json", response.body());\n        if (inline.isEmpty()) {\n            System.out.println(pick("url", response.body()));\n        } else {\n            Files.write(Path.of("picture-1.png"), Base64.getDecoder().decode(inline));\n        }\n`:`${r}${n(`response.body()`,`System.out.println`,`        `)}`}var Fe=`
    /** The first text of this name in a piece of JSON; empty when there is none. */
    static String pick(String name, String json) {
        var found = Pattern.compile("\\"" + name + "\\"\\\\s*:\\\\s*\\"((?:[^\\"\\\\\\\\]++|\\\\\\\\.)*+)\\"").matcher(json);
        if (!found.find()) {
            return "";
        }
        var escapes = Pattern.compile("\\\\\\\\(?:u([0-9a-fA-F]{4})|(.))").matcher(found.group(1));
        return escapes.replaceAll(m -> java.util.regex.Matcher.quoteReplacement(m.group(1) != null
            ? String.valueOf((char) Integer.parseInt(m.group(1), 16))
            : switch (m.group(2).charAt(0)) {
                case 'n' -> "\\n";
                case 't' -> "\\t";
                case 'r' -> "\\r";
                case 'b' -> "\\b";
                case 'f' -> "\\f";
                default -> m.group(2);
            }));
    }
`,K=`process.env.${_}`;function Ie(e){return e.sdk?Le(e):ze(e)}var q=e=>T(e).replace(/^(\s*)"__proto__":/gm,`$1["__proto__"]:`);function Le(e){let t=e.path===`/audio/transcriptions`,n=t?`import { createReadStream } from "node:fs";
`:/speech|images/.test(e.path)?`import { writeFile } from "node:fs/promises";
`:``,r=t?q(S(e)).replace(/^( {2}"file": )(.*[^,])(,?)$/m,(e,t,n,r)=>`${t}createReadStream(${n})${r}`):q(S(e));return`${M(e,`//`,`Save it as sample.mjs. Needs the package: npm install openai`)}import OpenAI from "openai";
${n}
const client = new OpenAI({
  baseURL: ${D(`${b(e)}/`)},
  apiKey: ${N(e,K)},
});

const ${x(e)?`stream`:`answer`} = await client.${Re[e.path]??`chat.completions`}.${e.path===`/images/generations`?`generate`:`create`}(${r});
${x(e)?`for await (const chunk of stream) {\n${J(e)}}\n`:Y(e)}`}var Re={"/images/generations":`images`,"/embeddings":`embeddings`,"/completions":`completions`,"/audio/speech":`audio.speech`,"/audio/transcriptions":`audio.transcriptions`};function J(e){return e.path===`/completions`?`  process.stdout.write(chunk.choices[0]?.text ?? "");
`:`  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");\n${P(e)?'  for (const { function: f } of chunk.choices[0]?.delta?.tool_calls ?? []) process.stdout.write(`${f.name ?? ""}${f.arguments ?? ""}`);\n':``}`}function Y(e){switch(e.path){case`/images/generations`:return`for (const [i, picture] of answer.data.entries()) {
  if (picture.url) console.log(picture.url);
  else await writeFile(\`picture-\${i + 1}.png\`, Buffer.from(picture.b64_json, "base64"));
}
`;case`/audio/speech`:return`await writeFile("speech.mp3", Buffer.from(await answer.arrayBuffer()));
`;case`/audio/transcriptions`:return`console.log(answer.text);
`;case`/embeddings`:return`for (const item of answer.data) console.log(item.embedding.length, item.embedding.slice(0, 5));
`;case`/completions`:return`console.log(answer.choices[0].text);
`;default:return`const { message } = answer.choices[0];\nconsole.log(message.content ?? "");\n${P(e)?`for (const { function: f } of message.tool_calls ?? []) console.log(f.name + f.arguments);
`:``}`}}function ze(e){let t=e.path===`/audio/transcriptions`,n=t?`import { readFile } from "node:fs/promises";

`:/speech|images/.test(e.path)?`import { writeFile } from "node:fs/promises";

`:``,r=t?Be(e):`const body = ${q(S(e))};\n`;return`${M(e,`//`,`Save it as sample.mjs and run: node sample.mjs`)}${n}${r}
const response = await fetch(${D(y(e))}, {
  method: "POST",
  headers: { "api-key": ${N(e,K)}${t?``:`, "Content-Type": "application/json"`} },
  body${t?``:`: JSON.stringify(body)`},
});
if (!response.ok) throw new Error(await response.text());
${x(e)?Ve(e):`const answer = ${e.path===`/audio/speech`?`response`:`await response.json()`};\n${Y(e)}`}`}function Be(e){return`const body = new FormData();\n${Object.entries(e.body).map(([e,t])=>`body.set(${D(e)}, ${e===`file`?`new Blob([await readFile(${D(String(t))})]), ${D(String(t).replace(/^.*\//,``))}`:D(String(t))});\n`).join(``)}`}var Ve=e=>`let rest = "";
for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    if (!line.startsWith("data:") || line.slice(5).trim() === "[DONE]") continue;
    const chunk = JSON.parse(line.slice(5));
    if (chunk.error) throw new Error(chunk.error.message);
${J(e).replace(/^(?=.)/gm,`  `)}  }
}
`,X=`os.environ["${_}"]`,He=new Set(`model.messages.stream.max_tokens.max_completion_tokens.reasoning_effort.verbosity.temperature.top_p.frequency_penalty.presence_penalty.stop.seed.n.user.response_format.tools.tool_choice.parallel_tool_calls.logprobs.top_logprobs.logit_bias.modalities.audio.prompt.input.dimensions.encoding_format.size.quality.style.background.output_format.voice.speed.instructions.language.file.best_of.echo.suffix.metadata.store.prediction.service_tier`.split(`.`));function Ue(e){return e.sdk||e.path.startsWith(`/audio/transcriptions`)?We(e):qe(e)}function We(e){let t=Object.fromEntries(Object.entries(S(e)).filter(([e])=>!He.has(e))),n=Object.entries(S(e)).filter(([e])=>He.has(e)).map(([e,t])=>`    ${e}=${e===`file`?`open(${D(String(t))}, "rb")`:Z(t,1)},`);Object.keys(t).length>0&&n.push(`    extra_body=${Z(t,1)},`);let r=[...e.key?[]:[`import os`],...e.path===`/images/generations`?[`import base64`]:[]].sort();return`${M(e,`#`,`Needs the package: pip install openai`)}${r.length>0?`${r.join(`
`)}\n\n`:``}from openai import OpenAI

client = OpenAI(
    base_url=${D(`${b(e)}/`)},
    api_key=${N(e,X)},
)

${x(e)?`stream`:`answer`} = client.${Ge[e.path]??`chat.completions`}.${e.path===`/images/generations`?`generate`:`create`}(
${n.join(`
`)}
)
${Ke(e)}`}var Ge={"/images/generations":`images`,"/embeddings":`embeddings`,"/completions":`completions`,"/audio/speech":`audio.speech`,"/audio/transcriptions":`audio.transcriptions`};function Ke(e){switch(e.path){case`/images/generations`:return`for i, picture in enumerate(answer.data, 1):
    if picture.url:
        print(picture.url)
        continue
    with open(f"picture-{i}.png", "wb") as file:
        file.write(base64.b64decode(picture.b64_json))
`;case`/audio/speech`:return`answer.write_to_file("speech.mp3")
`;case`/audio/transcriptions`:return`print(answer.text)
`;case`/embeddings`:return`for item in answer.data:
    print(len(item.embedding), item.embedding[:5])
`;case`/completions`:return x(e)?`for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].text or "", end="", flush=True)
`:`print(answer.choices[0].text)
`}let t=(t,n,r)=>P(e)?`${n}for call in ${t}.tool_calls or []:\n${n}    print(call.function.name or "", call.function.arguments or "", sep=""${r})\n`:``;return x(e)?`for chunk in stream:
    if not chunk.choices:
        continue
    delta = chunk.choices[0].delta
    print(delta.content or "", end="", flush=True)
${t(`delta`,`    `,`, end="", flush=True`)}`:`message = answer.choices[0].message\nprint(message.content or "")\n${t(`message`,``,``)}`}function qe(e){let t=S(e);return`${M(e,`#`)}import ${e.path===`/images/generations`?`base64
import `:``}json
${e.key?``:`import os
`}import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

body = ${Z(t,0)}
request = Request(
    ${D(y(e))},
    data=json.dumps(body).encode(),
    headers={"api-key": ${N(e,X)}, "Content-Type": "application/json"},
)
try:
    response = urlopen(request)
except HTTPError as error:
    sys.exit(error.read().decode())
${Je(e)}`}function Je(e){let t=e.path===`/completions`?`["text"]`:`["message"]["content"]`,n=e.path===`/completions`?`choice["text"]`:`choice["delta"].get("content")`,r=(t,n,r)=>P(e)?`${n}for call in ${t}.get("tool_calls") or []:\n${n}    print(call["function"].get("name") or "", call["function"].get("arguments") or "", sep=""${r})\n`:``;return e.path===`/audio/speech`?`with open("speech.mp3", "wb") as file:
    file.write(response.read())
`:x(e)?`for line in response:
    if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
        continue
    chunk = json.loads(line[5:])
    if "error" in chunk:
        sys.exit(chunk["error"]["message"])
    for choice in chunk["choices"][:1]:
        print(${n} or "", end="", flush=True)
${r(`choice["delta"]`,`        `,`, end="", flush=True`)}`:e.path===`/embeddings`?`for item in json.load(response)["data"]:
    print(len(item["embedding"]), item["embedding"][:5])
`:e.path===`/images/generations`?`for i, picture in enumerate(json.load(response)["data"], 1):
    if picture.get("url"):
        print(picture["url"])
        continue
    with open(f"picture-{i}.png", "wb") as file:
        file.write(base64.b64decode(picture["b64_json"]))
`:`choice = json.load(response)["choices"][0]\nprint(choice${t} or "")\n${r(`choice["message"]`,``,``)}`}function Z(e,t){let n=`    `.repeat(t+1),r=`    `.repeat(t);if(e==null)return`None`;if(e===!0)return`True`;if(e===!1)return`False`;if(typeof e!=`object`)return T(e,0);if(Array.isArray(e))return e.length===0?`[]`:`[\n${e.map(e=>`${n}${Z(e,t+1)},\n`).join(``)}${r}]`;let i=Object.entries(e);return i.length===0?`{}`:`{\n${i.map(([e,r])=>`${n}${T(e,0)}: ${Z(r,t+1)},\n`).join(``)}${r}}`}function Ye(e){let t=t=>fe(e,A,t),n=`curl -sS${x(e)?`N`:``} ${O(y(e))} \\\n  -H "api-key: $${_}" \\\n`;return e.path===`/audio/transcriptions`?`${t(`Needs curl and jq.`)}${n}${Object.entries(e.body).map(([e,t])=>`  ${Xe(e,String(t))}`).join(` \\
`)} | jq -r '.error.message // .text'\n`:e.path===`/audio/speech`?`${t(`Needs curl.`)}${n}${Ze(e)} --fail-with-body -o speech.mp3 <<'JSON'\n${T(S(e))}\nJSON\n`:`${t(`Needs curl and jq.`)}${n}${Ze(e)} <<'JSON' | ${Qe(e)}\n${T(S(e))}\nJSON\n`}var Xe=(e,t)=>e===`file`?`-F ${O(`file=@"${t.replace(/["\\]/g,`\\$&`)}"`)}`:`--form-string ${O(`${e}=${t}`)}`,Ze=e=>`  -H "Content-Type: application/json" \\
  --data-binary @-`;function Qe(e){let t=P(e)?`, (.tool_calls[]? | (.function | "\\(.name // "")\\(.arguments // "")"))`:``,n=e=>`jq -Rrj --unbuffered 'ltrimstr("data: ") | fromjson? | .error.message // (.choices[0]? | ${e}) // empty'`;switch(e.path){case`/embeddings`:return`jq -c '.error.message // (.data[] | .embedding | length, .[:5])'`;case`/images/generations`:return`jq -r '.error.message // (.data[] | .url // .b64_json)' > pictures.txt  # addresses, or base64`;case`/completions`:return x(e)?n(`.text`):`jq -r '.error.message // .choices[0].text'`;default:return x(e)?n(`.delta? | (.content // empty)${t}`):`jq -r '.error.message // (.choices[0].message | (.content // empty)${t})'`}}function $e(e){let t=fe(e,j,...x(e)?[`Waits for the whole answer, then prints it.`]:[]),n=`-Headers @{ 'api-key' = $env:${_} }`;if(e.path===`/audio/transcriptions`)return`${t}# -Form needs PowerShell 7.\n$form = @{\n${Object.entries(e.body).map(([e,t])=>`  ${e} = ${e===`file`?`Get-Item -LiteralPath ${k(String(t))}`:k(String(t))}`).join(`
`)}\n}\n$answer = Invoke-RestMethod -Method Post -Uri ${k(y(e))} ${n} -Form $form\n$answer.text\n`;let r=e.path===`/audio/speech`?` -OutFile speech.mp3`:``;return`${t}$body = @'
${E(ue(e))}
'@
${r?``:`$answer = `}Invoke-RestMethod -Method Post -Uri ${k(y(e))} \`
  ${n} \`
  -ContentType 'application/json' -Body $body${r}
${et(e)}`}function et(e){switch(e.path){case`/audio/speech`:return``;case`/embeddings`:return`$answer.data | ForEach-Object { "$($_.embedding.Count): $($_.embedding[0..4])" }
`;case`/images/generations`:return`foreach ($picture in $answer.data) {
  if ($picture.url) { $picture.url; continue }
  $name = Join-Path $PWD "picture-$([array]::IndexOf($answer.data, $picture) + 1).png"
  [IO.File]::WriteAllBytes($name, [Convert]::FromBase64String($picture.b64_json))
  $name
}
`;case`/completions`:return`$answer.choices[0].text
`;default:return`$answer.choices[0].message.content\n${P(e)?`$answer.choices[0].message.tool_calls | ForEach-Object { $_.function.name + $_.function.arguments }
`:``}`}}var Q=()=>!1,tt=()=>!0,nt=e=>e.path!==`/audio/transcriptions`,rt=e=>t=>e({...t,sdk:!0})!==e({...t,sdk:!1}),$=[{id:`python`,name:`Python`,syntax:`python`,sdk:nt,write:Ue},{id:`javascript`,name:`JavaScript`,syntax:`javascript`,sdk:tt,write:Ie},{id:`csharp`,name:`C#`,syntax:`csharp`,sdk:rt(F),write:F},{id:`go`,name:`Go`,syntax:`go`,sdk:rt(V),write:V},{id:`java`,name:`Java`,syntax:`java`,sdk:Q,write:je},{id:`bash`,name:`curl`,syntax:`bash`,sdk:Q,write:Ye},{id:`powershell`,name:`PowerShell`,syntax:`powershell`,sdk:Q,write:$e},{id:`json`,name:`JSON`,syntax:`json`,sdk:Q,write:e=>`${T(e.body)}\n`}];function it({onClose:e,path:oe,body:d}){ie(`[data-menu-origin]`);let{client:f,session:g}=se(),[v,y]=(0,p.useState)(()=>l(`language`)||`python`),[b,x]=(0,p.useState)(()=>l(`sdk`)!==`no`),[S,ue]=(0,p.useState)(!1),C=$.find(e=>e.id===v)??$[0],w=le(f.key,g.event!==null),T={path:oe,body:d,endpoint:g.server.endpoint,keyKind:w,key:S?f.key:void 0,sdk:b},E=C.write(at(T)),D=(0,p.useMemo)(()=>ce(E,C.syntax),[E,C]),de=e=>{y(e),n(`language`,e)},O=e=>{x(e),n(`sdk`,e?``:`no`)};return(0,h.jsx)(ne,{open:!0,onOpenChange:(t,n)=>!n.open&&e(),children:(0,h.jsx)(r,{className:m.surface,children:(0,h.jsxs)(o,{children:[(0,h.jsx)(a,{children:`View code`}),(0,h.jsxs)(s,{children:[(0,h.jsxs)(`p`,{className:m.words,children:[`The same call from your own program. It takes your `,w,` from the environment variable `,(0,h.jsx)(`code`,{children:_}),`; its first lines say how to set it.`]}),(0,h.jsx)(i,{className:m.tabs,size:`small`,selectedValue:C.id,onTabSelect:(e,t)=>de(String(t.value)),"aria-label":`Language`,children:$.map(e=>(0,h.jsx)(ee,{value:e.id,children:e.name},e.id))}),(0,h.jsxs)(`div`,{className:m.choices,children:[C.sdk(T)?(0,h.jsx)(u,{label:`With the OpenAI package`,checked:b,onChange:(e,t)=>O(t.checked)}):null,C.id!==`json`&&f.key!==``?(0,h.jsx)(u,{label:`Put my ${w} in`,checked:S,onChange:(e,t)=>ue(t.checked)}):null]}),S&&C.id!==`json`?(0,h.jsx)(ae,{intent:`warning`,layout:`multiline`,children:(0,h.jsxs)(re,{children:[`Your `,w,` stands in this code. Whoever sees it can ask in your name: do not share it, show it or commit it.`]})}):null,(0,h.jsx)(`pre`,{className:m.code,tabIndex:0,dir:`ltr`,"aria-label":`Code, ${C.name}`,children:(0,h.jsx)(`code`,{children:D})})]}),(0,h.jsxs)(c,{children:[(0,h.jsx)(te,{text:()=>C.write(T),label:`Copy`,size:`medium`,worded:!0}),(0,h.jsx)(t,{appearance:`primary`,onClick:e,children:`Close`})]})]})})})}function at(e){let t=(e,t)=>typeof t==`string`&&t.length>1e3&&/^(data:|[A-Za-z0-9+/]{1000})/.test(t)?`${t.slice(0,80)}…`:t;return{...e,body:JSON.parse(JSON.stringify(e.body,t))}}export{it as default};