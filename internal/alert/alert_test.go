package alert_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate/internal/alert"
)

// roundTrip is a client's transport without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(""))}
}

// An alert is posted as JSON with the configured headers.
func TestAnAlertIsPosted(t *testing.T) {
	var mu sync.Mutex
	var got alert.Alert
	var auth string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		auth = r.Header.Get("Authorization")
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	w := alert.New(alert.Options{URL: s.URL, Header: http.Header{"Authorization": {"Bearer x"}}})
	w.Send(alert.Alert{Text: "80 % of the budget is spent", Kind: "limit_warning", Limit: "company"})
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got.Limit != "company" || got.Kind != "limit_warning" || auth != "Bearer x" {
		t.Errorf("got %+v with %q", got, auth)
	}
}

// A webhook that fails is tried again, with longer pauses, and alerts stay in
// order; one that never works loses the alert, says so, and tells no address.
func TestAFailingWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var texts []string
		fail := 3
		w := alert.New(alert.Options{
			URL: "https://hooks.example/secret-token", Log: slog.New(slog.NewTextHandler(&log, nil)),
			Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				var a alert.Alert
				if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
					t.Error(err)
				}
				if fail--; fail >= 0 || a.Text == "never" {
					return answer(500), nil
				}
				texts = append(texts, a.Text)
				return answer(200), nil
			})},
		})
		begin := time.Now()
		w.Send(alert.Alert{Text: "one"})
		w.Send(alert.Alert{Text: "two"})
		w.Send(alert.Alert{Text: "never"})
		w.Send(alert.Alert{Text: "three"})
		time.Sleep(5 * time.Minute)
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if strings.Join(texts, " ") != "one two three" || w.Lost() != 1 {
			t.Errorf("after %v: delivered %q, lost %d", time.Since(begin), texts, w.Lost())
		}
		if !strings.Contains(log.String(), "never") || strings.Contains(log.String(), "secret-token") {
			t.Errorf("log: %s", log.String())
		}
	})
}

// Sending never waits, also when the webhook hangs; what is too much is lost and
// counted.
func TestSendNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := alert.New(alert.Options{URL: "https://hooks.example/", Client: &http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }),
		}})
		begin := time.Now()
		for range 1000 {
			w.Send(alert.Alert{Text: "x"})
		}
		if took := time.Since(begin); took != 0 || w.Lost() < 700 {
			t.Errorf("1,000 alerts took %v, lost %d", took, w.Lost())
		}
		_ = w.Close(t.Context())
	})
}
