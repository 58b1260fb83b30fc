package app_test

import (
	"strings"
	"testing"
)

// A request that is larger than what a deployment has in a minute is refused there always.
// It rests for nobody else, also when its quota is first told with that refusal.
func TestARequestLargerThanAQuota(t *testing.T) {
	for name, header := range map[string][]string{
		"told":        {"Retry-After", "60", "X-Ratelimit-Limit-Tokens", "1000", "X-Ratelimit-Remaining-Tokens", "1000"},
		"told, 86400": {"Retry-After", "86400", "X-Ratelimit-Limit-Tokens", "1000", "X-Ratelimit-Remaining-Tokens", "900"},
	} {
		t.Run(name, func(t *testing.T) {
			g, _ := serviced(t, twoPayers, func(_, body string) said {
				if strings.Contains(body, "large") {
					return said{status: 429, body: errorBody("429", "", "Requests have exceeded token rate limit. Please retry after 60 seconds."), header: header}
				}
				return well
			})
			for range 2 {
				if a := g.post(chatPath, chat("large", `"max_tokens":5000`)); a.status != 429 {
					t.Fatalf("%d %s", a.status, a.body)
				}
			}
			if a := g.post(chatPath, chat("Hello", `"max_tokens":50`), "Api-Key", otherKey); a.status != 200 {
				t.Errorf("somebody else gets %d: %s", a.status, a.body)
			}
		})
	}
}
