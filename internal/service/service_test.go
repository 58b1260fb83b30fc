package service

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A service is told of from its start to its stop, with its last round and what was wrong.
func TestStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group
		failed := errors.New("disk full")
		s := g.Start("forgetting", func(ctx context.Context, did func(error)) {
			for i := 0; ctx.Err() == nil; i++ {
				if i == 1 {
					did(failed)
				} else {
					did(nil)
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Hour):
				}
			}
		})
		g.Start("once", func(context.Context, func(error)) {})
		began := time.Now()
		for _, want := range []error{nil, failed, nil} {
			synctest.Wait()
			if is := g.States()[0]; is.Name != "forgetting" || !is.Running || !is.Started.Equal(began) || !is.Last.Equal(time.Now()) || !errors.Is(is.Err, want) {
				t.Errorf("%+v, want the error %v", is, want)
			}
			time.Sleep(time.Hour)
		}
		if once := g.States()[1]; once.Running || !once.Last.IsZero() {
			t.Errorf("%+v", once)
		}
		for range 2 {
			if err := s.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if g.States()[0].Running {
			t.Error("it was stopped, and is said to run")
		}
	})
}

// Who does not stop is waited for no longer than is allowed.
func TestStopInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group
		release := make(chan struct{})
		s := g.Start("deaf", func(context.Context, func(error)) { <-release })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		close(release)
	})
}
