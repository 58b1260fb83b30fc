package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

// Responses and conversations are kept for thirty days, unless a request says otherwise.
const (
	response     Kind = "response"
	conversation Kind = "conversation"
	item         Kind = "item"
)

func responses() family {
	rule := func(template tallygate.Operation) wire.Rule {
		return wire.Rule{Template: template, Access: tallygate.ToModel, JSON: true}
	}
	made := rule(tallygate.Responses)
	made.Bounds, made.Background = []wire.Field{wire.FieldMaxOutputTokens}, true
	counted := rule("responses/input_tokens")
	counted.Unnamed = true
	return family{"responses", true, []Unit{
		{
			Methods: "POST", Class: Chat, Answer: meter.Events, Rule: made, Makes: response, Least: 16,
			prompt: wholeBody, completion: longestAnswer,
		},
		{Methods: "POST", Rule: rule("responses/compact"), prompt: wholeBody, completion: longestAnswer},
		{Methods: "POST", Rule: counted, Free: true, prompt: wholeBody, completion: longestAnswer},
		kept("GET DELETE", "responses/{id}", response),
		kept("POST", "responses/{id}/cancel", response),
		kept("GET", "responses/{id}/input_items", response),
	}}
}

func conversations() family {
	return family{"conversations", true, []Unit{
		kept("POST", "conversations").makes(conversation),
		kept("GET POST DELETE", "conversations/{id}", conversation),
		kept("GET", "conversations/{id}/items", conversation),
		kept("POST", "conversations/{id}/items", conversation).makes(item),
		kept("GET DELETE", "conversations/{id}/items/{id}", conversation, item),
	}}
}
