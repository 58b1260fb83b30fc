package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

// Completion objects that were stored.
const storedChat Kind = "chat.completion"

func chat() family {
	return family{"chat", false, []Unit{
		chatUnit(tallygate.ChatCompletions, true),
		kept("GET", "chat/completions"),
		kept("GET POST DELETE", "chat/completions/{id}", storedChat),
		kept("GET", "chat/completions/{id}/messages", storedChat),
	}}
}

// extensions is the preview in which chat had data sources.
func extensions() family {
	return family{"extensions", false, []Unit{chatUnit("extensions/chat/completions", false)}}
}

func chatUnit(template tallygate.Operation, listed bool) Unit {
	u := Unit{
		Methods: "POST", Class: Chat, Answer: meter.Chat,
		Rule: wire.Rule{
			Template: template, Access: tallygate.ToModel, JSON: true, Scoped: true, Listed: listed,
			Bounds:     []wire.Field{wire.FieldMaxTokens, wire.FieldMaxCompletionTokens},
			Counts:     []wire.Field{wire.FieldN},
			UsageChunk: listed, // the preview is older than it
		},
		prompt: wholeBody, completion: longestAnswer,
	}
	if listed {
		u.Makes = storedChat
	}
	return u
}
