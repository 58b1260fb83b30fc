// Package policy decides whether a caller may ask what it asks. It is public:
// others may write a Policy of their own and hand it to the app.
package policy

import (
	"context"
	"net/http"

	"github.com/tallygate/tallygate"
)

// Request is what a policy is asked about. It grows by fields.
type Request struct {
	// Who asks: the caller, and the attendee of an event.
	Who *tallygate.Identity
	// Ask is what for. When models are listed it is a POST without an operation that
	// would have the model read something.
	Ask *tallygate.Ask
	// Listing reports that nothing is asked yet: it is to be seen whether the model
	// belongs into a list of those that Who may use.
	Listing bool
}

// Policy says whether somebody may ask something. It returns nil, or a *tallygate.Error
// that tells the caller why not (Forbidden as a rule); any other error counts as
// the policy's own failure and refuses the request too. It must not keep or
// change what the request points to, must not block past ctx, and must be safe for
// concurrent use.
type Policy interface {
	Check(ctx context.Context, r Request) error
}

// List is several policies as one: all must agree, asked in order.
type List []Policy

// Check returns the first refusal.
func (l List) Check(ctx context.Context, r Request) error {
	for _, p := range l {
		if err := p.Check(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Lists reports whether a list of models shows who the model: whether all policies would
// let who ask it.
func (l List) Lists(ctx context.Context, who *tallygate.Identity, model string) bool {
	ask := tallygate.Ask{Method: http.MethodPost, Access: tallygate.ToModel, Model: model}
	return l.Check(ctx, Request{Who: who, Ask: &ask, Listing: true}) == nil
}
