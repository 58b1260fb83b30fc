package proxy

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// open begins the entry of a request: everything that is known before anyone is
// asked. It puts the ids that the client may look for into the answer's header.
func (p *Proxy) open(w http.ResponseWriter, r *http.Request) *tallygate.Entry {
	now := time.Now()
	e := &tallygate.Entry{
		ID: tallygate.NewID(now), Began: now,
		Method: clip(r.Method, 16), IP: p.Proxies.Source(r), Agent: clip(r.UserAgent(), 256),
		Trace: trace(r.Header.Get("Traceparent")),
	}
	if n := r.Header.Get("X-Stainless-Retry-Count"); n != "" {
		e.Retry, _ = strconv.Atoi(n)
	}
	h := w.Header()
	client := clip(r.Header.Get("X-Ms-Client-Request-Id"), 128)
	if client != "" {
		h["X-Ms-Client-Request-Id"] = []string{client}
	}
	e.RequestID = clip(r.Header.Get("X-Request-Id"), 128)
	if e.RequestID == "" {
		e.RequestID = e.ID.String()
	}
	h["X-Request-Id"] = []string{e.RequestID}
	if client != "" && r.Header.Get("X-Request-Id") == "" {
		e.RequestID = client
	}
	return e
}

// Refused records a request that was refused before it came to the line, by what
// stands before it.
func (p *Proxy) Refused(r *http.Request, who *tallygate.Identity, op tallygate.Operation, began time.Time, status int) {
	p.Begin()
	e := &tallygate.Entry{
		ID: tallygate.NewID(began), Began: began, Method: clip(r.Method, 16), IP: p.Proxies.Source(r), Agent: clip(r.UserAgent(), 256),
		Outcome: tallygate.Refused, Status: status, Total: time.Since(began),
	}
	e.RequestID, e.Ask.Operation, e.Ask.Choices = e.ID.String(), op, 1
	if who != nil {
		name(e, who)
	}
	if status >= http.StatusInternalServerError {
		e.Outcome = tallygate.Failed
	}
	p.Ledger.Record(e)
	p.Observe(e)
}

// clip bounds a text from the client to n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// trace returns the trace id of a W3C traceparent (version-traceid-parent-flags),
// or nothing when it is not one.
func trace(parent string) string {
	if len(parent) < 55 || parent[2] != '-' || parent[35] != '-' {
		return ""
	}
	id := parent[3:35]
	if strings.Trim(id, "0123456789abcdef") != "" || strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}

// name writes down who asks. Of a new name, which anybody can make up, the entry has no
// more than the event until it is let in.
func name(e *tallygate.Entry, who *tallygate.Identity) {
	e.Group, e.Event = who.Group, who.Event
	if who.Enter == nil {
		e.Caller, e.Attendee, e.Key = who.ID, who.Attendee, who.Key
	}
}

// enter lets in who is new.
func enter(e *tallygate.Entry, who *tallygate.Identity) error {
	if who.Enter == nil {
		return nil
	}
	if err := who.Enter(); err != nil {
		return err
	}
	e.Caller, e.Attendee, e.Key = who.ID, who.Attendee, who.Key
	return nil
}
