package tallygate

// Source tells how a Usage came to be known.
type Source uint8

// The sources, from nothing to the upstream's own figure.
const (
	// None: no tokens are known to have been used (refused, failed).
	None Source = iota
	// Exact: the upstream said so.
	Exact
	// Estimated: the upstream answered in full without saying; counted here.
	Estimated
	// Partial: the answer broke off or was abandoned; what was seen is counted.
	Partial
	// Held: the gateway stopped before it knew; the worst case is counted.
	Held
)

// String returns the source's name as the ledger shows it.
func (s Source) String() string {
	return [...]string{"none", "exact", "estimated", "partial", "held"}[min(s, Held)]
}

// Usage is what a request used: tokens, and what else the service counts by. The indented
// classes of the upstream (cached, reasoning …) are parts of Prompt or Completion, not
// additions to them.
type Usage struct {
	Source Source

	Prompt, Completion, Total int64

	// Parts of Prompt.
	Cached, CacheWrite, AudioIn, ImageIn int64
	// Parts of Completion.
	Reasoning, AudioOut, ImageOut, AcceptedPrediction, RejectedPrediction int64

	// Seconds is the length of the sound that was heard, Characters that of the text that
	// was spoken, Images how many pictures were made.
	Seconds, Characters, Images int64
}

// Known reports whether any figure is known.
func (u Usage) Known() bool { return u.Source != None }
