package admin

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// What callers of the configuration use is counted by caller and group; attendees of
// events are one caller, nobody is none, and beyond the bound all are one.
func TestTokensByCaller(t *testing.T) {
	m := NewMetrics("test")
	d := &tallygate.Deployment{Resource: "r", Name: "d"}
	use := func(caller, group, event string) {
		m.Begin()
		m.Observe(&tallygate.Entry{
			Caller: caller, Group: group, Event: event, Deployment: d, Cost: tallygate.Unit / 2,
			Usage: tallygate.Usage{Source: tallygate.Exact, Prompt: 3, Completion: 2, Total: 5},
		}, "")
	}
	use("team", "product", "")
	use("team", "product", "")
	use("", "", "")
	use("event/e/ann", "", "e")
	use("event/e/eve", "", "e")
	for i := range maxCallers + 50 {
		use(fmt.Sprintf("caller-%d", i), "", "")
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		`tallygate_caller_tokens_total{caller="team",direction="prompt",group="product"} 6`,
		`tallygate_caller_tokens_total{caller="team",direction="completion",group="product"} 4`,
		`tallygate_caller_cost_total{caller="team",group="product"} 1`,
		`tallygate_caller_requests_total{caller="(events)",group=""} 2`,
		`tallygate_caller_requests_total{caller="(other)",group=""} 52`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if strings.Contains(text, "ann") || strings.Contains(text, `caller=""`) {
		t.Error("/metrics names an attendee, or nobody")
	}
	if n := strings.Count(text, "\ntallygate_caller_requests_total{"); n > maxCallers+1 {
		t.Errorf("%d callers have series", n)
	}
}
