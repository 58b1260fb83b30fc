package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

func completions() family {
	return family{"completions", false, []Unit{{
		Methods: "POST", Class: Completion, Answer: meter.Text,
		Rule: wire.Rule{
			Template: tallygate.Completions, Access: tallygate.ToModel, JSON: true, Scoped: true,
			Bounds:     []wire.Field{wire.FieldMaxTokens},
			Counts:     []wire.Field{wire.FieldN, wire.FieldBestOf},
			EachPrompt: true, Echo: true, UsageChunk: true,
		},
		Unsaid: 16,
		prompt: eachPrompt, completion: longestAnswer,
	}}}
}
