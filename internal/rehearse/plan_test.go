package rehearse

import (
	"testing"

	"pgregory.net/rapid"
)

// The sums that organisers were told come out to the token.
func TestPublishedSums(t *testing.T) {
	for name, c := range map[string]struct {
		event            Event
		tokens, requests int64
		fits             bool
	}{
		"2048 is too much":            {Event{Attendees: 100, PerMinute: 6, Prompt: 200, MaxTokens: 2048}, 1_348_800, 600, false},
		"512 fits":                    {Event{Attendees: 100, PerMinute: 6, Prompt: 200, MaxTokens: 512}, 427_200, 600, true},
		"200 tokens a prompt, in all": {Event{Attendees: 100, PerMinute: 4, Prompt: 200}, 80_000, 400, true},
		"20 people who ask for 4000":  {Event{Attendees: 20, PerMinute: 4, MaxTokens: 4000}, 320_000, 80, true},
	} {
		p, err := Sum(c.event, []Quota{{TPM: 500_000, RPM: RPM(500_000)}})
		if err != nil || p.Tokens != c.tokens || p.Requests != c.requests || p.Fits != c.fits {
			t.Errorf("%s: %d tokens, %d requests, fits %t, %v", name, p.Tokens, p.Requests, p.Fits, err)
		}
	}
}

// The advice of the published example: 633 is the largest cap, 512 the sensible one,
// and 117 people fit at 512. Several deployments add up.
func TestAdvice(t *testing.T) {
	p, err := Sum(Event{Attendees: 100, PerMinute: 6, Prompt: 200, MaxTokens: 512, Completion: 150}, []Quota{{500_000, 3000}})
	if err != nil || p.LargestCap != 633 || p.SensibleCap != 512 || p.MostAttendees != 117 || p.Used != 210_000 ||
		p.SecondRPM != 50 || p.TenRPM != 500 {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = Sum(Event{Attendees: 100, PerMinute: 6, Prompt: 200, MaxTokens: 2048}, []Quota{{600_000, 3600}, {450_000, 450}})
	if err != nil || p.TPM != 1_050_000 || p.RPM != 4050 || p.Fits || p.SensibleCap != 1536 || p.SecondRPM != 68 {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = Sum(Event{Attendees: 100, PerMinute: 6, Prompt: 200, MaxTokens: 512}, []Quota{{500_000, 500}})
	if err != nil || p.Fits || p.MostAttendees != 83 {
		t.Errorf("too few requests: %+v, %v", p, err)
	}
}

// Whatever is asked: what fits by the sum fits at the cap and for the number of people
// that the plan recommends, and one more of either is too much.
func TestPlanHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Event{
			Attendees: rapid.IntRange(1, 5000).Draw(t, "attendees"), PerMinute: float64(rapid.IntRange(1, 600).Draw(t, "tenths")) / 10,
			Prompt: rapid.Int64Range(0, 5000).Draw(t, "prompt"), MaxTokens: rapid.Int64Range(1, 5000).Draw(t, "cap"),
		}
		quotas := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Quota {
			return Quota{rapid.Int64Range(1, 5_000_000).Draw(t, "tpm"), rapid.Int64Range(1, 50_000).Draw(t, "rpm")}
		}), 1, 4).Draw(t, "quotas")
		sum := func(e Event) Plan {
			p, err := Sum(e, quotas)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p := sum(e)
		enough := p.Requests <= p.RPM
		if p.Fits != (enough && e.MaxTokens <= p.LargestCap) {
			t.Fatalf("fits %t at %d, and the largest cap is %d", p.Fits, e.MaxTokens, p.LargestCap)
		}
		if p.LargestCap > 0 && p.LargestCap < maxTokens && enough &&
			(!sum(e.with(p.LargestCap)).Fits || sum(e.with(p.LargestCap+1)).Fits) {
			t.Fatalf("%d is not the largest cap", p.LargestCap)
		}
		if p.SensibleCap > p.LargestCap {
			t.Fatalf("%d is above %d", p.SensibleCap, p.LargestCap)
		}
		if most := int(p.MostAttendees); most > 0 && most < maxUsers {
			e.Attendees = most
			if e.Attendees++; sum(e).Fits {
				t.Fatalf("%d fit, one more than %d", e.Attendees, most)
			}
			if e.Attendees--; !sum(e).Fits {
				t.Fatalf("%d do not fit", most)
			}
		}
	})
}

// What makes no sense is refused.
func TestPlanRefuses(t *testing.T) {
	good := Event{Attendees: 1, PerMinute: 1, MaxTokens: 1}
	one := []Quota{{1, 1}}
	for name, c := range map[string]struct {
		event  Event
		quotas []Quota
	}{
		"nobody":         {Event{PerMinute: 1, MaxTokens: 1}, one},
		"no prompts":     {Event{Attendees: 1, MaxTokens: 1}, one},
		"no tokens":      {Event{Attendees: 1, PerMinute: 1}, one},
		"negative":       {Event{Attendees: 1, PerMinute: 1, Prompt: -1, MaxTokens: 5}, one},
		"no deployments": {good, nil},
		"no quota":       {good, []Quota{{0, 1}}},
		"no requests":    {good, []Quota{{1, 0}}},
	} {
		if _, err := Sum(c.event, c.quotas); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
