package rehearse

import (
	"fmt"
	"math"
)

// Event is what an event's people ask for. Tokens are those of one request.
type Event struct {
	Attendees int     `json:"attendees"`
	PerMinute float64 `json:"prompts_per_minute"`
	Prompt    int64   `json:"prompt_tokens"`
	// MaxTokens is the most completion tokens that a request may ask for, the cap.
	MaxTokens int64 `json:"max_tokens"`
	// Completion is how many an answer has on average; 0 is unknown.
	Completion int64 `json:"completion_tokens,omitempty"`
}

// Quota is what a deployment may be asked for in a minute.
type Quota struct {
	TPM int64 `json:"tpm"`
	RPM int64 `json:"rpm"`
}

// perThousand is how many requests a minute come with a thousand tokens a minute where
// nothing else is said: what Azure gives its older chat models. Newer ones get 1.
const perThousand = 6

// RPM returns the requests a minute that come with so many tokens a minute.
func RPM(tpm int64) int64 { return max(1, tpm*perThousand/1000) }

// Bounds of a plan: far above what anyone has, far below where products overflow.
const (
	maxTokens = 1_000_000
	maxQuota  = 1_000_000_000_000
	// maxCap is the largest cap that is recommended: what gpt-4o answers at most.
	maxCap = 16_384
)

func (e Event) check() error {
	switch {
	case e.Attendees < 1 || e.Attendees > maxUsers:
		return fmt.Errorf("%d attendees are not from 1 to %d", e.Attendees, maxUsers)
	case !(e.PerMinute > 0 && e.PerMinute <= maxPerMinute):
		return fmt.Errorf("%v prompts a minute are not above 0 and up to %d", e.PerMinute, maxPerMinute)
	}
	for _, t := range []struct {
		name string
		n    int64
	}{{"prompt tokens", e.Prompt}, {"max_tokens", e.MaxTokens}, {"completion tokens", e.Completion}} {
		if t.n < 0 || t.n > maxTokens {
			return fmt.Errorf("%d %s are not from 0 to %d", t.n, t.name, maxTokens)
		}
	}
	if e.Prompt+e.MaxTokens < 1 {
		return fmt.Errorf("a request of no tokens: say what a prompt has or how much it may ask for")
	}
	return nil
}

func checkQuotas(quotas []Quota) error {
	if len(quotas) == 0 || len(quotas) > 1000 {
		return fmt.Errorf("%d deployments are not from 1 to 1000", len(quotas))
	}
	for _, q := range quotas {
		if q.TPM < 1 || q.TPM > maxQuota || q.RPM < 1 || q.RPM > maxQuota {
			return fmt.Errorf("%d tokens and %d requests a minute are not both from 1 to %d", q.TPM, q.RPM, maxQuota)
		}
	}
	return nil
}

// Plan is the capacity sum of an event. Azure counts what is asked for, not what is
// answered: a request counts as its prompt and the whole of max_tokens.
type Plan struct {
	Event
	Deployments []Quota `json:"deployments"`
	// What the event asks for in a minute, and what the deployments together have.
	Tokens   int64 `json:"tokens_per_minute"`
	Requests int64 `json:"requests_per_minute"`
	TPM      int64 `json:"tpm"`
	RPM      int64 `json:"rpm"`
	// Fits says that the deployments together have both.
	Fits bool `json:"fits"`
	// LargestCap is the largest max_tokens with which tokens fit, 0 when none does and a
	// million at most. SensibleCap is the next round one below it that models answer.
	LargestCap  int64 `json:"largest_max_tokens"`
	SensibleCap int64 `json:"sensible_max_tokens"`
	// MostAttendees is how many people fit at this cap.
	MostAttendees int64 `json:"most_attendees"`
	// Used is how many tokens a minute are really used, as Completion has it; 0 when
	// that is not known. It is what is billed.
	Used int64 `json:"tokens_used_per_minute,omitempty"`
	// SecondRPM and TenRPM are what the deployments take in one second and in ten:
	// Azure holds requests to their share of a minute in such slices too.
	SecondRPM int64 `json:"requests_per_second"`
	TenRPM    int64 `json:"requests_per_ten_seconds"`
}

// Sum makes the plan of an event: (max_tokens + prompt) × prompts a minute × attendees
// against the deployments' quotas. It fails when something makes no sense.
func Sum(e Event, quotas []Quota) (Plan, error) {
	if err := e.check(); err != nil {
		return Plan{}, err
	}
	if err := checkQuotas(quotas); err != nil {
		return Plan{}, err
	}
	p := Plan{Event: e, Deployments: quotas}
	for _, q := range quotas {
		p.TPM += q.TPM
		p.RPM += q.RPM
		p.SecondRPM += (q.RPM + 59) / 60
		p.TenRPM += (q.RPM + 5) / 6
	}
	rate := e.PerMinute * float64(e.Attendees)
	p.Requests = up(rate)
	p.Tokens = up(float64(e.Prompt+e.MaxTokens) * rate)
	if e.Completion > 0 {
		p.Used = up(float64(e.Prompt+min(e.Completion, e.MaxTokens)) * rate)
	}
	p.Fits = p.Tokens <= p.TPM && p.Requests <= p.RPM
	p.LargestCap = min(max(0, down(float64(p.TPM)/rate)-e.Prompt), maxTokens)
	p.SensibleCap = sensible(p.LargestCap)
	p.MostAttendees = min(down(float64(p.TPM)/(float64(e.Prompt+e.MaxTokens)*e.PerMinute)), down(float64(p.RPM)/e.PerMinute))
	return p, nil
}

// up and down round a product or quotient of decimal numbers whose binary forms may
// miss a whole number by a hair.
func up(f float64) int64   { return int64(math.Ceil(f - f*1e-12)) }
func down(f float64) int64 { return int64(math.Floor(f + f*1e-12)) }

// sensible rounds a cap down to one that people would choose.
func sensible(most int64) int64 {
	step := int64(256)
	if most < step {
		step = 32
	}
	return min(most/step*step, maxCap)
}
