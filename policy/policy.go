// Package policy decides whether a caller may ask what it asks. It is public:
// others may write a Policy of their own and hand it to the app.
package policy

import (
	"context"

	"github.com/tallygate/tallygate"
)

// Policy says whether who may ask this. It returns nil, or a *tallygate.Error
// that tells the caller why not (Forbidden as a rule); any other error counts as
// the policy's own failure and refuses the request too. It must not keep or
// change its arguments, must not block past ctx, and must be safe for concurrent
// use.
type Policy interface {
	Check(ctx context.Context, who *tallygate.Identity, ask *tallygate.Ask) error
}

// List is several policies as one: all must agree, asked in order.
type List []Policy

// Check returns the first refusal.
func (l List) Check(ctx context.Context, who *tallygate.Identity, ask *tallygate.Ask) error {
	for _, p := range l {
		if err := p.Check(ctx, who, ask); err != nil {
			return err
		}
	}
	return nil
}
