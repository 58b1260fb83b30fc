package tallygate

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"time"
)

// ID names one request for ever: a UUID version 7 (RFC 9562), so that IDs made
// later sort later, to the millisecond.
type ID [16]byte

// NewID makes an ID for a request that began at t. Safe for concurrent use.
func NewID(t time.Time) ID {
	var id ID
	rand.Read(id[6:]) // never fails (crypto/rand)
	ms := uint64(t.UnixMilli())
	binary.BigEndian.PutUint16(id[0:], uint16(ms>>32))
	binary.BigEndian.PutUint32(id[2:], uint32(ms))
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// String returns the canonical form, 36 characters.
func (id ID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// Outcome is how a request ended.
type Outcome uint8

// The outcomes.
const (
	// Unsettled: the gateway stopped before the end was known; the entry was
	// made from the intent when it started again.
	Unsettled Outcome = iota
	// Answered: the upstream's answer went out whole, whatever its status.
	Answered
	// Refused: the gateway itself said no (4xx, 429, no deployment).
	Refused
	// Failed: no answer could be had or the answer broke off upstream.
	Failed
	// Aborted: the client went away before the end.
	Aborted
)

// String returns the outcome's name as the ledger shows it.
func (o Outcome) String() string {
	return [...]string{"unsettled", "answered", "refused", "failed", "aborted"}[min(o, Aborted)]
}

// Entry is the record of one request: one request, one entry, also for those
// refused, broken or abandoned. It is filled along the request's way and given
// to the ledger at its end; access log, metrics and sinks read the same entry.
type Entry struct {
	ID    ID
	Began time.Time // when the gateway began to read the request

	// Who asked.
	Caller string // Caller.ID; empty when nobody was recognised
	Group  string
	Event  string
	// Attendee is who takes part in the event.
	Attendee string
	Key      string     // Identity.Key
	IP       netip.Addr // true source address, after trusted proxies
	Agent    string     // User-Agent, at most 256 bytes
	// RequestID is the client's x-request-id (or x-ms-client-request-id), or ID.
	RequestID string
	// Trace is the W3C trace id, 32 hex digits; empty when none came.
	Trace string
	// Retry is the client's own retry count (x-stainless-retry-count).
	Retry int

	// For what.
	Method string
	Ask    Ask

	// Where.
	Deployment *Deployment // the one that answered; nil when none did
	// Attempts counts the deployments tried, 0 when none was.
	Attempts int
	// UpstreamID is the upstream's own request id (apim-request-id or x-request-id).
	UpstreamID string
	// AnswerModel is the model name in the upstream's answer.
	AnswerModel string

	// What happened.
	Outcome Outcome
	Status  int    // HTTP status sent; 499 when the client left before one was
	Code    string // error code of the refusal or failure; empty when none
	Finish  string // finish_reason of the first choice
	Usage   Usage
	// Hold is the worst case that admission counted with.
	Hold Bound
	// Counted says that the request counts against limits: it was admitted and a
	// deployment was asked. What is Counted is what limits have counted.
	Counted bool
	// Cost is what the usage costs, by the prices at the time, and Pricing how that
	// is known.
	Cost    Money
	Pricing Pricing
	// AnswerBytes counts the body bytes sent to the client.
	AnswerBytes int64
	// Upstream is the time until the upstream's response header of the last
	// attempt, FirstByte until the first body byte left, Total until the last;
	// all since Began, 0 when it never came to that.
	Upstream, FirstByte, Total time.Duration
	// Cause is for the operator: why it failed. It never reaches the caller.
	Cause string
}
