package proxy

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/upstream"
)

// readdress tells the client the addresses of the answer where it reaches them: at the
// gateway, in the dialect in which it asked.
func (t *trip) readdress(h http.Header, res *http.Response) {
	if res.Request == nil {
		return
	}
	upstream.Addresses(h, res, func() string {
		if t.Address == nil {
			return ""
		}
		return t.Address(t.r)
	}, func(path string) string {
		if t.ask.Dialect == tallygate.Plain && strings.HasPrefix(path, "/openai/v1/") {
			return strings.TrimPrefix(path, "/openai")
		}
		return path
	})
}

// served compares the deployment that the answer names with the one that was asked. The
// resource may have sent the request on by itself, which then costs what it costs there:
// the entry says so each time, and the log once.
func (t *trip) served(c *pool.Candidate, h http.Header) {
	values := h["X-Ms-Deployment-Name"]
	if len(values) == 0 || c.Name == "" || values[0] == "" || strings.EqualFold(values[0], c.Name) {
		return
	}
	by := clip(values[0], 128)
	t.other = "answered by the deployment " + by + " in place of " + c.Name
	if _, again := t.replaced.LoadOrStore(c.ID(), true); !again {
		t.Log.Warn("another deployment of the resource answers in place of the one that was asked: limits and prices count the one that was asked",
			slog.String("deployment", c.ID()), slog.String("answered", by), slog.String("id", t.entry.ID.String()))
	}
}
