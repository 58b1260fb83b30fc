package op_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/op"
	"github.com/tallygate/tallygate/internal/wire"
)

const dated = "?api-version=2024-10-21"

// read reads a request, "METHOD URL", that must be taken, with a table of its own.
func read(t *testing.T, line, body string) (*wire.Request, *op.Unit) {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	r := &http.Request{Method: method, URL: u, Header: http.Header{"Content-Type": {"application/json"}}, Body: http.NoBody}
	if body != "" {
		r = r.Clone(t.Context())
		r.Body, r.ContentLength = http.NoBody, int64(len(body))
		r.Body = readCloser{strings.NewReader(body)}
	}
	table := op.New()
	q, err := wire.Read(r.WithContext(t.Context()), wire.Options{Table: table})
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	t.Cleanup(q.Close)
	return q, table.Of(q)
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
