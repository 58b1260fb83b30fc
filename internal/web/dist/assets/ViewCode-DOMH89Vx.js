import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{c as t,it as n,s as r,tt as i}from"./hooks-BcS_B78b.js";import{C as a,D as o,E as s,S as c,a as l,b as u,d,u as f,w as p,x as m,y as h}from"./index-BHSFV7x_.js";import{i as g,t as _}from"./highlight-BLGVIeTh.js";var v=e(n(),1),y={surface:`_surface_dmhwm_1`,words:`_words_dmhwm_2`,tabs:`_tabs_dmhwm_3`,code:`_code_dmhwm_4`};function b(e){let t=[`string`,`char`,`byte`,`int`,`long`,`bool`,`decimal`,`single`,`double`,`DateTime`,`xml`,`array`,`hashtable`,`void`],n={$pattern:/-?[A-z\.\-]+\b/,keyword:`if else foreach return do while until elseif begin for trap data dynamicparam end break throw param continue finally in switch exit filter try process catch hidden static parameter`,built_in:`ac asnp cat cd CFS chdir clc clear clhy cli clp cls clv cnsn compare copy cp cpi cpp curl cvpa dbp del diff dir dnsn ebp echo|0 epal epcsv epsn erase etsn exsn fc fhx fl ft fw gal gbp gc gcb gci gcm gcs gdr gerr ghy gi gin gjb gl gm gmo gp gps gpv group gsn gsnp gsv gtz gu gv gwmi h history icm iex ihy ii ipal ipcsv ipmo ipsn irm ise iwmi iwr kill lp ls man md measure mi mount move mp mv nal ndr ni nmo npssc nsn nv ogv oh popd ps pushd pwd r rbp rcjb rcsn rd rdr ren ri rjb rm rmdir rmo rni rnp rp rsn rsnp rujb rv rvpa rwmi sajb sal saps sasv sbp sc scb select set shcm si sl sleep sls sort sp spjb spps spsv start stz sujb sv swmi tee trcm type wget where wjb write`},r=/\w[\w\d]*((-)[\w\d]+)*/,i={begin:"`[\\s\\S]",relevance:0},a={className:`variable`,variants:[{begin:/\$\B/},{className:`keyword`,begin:/\$this/},{begin:/\$[\w\d][\w\d_:]*/}]},o={className:`literal`,begin:/\$(null|true|false)\b/},s={className:`string`,variants:[{begin:/"/,end:/"/},{begin:/@"/,end:/^"@/}],contains:[i,a,{className:`variable`,begin:/\$[A-z]/,end:/[^A-z]/}]},c={className:`string`,variants:[{begin:/'/,end:/'/},{begin:/@'/,end:/^'@/}]},l=e.inherit(e.COMMENT(null,null),{variants:[{begin:/#/,end:/$/},{begin:/<#/,end:/#>/}],contains:[{className:`doctag`,variants:[{begin:/\.(synopsis|description|example|inputs|outputs|notes|link|component|role|functionality)/},{begin:/\.(parameter|forwardhelptargetname|forwardhelpcategory|remotehelprunspace|externalhelp)\s+\S+/}]}]}),u={className:`built_in`,variants:[{begin:`(Add|Clear|Close|Copy|Enter|Exit|Find|Format|Get|Hide|Join|Lock|Move|New|Open|Optimize|Pop|Push|Redo|Remove|Rename|Reset|Resize|Search|Select|Set|Show|Skip|Split|Step|Switch|Undo|Unlock|Watch|Backup|Checkpoint|Compare|Compress|Convert|ConvertFrom|ConvertTo|Dismount|Edit|Expand|Export|Group|Import|Initialize|Limit|Merge|Mount|Out|Publish|Restore|Save|Sync|Unpublish|Update|Approve|Assert|Build|Complete|Confirm|Deny|Deploy|Disable|Enable|Install|Invoke|Register|Request|Restart|Resume|Start|Stop|Submit|Suspend|Uninstall|Unregister|Wait|Debug|Measure|Ping|Repair|Resolve|Test|Trace|Connect|Disconnect|Read|Receive|Send|Write|Block|Grant|Protect|Revoke|Unblock|Unprotect|Use|ForEach|Sort|Tee|Where)+(-)[\\w\\d]+`}]},d={className:`class`,beginKeywords:`class enum`,end:/\s*[{]/,excludeEnd:!0,relevance:0,contains:[e.TITLE_MODE]},f={className:`function`,begin:/function\s+/,end:/\s*\{|$/,excludeEnd:!0,returnBegin:!0,relevance:0,contains:[{begin:`function`,relevance:0,className:`keyword`},{className:`title`,begin:r,relevance:0},{begin:/\(/,end:/\)/,className:`params`,relevance:0,contains:[a]}]},p={begin:/using\s/,end:/$/,returnBegin:!0,contains:[s,c,{className:`keyword`,begin:/(using|assembly|command|module|namespace|type)/}]},m={variants:[{className:`operator`,begin:`(-and|-as|-band|-bnot|-bor|-bxor|-casesensitive|-ccontains|-ceq|-cge|-cgt|-cle|-clike|-clt|-cmatch|-cne|-cnotcontains|-cnotlike|-cnotmatch|-contains|-creplace|-csplit|-eq|-exact|-f|-file|-ge|-gt|-icontains|-ieq|-ige|-igt|-ile|-ilike|-ilt|-imatch|-in|-ine|-inotcontains|-inotlike|-inotmatch|-ireplace|-is|-isnot|-isplit|-join|-le|-like|-lt|-match|-ne|-not|-notcontains|-notin|-notlike|-notmatch|-or|-regex|-replace|-shl|-shr|-split|-wildcard|-xor)\\b`},{className:`literal`,begin:/(-){1,2}[\w\d-]+/,relevance:0}]},h={className:`selector-tag`,begin:/@\B/,relevance:0},g={className:`function`,begin:/\[.*\]\s*[\w]+[ ]??\(/,end:/$/,returnBegin:!0,relevance:0,contains:[{className:`keyword`,begin:`(${n.keyword.toString().replace(/\s/g,`|`)})\\b`,endsParent:!0,relevance:0},e.inherit(e.TITLE_MODE,{endsParent:!0})]},_=[g,l,i,e.NUMBER_MODE,s,c,u,a,o,h],v={begin:/\[/,end:/\]/,excludeBegin:!0,excludeEnd:!0,relevance:0,contains:[`self`].concat(_,{begin:`(`+t.join(`|`)+`)`,className:`built_in`,relevance:0},{className:`type`,begin:/[\.\w\d]+/,relevance:0})};return g.contains.unshift(v),{name:`PowerShell`,aliases:[`pwsh`,`ps`,`ps1`],case_insensitive:!0,keywords:n,contains:_.concat(d,f,p,m,v)}}var x=e(i(),1),S=_({...g,powershell:b});function C(e,t){return e.length>5e4||!S.registered(t)?e:w(S.highlight(t,e))}function w(e){if(e.type===`text`)return e.value;let t=(e.children??[]).map((e,t)=>(0,x.jsx)(v.Fragment,{children:w(e)},t));if(e.type!==`element`)return t;let n=e.properties?.className;return(0,x.jsx)(`span`,{className:Array.isArray(n)?n.join(` `):void 0,children:t})}var T=`AZURE_OPENAI_API_KEY`,E=e=>JSON.stringify(e,null,2),D=e=>`${e.endpoint}/openai/v1`,O=e=>e.body.stream===!0;function k(e){return`curl ${O(e)?`-N `:``}${A(D(e)+e.path)} \\
  -H "api-key: $${T}" \\
  -H "content-type: application/json" \\
  --data-binary @- <<'JSON'
${E(e.body)}
JSON
`}var A=e=>`'${e.replaceAll(`'`,`'\\''`)}'`;function j(e){return`$body = @'
${E(e.body)}
'@
$body | curl.exe ${O(e)?`-N `:``}'${(D(e)+e.path).replaceAll(`'`,`''`)}' \`
  -H "api-key: $env:${T}" \`
  -H "content-type: application/json" \`
  --data-binary '@-'
`}function M(e){let[t,n]=N(e),r=Object.entries(e.body).map(([e,t])=>`    ${e}=${P(t,1)},`);return`import os

from openai import OpenAI  # pip install openai

client = OpenAI(
    base_url=${P(`${D(e)}/`,0)},
    api_key=os.environ["${T}"],
)

${O(e)?`stream`:`answer`} = client.${t}(
${r.join(`
`)}
)
${n}
`}function N(e){switch(e.path){case`/images/generations`:return[`images.generate`,`print(answer.data[0].url or answer.data[0].b64_json[:60])`];case`/embeddings`:return[`embeddings.create`,`for item in answer.data:
    print(len(item.embedding), item.embedding[:5])`];case`/completions`:return[`completions.create`,O(e)?`for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].text or "", end="")`:`print(answer.choices[0].text)`];default:return[`chat.completions.create`,O(e)?`for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="")`:`print(answer.choices[0].message.content)`]}}function P(e,t){let n=`    `.repeat(t+1),r=`    `.repeat(t);if(e==null)return`None`;if(e===!0)return`True`;if(e===!1)return`False`;if(typeof e!=`object`)return JSON.stringify(e);if(Array.isArray(e))return e.length===0?`[]`:`[\n${e.map(e=>`${n}${P(e,t+1)},\n`).join(``)}${r}]`;let i=Object.entries(e);return i.length===0?`{}`:`{\n${i.map(([e,r])=>`${n}${JSON.stringify(e)}: ${P(r,t+1)},\n`).join(``)}${r}}`}function F(e){let[t,n]=I(e);return`import OpenAI from "openai"; // npm install openai

const client = new OpenAI({
  baseURL: ${JSON.stringify(D(e))},
  apiKey: process.env.${T},
});

const ${O(e)?`stream`:`answer`} = await client.${t}(${E(e.body)});
${n}
`}function I(e){switch(e.path){case`/images/generations`:return[`images.generate`,`console.log(answer.data[0].url ?? answer.data[0].b64_json.slice(0, 60));`];case`/embeddings`:return[`embeddings.create`,`for (const item of answer.data) console.log(item.embedding.length, item.embedding.slice(0, 5));`];case`/completions`:return[`completions.create`,O(e)?L(`text`):`console.log(answer.choices[0].text);`];default:return[`chat.completions.create`,O(e)?L(`delta?.content`):`console.log(answer.choices[0].message.content);`]}}var L=e=>`for await (const chunk of stream) {\n  process.stdout.write(chunk.choices[0]?.${e} ?? "");\n}`;function R(e){let t=E(e.body),n=`"`.repeat(Math.max(3,z(t,`"`)+1));return`using System.Net.Http.Headers;
using System.Text;

var body = ${n}
${t}
${n};

using var client = new HttpClient();
client.DefaultRequestHeaders.Add("api-key", Environment.GetEnvironmentVariable("${T}"));
using var request = new HttpRequestMessage(HttpMethod.Post, ${JSON.stringify(D(e)+e.path)})
{
    Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
};
using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
while (await reader.ReadLineAsync() is { } line)
{
    Console.WriteLine(line);
}
`}function z(e,t){let n=0,r=0;for(let i of e)r=i===t?r+1:0,n=Math.max(n,r);return n}function B(e){return`package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const body = ${E(e.body).split("`").map(e=>`\`${e}\``).join(' + "`" + ')}

func main() {
	req, err := http.NewRequest("POST", ${JSON.stringify(D(e)+e.path)}, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("api-key", os.Getenv("${T}"))
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
`}var V=[{id:`bash`,name:`curl (bash)`,syntax:`bash`,write:k},{id:`powershell`,name:`curl (PowerShell)`,syntax:`powershell`,write:j},{id:`python`,name:`Python`,syntax:`python`,write:M},{id:`javascript`,name:`JavaScript`,syntax:`javascript`,write:F},{id:`csharp`,name:`C#`,syntax:`csharp`,write:R},{id:`go`,name:`Go`,syntax:`go`,write:B},{id:`json`,name:`JSON`,syntax:`json`,write:e=>`${E(e.body)}\n`}];function H({onClose:e,...n}){r();let[i,g]=(0,v.useState)(()=>f(`language`)||`bash`),_=V.find(e=>e.id===i)??V[0],b=_?.write(U(n))??``,S=(0,v.useMemo)(()=>C(b,_?.syntax??``),[b,_]),w=e=>{g(e),d(`language`,e)};return(0,x.jsx)(p,{open:!0,onOpenChange:(t,n)=>!n.open&&e(),children:(0,x.jsx)(u,{className:y.surface,children:(0,x.jsxs)(c,{children:[(0,x.jsx)(m,{children:`View code`}),(0,x.jsxs)(h,{children:[(0,x.jsxs)(`p`,{className:y.words,children:[`The same call from your own program. Put your key into the environment variable `,(0,x.jsx)(`code`,{children:T}),`; never into the code.`]}),(0,x.jsx)(o,{className:y.tabs,size:`small`,selectedValue:_?.id,onTabSelect:(e,t)=>w(String(t.value)),"aria-label":`Language`,children:V.map(e=>(0,x.jsx)(s,{value:e.id,children:e.name},e.id))}),(0,x.jsx)(`pre`,{className:y.code,tabIndex:0,"aria-label":`Code, ${_?.name}`,children:(0,x.jsx)(`code`,{children:S})})]}),(0,x.jsxs)(a,{children:[(0,x.jsx)(l,{text:()=>_?.write(n)??``,label:`Copy`,size:`medium`,worded:!0}),(0,x.jsx)(t,{appearance:`primary`,onClick:e,children:`Close`})]})]})})})}function U(e){let t=(e,t)=>typeof t==`string`&&t.startsWith(`data:`)&&t.length>200?`${t.slice(0,80)}…`:t;return{...e,body:JSON.parse(JSON.stringify(e.body,t))}}export{H as default};