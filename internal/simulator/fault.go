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
	// Stall is silent for Fault.Delay before the headers, then goes on as if nothing
	// had been; without a Delay it is silent until the client leaves.
	Stall FaultKind = "stall"
	// SlowHeaders sends the header lines one by one with Fault.Delay between them,
	// over HTTP/1; over HTTP/2 it is a Stall.
	SlowHeaders FaultKind = "slow-headers"
	// NoUsage leaves usage out of the answer.
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
	// Dribble sends the stream in pieces of Fault.Chunks bytes (1 when unset), so
	// that events, lines and characters are split over reads.
	Dribble FaultKind = "dribble"
)

// FaultKinds returns all kinds of faults.
func FaultKinds() []FaultKind {
	return []FaultKind{Status, Garbage, Reset, Stall, SlowHeaders, NoUsage, Refusal,
		ResetStream, StallStream, Truncate, TruncateJSON, ErrorEvent, Dribble}
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

	// After lets so many matching requests pass first.
	After int
	// Count is how many requests it hits; 0 is without end.
	Count int
	// Probability is its chance to hit a request that matches; 0 is always.
	Probability float64

	// Kind is what happens.
	Kind FaultKind
	// Status is the status of a Status fault.
	Status int
	// Body is the generation of a 429's body; empty is the deployment's own.
	Body Generation
	// Raw replaces the body of a Status or Garbage fault; ContentType goes with it
	// (application/json when empty).
	Raw, ContentType string
	// RetryAfter is what a Status or Refusal fault says about trying again: a number
	// is retry-after in seconds, "250ms" is retry-after-ms (with its seconds beside
	// it), "date" is an HTTP date RetryIn from now, "none" or empty says nothing,
	// and anything else is sent as it is.
	RetryAfter string
	// RetryIn is the distance of a RetryAfter "date".
	RetryIn time.Duration
	// Gzip compresses the body of a Status or Garbage fault, asked for or not.
	Gzip bool
	// Header is further header fields of a Status or Garbage fault.
	Header map[string]string

	// Chunks and Delay are the measures of the kinds that mention them.
	Chunks int
	Delay  time.Duration
}

// faultJSON is Fault as the admin routes write it.
type faultJSON struct {
	ID          string            `json:"id,omitempty"`
	Resource    string            `json:"resource,omitempty"`
	Deployment  string            `json:"deployment,omitempty"`
	Operation   string            `json:"operation,omitempty"`
	After       int               `json:"after,omitempty"`
	Count       int               `json:"count,omitempty"`
	Probability float64           `json:"probability,omitempty"`
	Kind        FaultKind         `json:"kind"`
	Status      int               `json:"status,omitempty"`
	Body        Generation        `json:"body,omitempty"`
	Raw         string            `json:"raw,omitempty"`
	ContentType string            `json:"content_type,omitempty"`
	RetryAfter  string            `json:"retry_after,omitempty"`
	RetryIn     duration          `json:"retry_in,omitempty"`
	Gzip        bool              `json:"gzip,omitempty"`
	Header      map[string]string `json:"header,omitempty"`
	Chunks      int               `json:"chunks,omitempty"`
	Delay       duration          `json:"delay,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler; durations are strings.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var j faultJSON
	if err := decodeStrict(b, &j); err != nil {
		return err
	}
	*f = Fault{
		ID: j.ID, Resource: j.Resource, Deployment: j.Deployment, Operation: j.Operation,
		After: j.After, Count: j.Count, Probability: j.Probability, Kind: j.Kind, Status: j.Status,
		Body: j.Body, Raw: j.Raw, ContentType: j.ContentType, RetryAfter: j.RetryAfter,
		RetryIn: time.Duration(j.RetryIn), Gzip: j.Gzip, Header: j.Header, Chunks: j.Chunks,
		Delay: time.Duration(j.Delay),
	}
	return nil
}

// MarshalJSON implements json.Marshaler; durations are strings.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{
		ID: f.ID, Resource: f.Resource, Deployment: f.Deployment, Operation: f.Operation,
		After: f.After, Count: f.Count, Probability: f.Probability, Kind: f.Kind, Status: f.Status,
		Body: f.Body, Raw: f.Raw, ContentType: f.ContentType, RetryAfter: f.RetryAfter,
		RetryIn: duration(f.RetryIn), Gzip: f.Gzip, Header: f.Header, Chunks: f.Chunks,
		Delay: duration(f.Delay),
	})
}

func (f Fault) check() error {
	if !slices.Contains(FaultKinds(), f.Kind) {
		var kinds []string
		for _, k := range FaultKinds() {
			kinds = append(kinds, string(k))
		}
		return fmt.Errorf("simulator: fault kind %q is unknown: use %s", f.Kind, strings.Join(kinds, ", "))
	}
	if f.Kind == Status && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("simulator: fault status %d is no error: use 400 to 599", f.Status)
	}
	if !f.Body.known() {
		return fmt.Errorf("simulator: fault body %q: use classic, named, typed, no_capacity or ptu", f.Body)
	}
	if f.After < 0 || f.Count < 0 || f.Chunks < 0 || f.Delay < 0 || f.Probability < 0 || f.Probability > 1 {
		return fmt.Errorf("simulator: fault %s: after, count, chunks and delay must not be negative, "+
			"and probability is between 0 and 1", f.Kind)
	}
	return nil
}

// streams reports whether the fault can only hit a request for a stream.
func (k FaultKind) streams() bool {
	switch k {
	case ResetStream, StallStream, Truncate, TruncateJSON, ErrorEvent, Dribble:
		return true
	}
	return false
}
