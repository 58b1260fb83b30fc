package pool

import "time"

// Need is what a request will count as when it arrives at Azure, in estimated
// tokens: not what it will be billed; and who it is for, as far as the order among
// those who wait depends on it. Only Prompt and Output matter where nothing waits
// and nothing is reserved.
type Need struct {
	// Prompt is about a quarter of the prompt's characters.
	Prompt int64
	// Output is max_tokens times the number of choices; 0 when the request does
	// not bound it.
	Output int64

	// Who is the caller: those who wait are served in turn, by caller.
	Who string
	// Payer is whom it is for, as Failure has it: what the requests of one payer alone
	// have closed is tried by another's.
	Payer string
	// Crowd is what the caller is one of, where callers can be made up at will (an event):
	// together they take no more of the line than one caller may. Empty for none.
	Crowd string
	// Weight is the caller's share among those who wait; 0 counts as 1.
	Weight int
	// Group is the caller's, for what the model keeps for groups (Reserve).
	Group string
	// Batch says that it can wait: others go first, and it may use no more than the
	// model's BatchShare.
	Batch bool
	// Deadline is until when it may wait, if that is before the model's Wait ends;
	// zero is none.
	Deadline time.Time
}

// most bounds a need, so that sums of needs stay far from overflow, and heaviest
// a weight.
const (
	most     = 1 << 36
	heaviest = 1 << 20
)

// need is a Need with nothing absurd in it.
type need struct {
	size
	who, group string
	payer      string
	crowd      string
	weight     int
	batch      bool
	deadline   time.Duration // since the pool's epoch; never when there is none
}

func (n *Need) bounded(epoch time.Time) need {
	b := need{
		size: size{min(max(n.Prompt, 0), most), min(max(n.Output, 0), most)},
		who:  n.Who, payer: n.Payer, crowd: n.Crowd, group: n.Group, weight: min(max(n.Weight, 1), heaviest), batch: n.Batch, deadline: never,
	}
	if !n.Deadline.IsZero() {
		b.deadline = n.Deadline.Sub(epoch)
	}
	return b
}

// size is the tokens of a need.
type size struct{ prompt, output int64 }

func (s size) tokens() int64 { return s.prompt + s.output }
func (s size) tally() tally  { return tally{tokens: s.tokens(), requests: 1} }
