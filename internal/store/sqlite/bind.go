package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// What follows binds values in the order of the column lists in append.go.

// exec runs a statement with the bound values of some rows.
func (w *appender) exec(ctx context.Context, s driver.StmtExecContext, rows int) error {
	w.spend(rows)
	_, err := s.ExecContext(ctx, w.args)
	return err
}

// spend lets what serves requests have its turn after every few rows, in a gentle
// batch: some thousand rows must not hold the only processor for all of their
// milliseconds. It sleeps, because the network is looked at only when nothing is
// ready to run.
func (w *appender) spend(rows int) {
	if w.spent += rows; w.spent < manyRows {
		return
	}
	w.spent = 0
	if w.gently && w.urgent.Load() == 0 {
		time.Sleep(rest)
	}
}

// rest is the length of a pause, of which the kernel makes a little more. It is twice
// what the rows before it took: an import that catches up takes a third of a processor
// at most, and puts into the store more than twice as many entries as requests come that
// fill it.
const rest = 200 * time.Microsecond

func (w *appender) bind(v driver.Value) {
	w.args = append(w.args, driver.NamedValue{Ordinal: len(w.args) + 1, Value: v})
}

func (w *appender) bindText(s string) {
	if s == "" {
		w.bind(nil)
	} else {
		w.bind(s)
	}
}

func (w *appender) bindNarrow(r *row) {
	e := r.e
	w.bind(r.seq)
	w.bind(e.ID[:])
	w.bind(e.Began.UnixMicro())
	w.bind(r.series)
	w.bind(r.traits)
	if isID(e.RequestID, e.ID) {
		w.bind(nil)
	} else {
		w.bind(e.RequestID)
	}
	w.bindText(e.Trace)
	w.bindText(e.UpstreamID)
	w.bind(int64(e.Ask.Affinity))
	w.bind(e.Ask.BodyBytes)
	w.bind(e.Usage.Prompt)
	w.bind(e.Usage.Completion)
	w.bind(e.Usage.Total)
	w.bind(e.Usage.Cached)
	w.bind(e.Usage.Reasoning)
	w.bind(int64(e.Cost))
	w.bind(e.Hold.Prompt)
	w.bind(e.Hold.Completion)
	w.bind(int64(e.Hold.Cost))
	w.bind(e.AnswerBytes)
	w.bind(e.Upstream.Microseconds())
	w.bind(e.FirstByte.Microseconds())
	w.bind(e.Total.Microseconds())
	w.bind(int64(r.checksum))
}

func (w *appender) bindRich(r *row) {
	u := &r.e.Usage
	w.bind(u.CacheWrite)
	w.bind(u.AudioIn)
	w.bind(u.ImageIn)
	w.bind(u.AudioOut)
	w.bind(u.AcceptedPrediction)
	w.bind(u.RejectedPrediction)
	w.bind(u.Seconds)
	w.bind(r.e.Cause)
	w.bind(u.ImageOut)
	w.bind(u.Characters)
	w.bind(u.Images)
	w.bind(r.e.Hold.Seconds)
	w.bind(r.e.Hold.Characters)
	w.bind(r.e.Hold.Images)
}

func (w *appender) bindSums(k spanSeries, s *ledger.Sums) {
	w.args = w.args[:0]
	w.bind(k.span)
	w.bind(k.series)
	for _, n := range [...]int64{s.Requests, s.Prompt, s.Completion, s.Total, s.Cached, s.Reasoning,
		s.Seconds, s.Characters, s.Images, int64(s.Cost), s.Unpriced, s.First, s.Last, s.Timed, s.LatencyUS, s.FirstBytes, s.FirstByteUS} {
		w.bind(n)
	}
	for _, n := range s.Latencies {
		w.bind(n)
	}
}

// isID reports whether s is the id's text, without making that text.
func isID(s string, id tallygate.ID) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	var b [32]byte
	hex.Encode(b[:], id[:])
	return s[0:8] == string(b[0:8]) && s[9:13] == string(b[8:12]) && s[14:18] == string(b[12:16]) &&
		s[19:23] == string(b[16:20]) && s[24:36] == string(b[20:32])
}
