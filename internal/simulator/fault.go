package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults.
const (
	// Status answers with an error of Fault.Status.
	Status FaultKind = "status"
	// Garbage answers 502 with HTML, as an edge in front of the service would.
	Garbage FaultKind = "garbage"
	// Reset resets the connection before any answer.
	Reset FaultKind = "reset"
	// Answer answers with Fault.Status (200 when unset) and exactly Fault.Raw, which may
	// be empty: a success that is none.
	Answer FaultKind = "answer"
	// Alter lets the answer be, but for what the fields that go with any kind say:
	// Header, ContentType, Encoding, RetryAfter and Usage.
	Alter FaultKind = "alter"
	// Stall is silent for Fault.Delay before the headers, then goes on as if nothing
	// had been; without a Delay it is silent until the client leaves.
	Stall FaultKind = "stall"
	// StallBody sends the head of the answer at once and is silent for Fault.Delay
	// before its body; without a Delay until the client leaves.
	StallBody FaultKind = "stall-body"
	// TruncateBody resets the connection in the middle of a body that is no stream.
	TruncateBody FaultKind = "truncate-body"
	// SlowHeaders sends the header lines one by one with Fault.Delay between them,
	// over HTTP/1; over HTTP/2 it is a Stall.
	SlowHeaders FaultKind = "slow-headers"
	// NoUsage leaves usage out of the answer, streamed or not.
	NoUsage FaultKind = "no-usage"
	// Refusal answers a stream with 200, a retry-after header and a refusal inside;
	// other requests get 429 no_capacity.
	Refusal FaultKind = "refusal"

	// ResetStream resets the connection after Fault.Chunks events of the stream.
	ResetStream FaultKind = "reset-stream"
	// StallStream is silent for Fault.Delay after Fault.Chunks events; without a
	// Delay until the client leaves.
	StallStream FaultKind = "stall-stream"
	// Truncate ends the stream cleanly after Fault.Chunks events, without [DONE].
	Truncate FaultKind = "truncate"
	// TruncateJSON ends the stream inside the JSON of the event after Fault.Chunks.
	TruncateJSON FaultKind = "truncate-json"
	// ErrorEvent sends an error event after Fault.Chunks events and ends the stream.
	ErrorEvent FaultKind = "error-event"
	// FailedEvent ends the stream after Fault.Chunks events in a failure that does not
	// say why: response.failed with "error": null, or for a chat {"error": null}.
	FailedEvent FaultKind = "failed-event"
	// CutChoice ends the stream cleanly without a finish of the last choice, of which
	// Fault.Chunks pieces come, and without usage and [DONE]; the other choices finish.
	CutChoice FaultKind = "cut-choice"
	// NoDone leaves [DONE] out of a stream that is whole.
	NoDone FaultKind = "no-done"
	// Dribble sends the stream in pieces of Fault.Chunks bytes (1 when unset), so
	// that events, lines and characters are split over reads.
	Dribble FaultKind = "dribble"
)

// FaultKinds returns all kinds of faults.
func FaultKinds() []FaultKind {
	return []FaultKind{Status, Garbage, Answer, Alter, Reset, Stall, StallBody, TruncateBody, SlowHeaders, NoUsage,
		Refusal, ResetStream, StallStream, Truncate, TruncateJSON, ErrorEvent, FailedEvent, CutChoice, NoDone, Dribble}
}

// Fault scripts something that goes wrong. Faults are tried in the order they were
// added, and the first that matches a request hits it. The kinds that concern a stream
// only match requests that ask for one.
type Fault struct {
	// ID names the fault; AddFault gives one when empty.
	ID string
	// Resource, Deployment and Operation ("chat/completions") narrow it; empty
	// matches all. Names match without regard to case.
	Resource, Deployment, Operation string
	// Method narrows it to requests of that method.
	Method string
	// RequestHeader narrows it to requests whose header fields contain these values; an
	// empty value asks only that the field is there.
	RequestHeader map[string]string
	// RequestBody narrows it to requests whose body contains this text, wherever they
	// go: one client's poisoned request fails everywhere.
	RequestBody string

	// After lets so many matching requests pass first.
	After int
	// Count is how many requests it hits; 0 is without end.
	Count int
	// Probability is its chance to hit a request that matches; 0 is always.
	Probability float64

	// Kind is what happens.
	Kind FaultKind
	// Status is the status of a Status or Answer fault. A Status fault needs none where
	// Code is one of the service's own.
	Status int
	// Code makes the error of a Status fault: one of FaultCodes is answered in the
	// service's words and with its status, any other becomes the code of an error with
	// Message and Param. Message without a Code is the error's message.
	Code, Message, Param string
	// Body is the generation of a 429's body; empty is the deployment's own.
	Body Generation
	// Raw replaces the body of a Status, Garbage or Answer fault.
	Raw string
	// RetryAfter is what the answer says about trying again: a number is retry-after in
	// seconds, "250ms" is retry-after-ms (with its seconds beside it), "date" is an HTTP
	// date RetryIn from now, "none" or empty says nothing, and anything else is sent as
	// it is.
	RetryAfter string
	// RetryIn is the distance of a RetryAfter "date".
	RetryIn time.Duration

	// Header is header fields of the answer, in place of its own; an empty value takes
	// a field away. It goes with any kind, as all up to Usage do.
	Header map[string]string
	// ContentType replaces the answer's; "none" sends none at all.
	ContentType string
	// Encoding encodes the body as "gzip" or "br", asked for or not.
	Encoding string
	// Gzip is Encoding "gzip".
	Gzip bool
	// Usage replaces the usage of an answer in JSON that has one and is no stream; it
	// is JSON, such as {"type":"duration","seconds":25200}.
	Usage json.RawMessage

	// Chunks and Delay are the measures of the kinds that mention them.
	Chunks int
	Delay  time.Duration
}

// check says what is wrong with a fault.
func (f Fault) check() error {
	if !slices.Contains(FaultKinds(), f.Kind) {
		var kinds []string
		for _, k := range FaultKinds() {
			kinds = append(kinds, string(k))
		}
		return fmt.Errorf("simulator: fault kind %q is unknown: use %s", f.Kind, strings.Join(kinds, ", "))
	}
	switch {
	case f.Kind == Status && !slices.Contains(FaultCodes(), f.Code) && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("simulator: fault status %d is no error: use 400 to 599, or kind answer", f.Status)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("simulator: fault status %d: use 200 to 599", f.Status)
	case !f.Body.known():
		return fmt.Errorf("simulator: fault body %q: use classic, named, typed, no_capacity or ptu", f.Body)
	case f.Encoding != "" && f.Encoding != "gzip" && f.Encoding != "br":
		return fmt.Errorf("simulator: fault encoding %q: use gzip or br", f.Encoding)
	case len(f.Usage) > 0 && !json.Valid(f.Usage):
		return fmt.Errorf("simulator: fault usage is no JSON")
	case f.After < 0 || f.Count < 0 || f.Chunks < 0 || f.Delay < 0 || f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("simulator: fault %s: after, count, chunks and delay must not be negative, "+
			"and probability is between 0 and 1", f.Kind)
	}
	return nil
}

// streams reports whether the fault can only hit a request for a stream.
func (k FaultKind) streams() bool {
	switch k {
	case CutChoice, NoDone, Dribble:
		return true
	}
	return k.breaksOff()
}

// breaksOff reports whether the fault acts before an event of a stream.
func (k FaultKind) breaksOff() bool {
	switch k {
	case ResetStream, StallStream, Truncate, TruncateJSON, ErrorEvent, FailedEvent:
		return true
	}
	return false
}
