package meter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

const (
	// maxHeld bounds the preamble that is held back, in bytes. A response's
	// echoes the whole request, and that is large with code in it.
	maxHeld = 1 << 20
	// maxHold is how long a stream is held back until it is known to answer: a
	// refusal mostly comes sooner, and one that comes later is told in the stream.
	maxHold = 250 * time.Millisecond
)

// stream copies a stream of events. Copy's goroutine reads and writes; the timer's
// goroutine writes when the upstream is silent. mu stands between the two.
type stream struct {
	m   *Meter
	a   Answer
	res *http.Response
	w   http.ResponseWriter
	rc  *http.ResponseController

	mu      sync.Mutex
	r       *reading
	out     Result
	strip   *strip // nil: nothing is taken out
	held    []byte // what came before the header left
	timer   *time.Timer
	clocked bool  // the timer still has something to do
	done    bool  // Copy returns: the timer must not touch anything
	midway  bool  // the stream ended inside an event
	stopped error // why the gateway gave up: Before, or the upstream's silence
	gone    error // why the client cannot be written to
	asked   bool  // whether to read on then
	on      bool  // so it is

	began, read, wrote time.Time // when; read and wrote the last time
	hold               time.Duration
}

// copyStream copies an answer that is a stream of events.
func (m *Meter) copyStream(w http.ResponseWriter, res *http.Response, a Answer) (Result, error) {
	s := &stream{m: m, a: a, res: res, w: w, rc: http.NewResponseController(w)}
	s.r = m.reading(&s.a)
	defer m.release(s.r)
	if a.StripUsage && s.r.chunked {
		s.strip = new(strip)
	}
	s.r.streamed = true
	w.Header().Del("Content-Length") // what goes out may be more or less
	s.start()
	defer s.stop()
	src := m.open(res.Body)
	defer m.shut(&src)
	for {
		p, err := src.next()
		if stop := s.take(p); stop != nil {
			return s.finish(stop)
		}
		if err != nil {
			return s.finish(err)
		}
	}
}

// start sets the clocks. A stream is held back while it can still refuse; a
// status other than 200 has said already what it is.
func (s *stream) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = time.Now()
	s.read, s.wrote = s.began, s.began
	if s.res.StatusCode == http.StatusOK && !s.a.AtOnce {
		s.hold = maxHold
		s.r.limits = retryAfter(s.res.Header)
		if s.a.KeepAlive > 0 {
			s.hold = min(s.hold, s.a.KeepAlive)
		}
	}
	first := s.hold
	if s.a.Idle > 0 {
		first = min(first, s.a.Idle)
	}
	s.clocked = true
	s.timer = time.AfterFunc(first, s.tick)
}

// stop ends the timer's part, and waits for what it is in the midst of. It runs
// when the writer panics, too.
func (s *stream) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	s.timer.Stop()
}

// retryAfter reports whether a header says when to come again.
func retryAfter(h http.Header) bool { return len(h["Retry-After"]) > 0 || len(h["Retry-After-Ms"]) > 0 }

// take deals with a piece that has come. An error ends the copy.
func (s *stream) take(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped != nil:
		return s.stopped
	case s.gone != nil && !s.readOn():
		return s.gone
	case s.gone != nil:
		s.r.feed(p)
		return nil
	case len(p) == 0:
		return nil
	}
	if s.clocked {
		s.read = time.Now()
	}
	if s.out.Committed {
		s.put(p)
		s.flush()
		s.r.feed(p)
		if s.gone != nil && s.readOn() {
			return nil
		}
		return s.gone
	}
	s.r.feed(p)
	if s.r.verdict == refused && s.hold > 0 {
		return s.r.refusal(s.res.Header)
	}
	s.held = append(s.held, p...)
	if s.r.verdict == undecided && len(s.held) < maxHeld && s.hold > 0 {
		return nil
	}
	if err := s.commit(); err == nil || err != s.gone || !s.readOn() {
		return err
	}
	return nil
}

// readOn reports whether to read on although the client has gone. Called with mu held.
func (s *stream) readOn() bool {
	if !s.asked {
		s.asked, s.on = true, s.a.ReadOn != nil && s.a.ReadOn()
	}
	return s.on
}

// commit sends the header and what was held back.
func (s *stream) commit() error {
	if s.a.Before != nil {
		if err := s.a.Before(); err != nil {
			s.stopped = err
			return err
		}
	}
	s.out.Committed = true
	s.clocked = s.a.KeepAlive > 0 || s.a.Idle > 0
	s.w.WriteHeader(s.res.StatusCode)
	s.put(s.held)
	s.held = nil
	s.flush()
	return s.gone
}

// put writes a piece of the upstream's stream, less what is taken out of it.
func (s *stream) put(p []byte) {
	if s.strip != nil {
		s.strip.write(p, s.write)
		return
	}
	s.write(p)
}

// write writes to the client. When the client is gone it does nothing.
func (s *stream) write(p []byte) {
	if s.gone != nil || len(p) == 0 {
		return
	}
	s.wrote = s.read // what is written has just come, or nothing had come for long
	if s.out.FirstByte.IsZero() {
		s.wrote = time.Now()
		s.out.FirstByte = s.wrote
	}
	n, err := s.w.Write(p)
	s.out.Bytes += int64(n)
	if err != nil {
		s.gone = fmt.Errorf("write to the client: %w", err)
	}
}

// flush sends what was written.
func (s *stream) flush() {
	if s.gone != nil {
		return
	}
	if err := s.rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.gone = fmt.Errorf("flush to the client: %w", err)
	}
}

// finish ends the copy. err is why no more is read: io.EOF at the stream's end.
func (s *stream) finish(err error) (Result, error) {
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped != nil {
		err = s.stopped
	}
	s.midway = !s.between()
	s.r.close()
	err = s.conclude(err)
	s.r.report(&s.a, &s.out)
	// A deployment that refused or failed before anything left is not charged
	// to the caller: what the next one answers is.
	if s.out.Committed || s.out.Outcome == tallygate.Aborted {
		s.out.Usage = s.m.settle(s.r, &s.a, &s.out, s.res)
	}
	return s.out, err
}

// conclude decides how the stream ended, and tells the client where it cannot
// see that for itself.
func (s *stream) conclude(err error) error {
	s.out.Outcome = tallygate.Failed
	whole := s.r.ended || err == io.EOF && !s.a.API.ends()
	switch {
	case s.stopped != nil && s.stopped != error(errIdle):
		return s.stopped // Before's
	case s.gone != nil:
		s.out.Outcome = tallygate.Aborted
		return s.gone
	case !whole && canceled(s.res, err):
		s.out.Outcome = tallygate.Aborted
		return fmt.Errorf("the client went away: %w", err)
	case s.r.verdict == refused && !s.out.Committed && s.hold > 0:
		return s.r.refusal(s.res.Header)
	case !whole && !s.r.failed:
		return s.breakOff(reason(s.res, err))
	}
	if !s.out.Committed {
		if err := s.commit(); err != nil {
			return err
		}
	}
	if s.strip != nil {
		s.strip.end(s.write)
		s.flush()
	}
	if s.r.failed && (s.r.status == 0 || s.r.verdict == refused) {
		return &Failure{Err: fmt.Errorf("the upstream ended the stream with the error %q", s.r.code)}
	}
	s.out.Outcome = tallygate.Answered
	return nil
}

// canceled reports whether the copy ended because the client went away. A request
// that the gateway itself cancelled has another cause.
func canceled(res *http.Response, err error) bool {
	return errors.Is(reason(res, err), context.Canceled)
}

// reason returns why a read failed with err: because the request's context ended,
// if it did.
func reason(res *http.Response, err error) error {
	if res.Request != nil && res.Request.Context().Err() != nil && err != nil {
		return context.Cause(res.Request.Context())
	}
	return err
}
