package pool

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

func TestCooldownFromHeaders(t *testing.T) {
	const now, fallback, most = 0, 10 * time.Second, time.Minute
	bubble(t, func(t *testing.T) {
		date := func(in time.Duration) string { return time.Now().Add(in).UTC().Format(http.TimeFormat) }
		for _, c := range []struct {
			header []string
			want   time.Duration
		}{
			{nil, fallback},
			{[]string{"Retry-After", "7"}, 7 * time.Second},
			{[]string{"Retry-After", " 7 "}, 7 * time.Second},
			{[]string{"Retry-After", "1.5"}, 1500 * time.Millisecond},
			{[]string{"Retry-After", "1s"}, time.Second},
			{[]string{"Retry-After", "86400"}, most},
			{[]string{"Retry-After", "99999999999999999999999"}, most},
			{[]string{"Retry-After", date(20 * time.Second)}, 20 * time.Second},
			{[]string{"Retry-After", date(24 * time.Hour)}, most},
			// A time that is over means now.
			{[]string{"Retry-After", date(-time.Hour)}, now},
			{[]string{"Retry-After", "0"}, now},
			{[]string{"Retry-After", "-5"}, now},
			{[]string{"Retry-After-Ms", "0"}, now},
			{[]string{"Retry-After-Ms", "0", "X-Ratelimit-Reset-Tokens", "50"}, now},
			{[]string{"Retry-After-Ms", "0", "Retry-After", "3"}, 3 * time.Second},
			{[]string{"Retry-After", "soon"}, fallback},
			{[]string{"Retry-After", "NaN"}, fallback},
			{[]string{"Retry-After", "Inf"}, fallback},
			{[]string{"Retry-After", "5, 10"}, fallback},
			{[]string{"Retry-After", ""}, fallback},
			{[]string{"Retry-After-Ms", "120"}, 120 * time.Millisecond},
			{[]string{"Retry-After-Ms", "12.5"}, 12500 * time.Microsecond},
			{[]string{"Retry-After-Ms", "1e300"}, most},
			{[]string{"Retry-After-Ms", "12ms"}, fallback},
			{[]string{"X-Ms-Retry-After-Ms", "2500"}, 2500 * time.Millisecond},
			// Seconds beside milliseconds are those rounded up; else the longer wins.
			{[]string{"Retry-After-Ms", "120", "Retry-After", "1"}, 120 * time.Millisecond},
			{[]string{"Retry-After-Ms", "6500", "Retry-After", "7"}, 6500 * time.Millisecond},
			{[]string{"Retry-After-Ms", "500", "Retry-After", "7"}, 7 * time.Second},
			{[]string{"Retry-After-Ms", "9000", "Retry-After", "7"}, 9 * time.Second},
			{[]string{"Retry-After-Ms", "garbage", "Retry-After", "7"}, 7 * time.Second},
			{[]string{"Retry-After-Ms", "800", "Retry-After", "garbage"}, 800 * time.Millisecond},
			{[]string{"Retry-After-Ms", "800", "X-Ms-Retry-After-Ms", "700"}, 800 * time.Millisecond},
			// Any of them goes before the reset headers.
			{[]string{"Retry-After", "2", "X-Ratelimit-Reset-Tokens", "50"}, 2 * time.Second},
			{[]string{"X-Ratelimit-Reset-Tokens", "10"}, 10 * time.Second},
			{[]string{"X-Ratelimit-Reset-Tokens", "1s"}, time.Second},
			{[]string{"X-Ratelimit-Reset-Tokens", "6m0s"}, most},
			{[]string{"X-Ratelimit-Reset-Requests", "120ms"}, 120 * time.Millisecond},
			{[]string{"X-Ratelimit-Reset-Requests", "1m5"}, fallback},
			{[]string{"X-Ratelimit-Reset-Requests", "-1s"}, fallback},
			{[]string{"X-Ratelimit-Reset-Requests", "9999999h"}, fallback}, // no Go duration
			{[]string{"X-Ratelimit-Reset-Requests", "2000000h"}, most},
			// What is told to be -1 is not known.
			{[]string{"X-Ratelimit-Reset-Requests", "-1", "X-Ratelimit-Reset-Tokens", "-1"}, fallback},
			{[]string{"X-Ratelimit-Reset-Requests", "-1", "X-Ratelimit-Reset-Tokens", "9", "X-Ratelimit-Remaining-Tokens", "-1", "X-Ratelimit-Limit-Tokens", "-1"}, 9 * time.Second},
			// Of two resets the one whose quota is used up counts, else the later.
			{[]string{"X-Ratelimit-Reset-Requests", "3", "X-Ratelimit-Reset-Tokens", "30"}, 30 * time.Second},
			{[]string{"X-Ratelimit-Reset-Requests", "3", "X-Ratelimit-Reset-Tokens", "30", "X-Ratelimit-Remaining-Tokens", "500", "X-Ratelimit-Remaining-Requests", "0"}, 3 * time.Second},
			{[]string{"X-Ratelimit-Reset-Requests", "30", "X-Ratelimit-Reset-Tokens", "3", "X-Ratelimit-Remaining-Tokens", "-20", "X-Ratelimit-Remaining-Requests", "4"}, 3 * time.Second},
		} {
			p := newPool(gpt4o(Headroom, dep("a")))
			_, err := try(t, p, world{"a": throttle(c.header...)})
			if got := stateOf(t, p, "a").Cooling; got != c.want {
				t.Errorf("429 with %q cools for %v, want %v", c.header, got, c.want)
			}
			wantRefusal(t, err, tallygate.Throttled, max(c.want, time.Millisecond))
		}
	})
}

func TestCooldownIsNeverShortened(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		for first := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			for second := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
				second.Failed(Failure{Status: 429, Header: headers("Retry-After", "30")})
			}
			first.Failed(Failure{Status: 429, Header: headers("Retry-After", "2")})
		}
		if got := stateOf(t, p, "a").Cooling; got != 30*time.Second {
			t.Errorf("cooling for %v after 30s and then 2s, want 30s", got)
		}
	})
}

func TestCooldownOptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := New([]Model{gpt4o(Headroom, dep("a"), dep("b", tier(2)))}, Options{Cooldown: Cooldown{Default: 3 * time.Second, Max: 5 * time.Second}})
		try(t, p, world{"a": throttle(), "b": throttle("Retry-After", "86400")})
		if a, b := stateOf(t, p, "a").Cooling, stateOf(t, p, "b").Cooling; a != 3*time.Second || b != 5*time.Second {
			t.Errorf("cooling for %v and %v, want 3s and 5s", a, b)
		}
	})
}

func TestBarredIsLeftLongAndRaisesTheAlarm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var changes []Change
		p := New([]Model{gpt4o(Headroom, dep("a"))}, Options{Changed: func(c Change) { changes = append(changes, c) }})
		_, err := try(t, p, world{"a": {status: 403, err: errors.New("firewall")}})
		wantRefusal(t, err, tallygate.Unavailable, time.Minute)
		s := stateOf(t, p, "a")
		if !s.Alarm || s.Why != Barred || s.Cooling != time.Minute || s.Counts.Barred != 1 {
			t.Errorf("after a 403: %+v, want the alarm and a minute's rest", s)
		}
		time.Sleep(time.Minute)
		if s := stateOf(t, p, "a"); !s.Alarm || s.Cooling != 0 {
			t.Errorf("a minute later: %+v, want the alarm still up", s)
		}
		wantTried(t, p, nil, "a")
		if stateOf(t, p, "a").Alarm {
			t.Error("the alarm is up though it serves")
		}
		var to []Reason
		for _, c := range changes {
			to = append(to, c.To)
		}
		if want := []Reason{Barred, Recovered}; !cmp.Equal(to, want) {
			t.Errorf("changes told: %v, want %v", to, want)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	for _, v := range []string{"", "10", "1s", "6m0s", "120ms", "86400", "-1", "46.2%", "Wed, 21 Oct 2026 07:28:00 GMT", "1e400", "0x1p-2", "9223372036854775807", "\xff"} {
		f.Add(v, v, v)
	}
	f.Fuzz(func(t *testing.T, after, reset, left string) {
		h := http.Header{
			"Retry-After": {after}, "Retry-After-Ms": {after}, "X-Ratelimit-Reset-Tokens": {reset}, "X-Ratelimit-Reset-Requests": {reset},
			"X-Ratelimit-Remaining-Tokens": {left}, "X-Ratelimit-Limit-Tokens": {after}, "X-Ratelimit-Remaining-Requests": {left},
			"X-Ratelimit-Limit-Requests": {reset}, "Azure-Openai-Deployment-Utilization": {left},
		}
		p := newPool(gpt4o(Headroom, dep("a", tpm(1000)), dep("b", tier(2)), dep("c", tier(3), ptu(50))))
		for _, status := range []int{200, 429, 503} {
			for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 10, Output: 10}).Candidates(t.Context()) {
				if status == 200 {
					c.Answered(Answer{Status: status, Header: h})
				} else {
					c.Failed(Failure{Status: status, Header: h})
				}
			}
		}
		for _, s := range p.Snapshot() {
			if s.Cooling < 0 || s.Cooling > time.Minute || s.Room != s.Room || s.Room > 1 {
				t.Fatalf("headers %q lead to %+v", h, s)
			}
		}
	})
}
