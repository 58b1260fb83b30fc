package aztables

import (
	"context"
	"log/slog"
	"reflect"
	"time"
)

// Reader reads the tables, as Source does.
type Reader interface {
	Create(context.Context) error
	Read(context.Context) (*Content, error)
}

// Sync keeps a copy of the tables up to date until ctx ends: it makes the tables when
// they are not there, reads them every so often, and calls use with what they hold
// when that has changed. While the storage cannot be reached what was read last stays
// in use; tell hears of every attempt, with nil for one that worked.
func Sync(ctx context.Context, r Reader, every time.Duration, use func(*Content) error, tell func(error), log *slog.Logger) {
	var known *Content
	created, failing := false, false
	for {
		err := step(ctx, r, &created, &known, use, log)
		if ctx.Err() != nil {
			return
		}
		tell(err)
		switch {
		case err != nil && !failing:
			log.Error("Azure Tables cannot be read; what was read last stays in use", "err", err)
		case err == nil && failing:
			log.Info("Azure Tables can be read again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// step makes and reads the tables once.
func step(ctx context.Context, r Reader, created *bool, known **Content, use func(*Content) error, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if !*created {
		if err := r.Create(ctx); err != nil {
			return err
		}
		*created = true
	}
	c, err := r.Read(ctx)
	if err != nil || reflect.DeepEqual(c, *known) {
		return err
	}
	if err := use(c); err != nil {
		return err
	}
	for _, p := range c.Problems {
		log.Warn("a row of Azure Tables is left out", "problem", p)
	}
	log.Info("Azure Tables were read", "events", len(c.Events), "deployments", len(c.Deployments))
	*known = c
	return nil
}
