package meter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tallygate/tallygate"
)

// What happens while the upstream says nothing, and when it falls silent for good.

var errIdle = &tallygate.Error{
	Kind: tallygate.BadUpstream, Code: "upstream_timeout",
	Message: "The upstream fell silent before the end of the answer. What came so far is incomplete; please send the request again.",
}

// keepAlive is a comment without a blank line: some clients take a blank line for
// the end of an event, an empty one then, and fail on it.
var keepAlive = []byte(": keep-alive\n")

// tick is the timer's: it sends the header when the stream has been held back long
// enough, a comment when nothing was written for long, and gives the upstream up
// when nothing came for too long. Then it sets the timer for what is due next.
func (s *stream) tick() {
	s.mu.Lock()
	give := s.due(time.Now())
	s.mu.Unlock()
	if give {
		s.res.Body.Close() // ends the read that waits for it
	}
}

// due does what is due and returns whether to give up.
func (s *stream) due(now time.Time) (give bool) {
	if s.done || s.stopped != nil || !s.clocked {
		return false
	}
	if s.a.Idle > 0 && now.Sub(s.read) >= s.a.Idle {
		s.stopped = errIdle
		return true
	}
	if !s.out.Committed && now.Sub(s.began) >= s.hold && s.commit() != nil {
		return true
	}
	if next := s.next(now); next > 0 {
		s.timer.Reset(next)
	}
	return s.gone != nil
}

// next writes the comment that is due and returns when something is due again,
// 0 for never.
func (s *stream) next(now time.Time) time.Duration {
	var next time.Duration
	sooner := func(d time.Duration) {
		if next == 0 || d < next {
			next = d
		}
	}
	if !s.out.Committed {
		sooner(s.hold - now.Sub(s.began))
	} else if every := s.a.KeepAlive; every > 0 {
		wait := every - now.Sub(s.wrote)
		if wait <= 0 {
			if s.between() {
				s.write(keepAlive)
				s.flush()
				s.wrote = now
			}
			wait = every
		}
		sooner(wait)
	}
	if s.a.Idle > 0 {
		sooner(s.a.Idle - now.Sub(s.read))
	}
	return next
}

// between reports whether what was written ends between two events.
func (s *stream) between() bool {
	if s.strip != nil {
		return !s.strip.passing && !s.strip.events.lf
	}
	return s.r.events.boundary()
}

// breakOff ends a stream that the upstream did not: with an error event, when the
// stream has begun. It returns what went wrong.
func (s *stream) breakOff(cause error) error {
	if errors.Is(cause, io.EOF) {
		cause = io.ErrUnexpectedEOF
	}
	told := &tallygate.Error{
		Code:    "upstream_stream_interrupted",
		Message: "The upstream broke off before the end of the answer. What came so far is incomplete; please send the request again.",
	}
	if own, ok := errors.AsType[*tallygate.Error](cause); ok {
		told = own
	}
	if s.r.code == "" {
		s.r.code = told.Code
	}
	if s.out.Committed {
		if s.midway {
			s.write([]byte("\n\n")) // ends the event that was begun
		}
		s.write(s.errorEvent(told))
		s.flush()
	}
	return &Failure{Err: fmt.Errorf("read the upstream's stream: %w", cause)}
}

// errorEvent returns the event that tells the client of an error, as the API's own
// streams do it: clients of chat know no named events; those of responses want the name
// and the nested object. Nothing follows it: [DONE] would say that the answer is whole.
func (s *stream) errorEvent(e *tallygate.Error) []byte {
	type object struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    string  `json:"code"`
	}
	detail := object{Message: e.Message, Type: "server_error", Code: e.Code}
	if s.r.chunked {
		data, _ := json.Marshal(struct { // plain strings always marshal
			Error object `json:"error"`
		}{detail})
		return fmt.Appendf(nil, "data: %s\n\n", data)
	}
	data, _ := json.Marshal(struct {
		Type     string `json:"type"`
		Error    object `json:"error"`
		Sequence int64  `json:"sequence_number"`
	}{"error", detail, s.r.sequence + 1})
	return fmt.Appendf(nil, "event: error\ndata: %s\n\n", data)
}
