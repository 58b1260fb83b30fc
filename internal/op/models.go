package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

const model Kind = "model"

// models is the gateway's own list. Of the service's, only a fine-tuned one can be
// deleted.
func models() family {
	listed := func(template tallygate.Operation, names ...Kind) Unit {
		return Unit{Methods: "GET", Names: names, Rule: wire.Rule{Template: template, Access: tallygate.ToList, Bounds: anyBounds(), Counts: anyCounts()}}
	}
	return family{"models", true, []Unit{
		listed(tallygate.Models), listed("models/{id...}", model),
		kept("DELETE", "models/{id...}", model),
	}}
}

func deployments() family {
	return family{"deployments", false, []Unit{kept("GET", "deployments")}}
}
