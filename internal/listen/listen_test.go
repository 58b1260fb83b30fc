package listen_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/listen"
)

// Who is stopped waits for a request on its way up to the deadline, and then gives it up
// with the cause; no later one is taken.
func TestStop(t *testing.T) {
	g := listen.New(slog.New(slog.DiscardHandler))
	began, cause := make(chan struct{}), make(chan error, 1)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		defer g.Handle()()
		close(began)
		<-r.Context().Done()
		cause <- context.Cause(r.Context())
	})
	if err := g.Listen("127.0.0.1:0", h, listen.Options{Header: time.Second, Unread: time.Second}); err != nil {
		t.Fatal(err)
	}
	if g.Addr(0) == nil || g.Addr(1) != nil || g.Draining() {
		t.Errorf("addresses %v, %v, draining %v", g.Addr(0), g.Addr(1), g.Draining())
	}
	url := "http://" + g.Addr(0).String()
	go http.Get(url)
	<-began
	g.Stop(t.Context(), 0, 50*time.Millisecond)
	if err := <-cause; !errors.Is(err, listen.ErrDraining) || !g.Draining() {
		t.Errorf("given up for %v, draining %v", err, g.Draining())
	}
	if _, err := http.Get(url); err == nil {
		t.Error("a connection was taken after the stop")
	}
	select {
	case err := <-g.Failed():
		t.Errorf("it failed: %v", err)
	default:
	}
}
