//go:build !race

package wire_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/wire"
)

// A small request is read with three allocations: the Request, and the names of the
// model and the user. (The race detector empties pools at random, so it is not
// asked.)
func TestAllocations(t *testing.T) {
	body := strings.NewReader(wire.Chat400)
	r := httptest.NewRequest("POST", "/openai/v1/chat/completions", body)
	r.Header.Set("Content-Type", "application/json")
	r.Body, r.ContentLength = io.NopCloser(body), int64(len(wire.Chat400))
	n := testing.AllocsPerRun(1000, func() {
		body.Reset(wire.Chat400)
		q, err := wire.Read(r, wire.Options{Table: allRoutes})
		if err != nil {
			t.Fatal(err)
		}
		q.Close()
	})
	if n > 3 {
		t.Errorf("%.0f allocations a request, 3 at most", n)
	}
}

// All the edits of a body share one allocation; capping adds none to the model's
// name.
func TestEditAllocations(t *testing.T) {
	r := httptest.NewRequest("POST", "/openai/v1/chat/completions", strings.NewReader(wire.Chat400))
	r.Header.Set("Content-Type", "application/json")
	q, err := wire.Read(r, wire.Options{Table: allRoutes})
	//lint:ignore SA5001 the request is never nil
	defer q.Close()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, deployment string
		edits            wire.Edits
		most             float64
	}{
		{"none", "", wire.Edits{}, 0},
		{"the model", "gpt-4o-ptu", wire.Edits{}, 1},
		{"the cap", "", wire.Edits{MaxTokens: 100}, 1},
		{"a cap that changes nothing", "", wire.Edits{MaxTokens: 1000}, 0},
		{"both", "gpt-4o-ptu", wire.Edits{MaxTokens: 100, IncludeUsage: true}, 1},
	} {
		if n := testing.AllocsPerRun(1000, func() { q.Body(c.deployment, c.edits) }); n > c.most {
			t.Errorf("%s: %.0f allocations, %.0f at most", c.name, n, c.most)
		}
	}
}
