package signup

import (
	"encoding/json"
	"strings"
)

// placeholder stands for the key in samples; copying puts the key in its place.
const placeholder = "YOUR_KEY"

// sample is a first program in one language.
type sample struct{ ID, Language, Install, Code string }

// samples show how to ask a model, in five languages.
func samples(base, model string) []sample {
	endpoint := base + "/openai/v1"
	body := `{"model": ` + quote(model) + `, "messages": [{"role": "user", "content": "Say hello."}]}`
	fill := strings.NewReplacer(
		"{url}", quote(endpoint+"/"), "{model}", quote(model), "{key}", quote(placeholder),
		"{curl}", shell(endpoint+"/chat/completions"), "{body}", shell(body), "{bearer}", shell("Authorization: Bearer "+placeholder))
	return []sample{
		{"curl", "curl", "", fill.Replace(`curl {curl} \
  -H {bearer} \
  -H 'Content-Type: application/json' \
  -d {body}
`)},
		{"python", "Python", "pip install openai", fill.Replace(`from openai import OpenAI

client = OpenAI(
    base_url={url},
    api_key={key},
)
answer = client.chat.completions.create(
    model={model},
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.choices[0].message.content)
`)},
		{"javascript", "JavaScript", "npm install openai", fill.Replace(`import OpenAI from "openai";

const client = new OpenAI({
  baseURL: {url},
  apiKey: {key},
});
const answer = await client.chat.completions.create({
  model: {model},
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(answer.choices[0].message.content);
`)},
		{"csharp", "C#", "dotnet add package OpenAI", fill.Replace(`using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

var options = new OpenAIClientOptions { Endpoint = new Uri({url}) };
var client = new ChatClient({model}, new ApiKeyCredential({key}), options);
ChatCompletion answer = client.CompleteChat("Say hello.");
Console.WriteLine(answer.Content[0].Text);
`)},
		{"go", "Go", "go get github.com/openai/openai-go/v3", fill.Replace(`package main

import (
	"context"
	"fmt"
	"log"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

func main() {
	client := openai.NewClient(
		option.WithBaseURL({url}),
		option.WithAPIKey({key}),
	)
	answer, err := client.Chat.Completions.New(context.Background(), openai.ChatCompletionNewParams{
		Model:    {model},
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Say hello.")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Choices[0].Message.Content)
}
`)},
	}
}

// quote writes a text as a literal, which is the same in all of these languages.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil { // no string fails
		return `""`
	}
	return string(text)
}

// shell writes a text as one word of a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
