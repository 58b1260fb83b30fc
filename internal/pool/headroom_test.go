package pool

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// azure is a little model of a standard deployment: tokens as estimated at arrival,
// counted in a fixed minute that begins at a moment of its own.
type azure struct {
	limit   int64
	offset  time.Duration // of its minute
	stolen  int64         // tokens another client takes as each minute begins
	header  func(a *azure, reset time.Duration) http.Header
	minute  int64
	used    int64
	refused int
}

func (a *azure) answer(since time.Duration, tokens int64) reply {
	at := since + a.offset
	if m := int64(at / time.Minute); m != a.minute || since == 0 {
		a.minute, a.used = m, a.stolen
	}
	reset := time.Minute - at%time.Minute
	a.used += tokens // refused requests count as well
	h := a.header(a, reset)
	if a.used > a.limit {
		a.refused++
		h.Set("Retry-After", seconds(reset))
		return reply{status: 429, header: h}
	}
	return reply{status: 200, header: h}
}

func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

func truthful(a *azure, reset time.Duration) http.Header {
	return headers("X-Ratelimit-Limit-Tokens", strconv.FormatInt(a.limit, 10),
		"X-Ratelimit-Remaining-Tokens", strconv.FormatInt(a.limit-a.used, 10), "X-Ratelimit-Reset-Tokens", seconds(reset))
}

func silent(*azure, time.Duration) http.Header { return http.Header{} }

// lying says what some deployments say: nothing left, back in ten seconds, always.
func lying(left string) func(*azure, time.Duration) http.Header {
	return func(*azure, time.Duration) http.Header {
		return headers("X-Ratelimit-Remaining-Tokens", left, "X-Ratelimit-Remaining-Requests", left, "X-Ratelimit-Reset-Tokens", "10")
	}
}

// drive offers three deployments of 10,000 TPM, whose minutes begin at different
// moments, rate tokens a minute for an hour, in requests of mixed sizes at
// random moments. It returns the 429s they gave, and the requests refused in the end.
func drive(t *testing.T, s Strategy, rate float64, azures map[string]*azure) (throttled, lost, sent int) {
	t.Helper()
	m := gpt4o(s)
	for i, name := range []string{"a", "b", "c"} {
		azures[name].limit, azures[name].offset = 10_000, time.Duration(i)*17*time.Second
		m.Deployments = append(m.Deployments, dep(name, tpm(azures[name].limit)))
	}
	p := newPool(m)
	random := rand.New(rand.NewPCG(1, 2))
	for began := time.Now(); time.Since(began) < time.Hour; sent++ {
		need := Need{Prompt: 20 + random.Int64N(200), Output: 50 + random.Int64N(450)} // 394 on average
		k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, need)
		for c := range k.Candidates(t.Context()) {
			r := azures[c.Resource].answer(time.Since(began), need.Prompt+need.Output)
			if r.status == 429 {
				c.Failed(Failure{Status: 429, Header: r.header})
				continue
			}
			c.Answered(Answer{Status: 200, Header: r.header})
			break
		}
		if k.Err() != nil {
			lost++
		}
		time.Sleep(time.Duration(394 / rate * float64(time.Minute) * random.ExpFloat64()))
	}
	for _, a := range azures {
		throttled += a.refused
	}
	return throttled, lost, sent
}

func TestHeadroomMirrorsAzuresMinute(t *testing.T) {
	all := func(h func(*azure, time.Duration) http.Header) func() map[string]*azure {
		return func() map[string]*azure {
			return map[string]*azure{"a": {header: h}, "b": {header: h}, "c": {header: h}}
		}
	}
	for name, c := range map[string]struct {
		rate   float64
		azures func() map[string]*azure
		// most 429s in an hour, and most of them as a share of round robin's
		most  int
		ratio float64
	}{
		"28k of 30k, with headers":      {28_000, all(truthful), 5, 0.1},
		"28k of 30k, without headers":   {28_000, all(silent), 40, 0.4},
		"28k of 30k, headers always 0":  {28_000, all(lying("0")), 90, 1},
		"28k of 30k, headers always -1": {28_000, all(lying("-1")), 90, 1},
		"20k of 30k, headers always 0":  {20_000, all(lying("0")), 1, 1},
		"18k, while b is used by others": {18_000, func() map[string]*azure {
			return map[string]*azure{"a": {header: truthful}, "b": {header: truthful, stolen: 7000}, "c": {header: truthful}}
		}, 10, 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				head, headLost, sent := drive(t, Headroom, c.rate, c.azures())
				turns, turnsLost, _ := drive(t, RoundRobin, c.rate, c.azures())
				t.Logf("%d requests in an hour: headroom met %d 429s and lost %d, round_robin %d and %d", sent, head, headLost, turns, turnsLost)
				if head > c.most || float64(head) > c.ratio*float64(max(turns, 1)) {
					t.Errorf("headroom met %d 429s, want at most %d and %.0f%% of round_robin's %d", head, c.most, 100*c.ratio, turns)
				}
			})
		})
	}
}
