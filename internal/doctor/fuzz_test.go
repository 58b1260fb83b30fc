package doctor_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/tallygate/tallygate/internal/doctor"
)

// trip answers every request with the same.
type trip struct {
	status     int
	kind, body string
}

func (t trip) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: t.status, Status: "x", Header: http.Header{"Content-Type": {t.kind}, "X-Request-Id": {t.body}, "Location": {t.body}},
		Body: io.NopCloser(strings.NewReader(t.body)), Request: r, ProtoMajor: 1, ProtoMinor: 1}, nil
}

// Whatever a server says, nothing panics, and no sentence holds what could steer a
// terminal.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "text/event-stream", "data: {\"choices\":[{}]}\n\ndata: [DONE]\n\n")
	f.Add(200, "application/json", `{"choices":[{}],"data":[{"id":"gpt-4o"}],"usage":{"prompt_tokens":1}}`)
	f.Add(404, "application/json", `{"error":{"code":"DeploymentNotFound","message":"a\u001b[2J"}}`)
	f.Add(302, "text/html", "\x1b]0;x\x07")
	f.Add(200, "text/event-stream", "data: {\"error\":{\"message\":\"\u202e\"}}\n")
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		client := &http.Client{Transport: trip{status, kind, body}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		base := &url.URL{Scheme: "http", Host: "gateway.example"}
		g := &doctor.Gateway{Base: base, Key: "k", Client: client, Timeout: time.Minute, Run: "smoke-x"}
		safe := func(s string) {
			if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q", s)
			}
		}
		if _, err := g.Models(context.Background()); err != nil {
			safe(err.Error())
		}
		for _, stream := range []bool{false, true} {
			a := g.Ask(context.Background(), doctor.Question{Kind: doctor.Chat, Model: "m", Stream: stream}, nil)
			safe(a.RequestID)
			if a.Fault != nil {
				safe(a.Fault.Words)
			}
		}
		asker := &doctor.Asker{Client: client, Timeout: time.Minute}
		for _, r := range asker.Ask(context.Background(), []doctor.Resource{{Name: "r", Endpoint: base, Key: "k", Deployments: []string{"d"}}}, true) {
			safe(r.Key.Words)
			for _, d := range r.Deployments {
				safe(d.Words)
			}
		}
	})
}
