import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{c as t,it as n,s as r,tt as i}from"./hooks-DL0f7S-C.js";import{C as a,E as o,O as s,S as c,T as l,a as u,d,f,k as p,w as m,x as h}from"./index-BV9uEjoP.js";import{n as g}from"./highlight-CRtCx032.js";var _=e(n(),1),v={surface:`_surface_dmhwm_1`,words:`_words_dmhwm_2`,tabs:`_tabs_dmhwm_3`,code:`_code_dmhwm_4`},y=e(i(),1);function b(e,t){return g(e,t)?.map((e,t)=>(0,y.jsx)(_.Fragment,{children:x(e)},t))??e}function x(e){if(e.type===`text`)return e.value;let t=(e.children??[]).map((e,t)=>(0,y.jsx)(_.Fragment,{children:x(e)},t)),n=e.properties?.className;return(0,y.jsx)(`span`,{className:Array.isArray(n)?n.join(` `):void 0,children:t})}var S=`AZURE_OPENAI_API_KEY`,C=e=>JSON.stringify(e,null,2),w=e=>`${e.endpoint}/openai/v1`,T=e=>e.body.stream===!0;function E(e){return`curl ${T(e)?`-N `:``}${D(w(e)+e.path)} \\
  -H "api-key: $${S}" \\
  -H "content-type: application/json" \\
  --data-binary @- <<'JSON'
${C(e.body)}
JSON
`}var D=e=>`'${e.replaceAll(`'`,`'\\''`)}'`;function O(e){return`$body = @'
${C(e.body)}
'@
$body | curl.exe ${T(e)?`-N `:``}'${(w(e)+e.path).replaceAll(`'`,`''`)}' \`
  -H "api-key: $env:${S}" \`
  -H "content-type: application/json" \`
  --data-binary '@-'
`}function k(e){let[t,n]=A(e),r=Object.entries(e.body).map(([e,t])=>`    ${e}=${j(t,1)},`);return`import os

from openai import OpenAI  # pip install openai

client = OpenAI(
    base_url=${j(`${w(e)}/`,0)},
    api_key=os.environ["${S}"],
)

${T(e)?`stream`:`answer`} = client.${t}(
${r.join(`
`)}
)
${n}
`}function A(e){switch(e.path){case`/images/generations`:return[`images.generate`,`print(answer.data[0].url or answer.data[0].b64_json[:60])`];case`/embeddings`:return[`embeddings.create`,`for item in answer.data:
    print(len(item.embedding), item.embedding[:5])`];case`/completions`:return[`completions.create`,T(e)?`for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].text or "", end="")`:`print(answer.choices[0].text)`];default:return[`chat.completions.create`,T(e)?`for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`:`print(answer.choices[0].message.content)`]}}function j(e,t){let n=`    `.repeat(t+1),r=`    `.repeat(t);if(e==null)return`None`;if(e===!0)return`True`;if(e===!1)return`False`;if(typeof e!=`object`)return JSON.stringify(e);if(Array.isArray(e))return e.length===0?`[]`:`[\n${e.map(e=>`${n}${j(e,t+1)},\n`).join(``)}${r}]`;let i=Object.entries(e);return i.length===0?`{}`:`{\n${i.map(([e,r])=>`${n}${JSON.stringify(e)}: ${j(r,t+1)},\n`).join(``)}${r}}`}function M(e){let[t,n]=N(e);return`import OpenAI from "openai"; // npm install openai

const client = new OpenAI({
  baseURL: ${JSON.stringify(w(e))},
  apiKey: process.env.${S},
});

const ${T(e)?`stream`:`answer`} = await client.${t}(${C(e.body)});
${n}
`}function N(e){switch(e.path){case`/images/generations`:return[`images.generate`,`console.log(answer.data[0].url ?? answer.data[0].b64_json.slice(0, 60));`];case`/embeddings`:return[`embeddings.create`,`for (const item of answer.data) console.log(item.embedding.length, item.embedding.slice(0, 5));`];case`/completions`:return[`completions.create`,T(e)?P(`text`):`console.log(answer.choices[0].text);`];default:return[`chat.completions.create`,T(e)?P(`delta?.content`):`console.log(answer.choices[0].message.content);`]}}var P=e=>`for await (const chunk of stream) {\n  process.stdout.write(chunk.choices[0]?.${e} ?? "");\n}`;function F(e){let t=C(e.body),n=`"`.repeat(Math.max(3,I(t,`"`)+1));return`using System.Net.Http.Headers;
using System.Text;

var body = ${n}
${t}
${n};

using var client = new HttpClient();
client.DefaultRequestHeaders.Add("api-key", Environment.GetEnvironmentVariable("${S}"));
using var request = new HttpRequestMessage(HttpMethod.Post, ${JSON.stringify(w(e)+e.path)})
{
    Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
};
using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
while (await reader.ReadLineAsync() is { } line)
{
    Console.WriteLine(line);
}
`}function I(e,t){let n=0,r=0;for(let i of e)r=i===t?r+1:0,n=Math.max(n,r);return n}function L(e){return`package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const body = ${C(e.body).split("`").map(e=>`\`${e}\``).join(' + "`" + ')}

func main() {
	req, err := http.NewRequest("POST", ${JSON.stringify(w(e)+e.path)}, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("api-key", os.Getenv("${S}"))
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
`}var R=[{id:`bash`,name:`curl (bash)`,syntax:`bash`,write:E},{id:`powershell`,name:`curl (PowerShell)`,syntax:`powershell`,write:O},{id:`python`,name:`Python`,syntax:`python`,write:k},{id:`javascript`,name:`JavaScript`,syntax:`javascript`,write:M},{id:`csharp`,name:`C#`,syntax:`csharp`,write:F},{id:`go`,name:`Go`,syntax:`go`,write:L},{id:`json`,name:`JSON`,syntax:`json`,write:e=>`${C(e.body)}\n`}];function z({onClose:e,...n}){r(`[data-menu-origin]`);let[i,g]=(0,_.useState)(()=>d(`language`)||`bash`),x=R.find(e=>e.id===i)??R[0],C=x?.write(B(n))??``,w=(0,_.useMemo)(()=>b(C,x?.syntax??``),[C,x]),T=e=>{g(e),f(`language`,e)};return(0,y.jsx)(o,{open:!0,onOpenChange:(t,n)=>!n.open&&e(),children:(0,y.jsx)(c,{className:v.surface,children:(0,y.jsxs)(m,{children:[(0,y.jsx)(a,{children:`View code`}),(0,y.jsxs)(h,{children:[(0,y.jsxs)(`p`,{className:v.words,children:[`The same call from your own program. Put your key into the environment variable `,(0,y.jsx)(`code`,{children:S}),`; never into the code.`]}),(0,y.jsx)(p,{className:v.tabs,size:`small`,selectedValue:x?.id,onTabSelect:(e,t)=>T(String(t.value)),"aria-label":`Language`,children:R.map(e=>(0,y.jsx)(s,{value:e.id,children:e.name},e.id))}),(0,y.jsx)(`pre`,{className:v.code,tabIndex:0,"aria-label":`Code, ${x?.name}`,children:(0,y.jsx)(`code`,{children:w})})]}),(0,y.jsxs)(l,{children:[(0,y.jsx)(u,{text:()=>x?.write(n)??``,label:`Copy`,size:`medium`,worded:!0}),(0,y.jsx)(t,{appearance:`primary`,onClick:e,children:`Close`})]})]})})})}function B(e){let t=(e,t)=>typeof t==`string`&&t.length>1e3&&/^(data:|[A-Za-z0-9+/]{1000})/.test(t)?`${t.slice(0,80)}…`:t;return{...e,body:JSON.parse(JSON.stringify(e.body,t))}}export{z as default};