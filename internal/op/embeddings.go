package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

func embeddings() family {
	return family{"embeddings", false, []Unit{{
		Methods: "POST", Class: Embedding, Answer: meter.Vectors,
		Rule:   wire.Rule{Template: tallygate.Embeddings, Access: tallygate.ToModel, JSON: true, Scoped: true},
		prompt: inputs, completion: noAnswer,
	}}}
}
