package proxy

import (
	"fmt"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// bounded refuses what starts work whose cost nobody can bound, when a limit of tokens
// or money applies to the caller: a batch, a video, a training, a run or a session
// costs what it will, and no answer tells it. What only reads, uploads, cancels or
// deletes starts nothing.
func (p *Proxy) bounded(who *tallygate.Identity, ask *wire.Request) error {
	if !ask.Starts || p.AllowUnbounded {
		return nil
	}
	l := p.Limits.Bounding(who)
	if l == nil {
		return nil
	}
	return &tallygate.Error{
		Kind: tallygate.Forbidden, Code: "UnboundedOperation",
		Message: fmt.Sprintf("This request starts work whose cost nobody can bound beforehand, and the limit %q is one of %s. "+
			"Ask whoever runs this gateway: \"unbounded: allow\" in its configuration lets such work through, uncounted.", l.Name, what(l.Quantity)),
	}
}

func what(q tallygate.Quantity) string {
	switch q {
	case tallygate.Cost:
		return "money"
	case tallygate.PromptTokens, tallygate.CompletionTokens:
		return "tokens"
	}
	return q.Unit()
}
