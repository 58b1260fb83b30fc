package proxy

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/upstream"
	"github.com/tallygate/tallygate/internal/wire"
)

// trip is one request's way to the upstream and back, over as many deployments as
// it takes. It belongs to the request's goroutine.
type trip struct {
	*Proxy
	w     http.ResponseWriter
	r     *http.Request
	ask   *wire.Request
	entry *tallygate.Entry
	need  *need

	intent   ledger.Intent
	intended *tallygate.Deployment // the one that the intent names
	usage    bool                  // we asked for the usage chunk ourselves
	last     *upstream.Refusal
}

// intend begins to write down that an answer will be owed, and by which deployment:
// what a crash leaves open counts in that one's limits. The write goes on while the
// upstream works; nothing leaves before it is durable.
func (t *trip) intend() error {
	if t.intended == t.entry.Deployment {
		return nil
	}
	var err error
	if t.intent, err = t.Ledger.Intend(t.entry); err != nil && !t.ServeUnrecorded {
		return unrecorded(err)
	}
	t.intended = t.entry.Deployment
	return nil
}

// owed waits until the intent is durable.
func (t *trip) owed() error {
	if err := t.intent.Wait(t.r.Context()); err != nil && !t.ServeUnrecorded {
		return unrecorded(err)
	}
	return nil
}

func unrecorded(err error) error {
	return &tallygate.Error{
		Kind: tallygate.Unavailable, Code: "LedgerUnavailable",
		Message: "The gateway cannot record requests at the moment and serves none unrecorded. Please retry later.",
		Err:     err,
	}
}

// send takes the request to one deployment. The error is an *upstream.Refusal, an
// *upstream.Failure (also when the context ended), or a *tallygate.Error.
func (t *trip) send(c *pool.Candidate) (*http.Response, error) {
	t.entry.Deployment, t.entry.Counted = c.Deployment, true
	if err := t.intend(); err != nil {
		return nil, err
	}
	t.entry.Attempts++
	t.usage = t.ask.CanIncludeUsage() && t.usageOption.taken(c.Deployment, t.ask.APIVersion)
	res, err := t.sendOnce(c)
	if refusal, ok := errors.AsType[*upstream.Refusal](err); ok && t.usage && refusal.UsageOption() {
		t.usage = false
		// Only an answer without it shows that it was the option, and not something
		// in the request that speaks of it.
		if res, err = t.sendOnce(c); err == nil && res.StatusCode != http.StatusBadRequest {
			t.usageOption.refused(c.Deployment, t.ask.APIVersion)
		}
	}
	return res, err
}

func (t *trip) sendOnce(c *pool.Candidate) (*http.Response, error) {
	path, query := t.ask.Target(c.Name)
	body := t.ask.Body(c.Name, wire.Edits{IncludeUsage: t.usage, MaxTokens: t.need.output, Reasoning: t.need.reasoning})
	sent := time.Now()
	res, err := t.Upstream.Send(t.r.Context(), c.Deployment, &upstream.Call{
		Method: t.ask.Method, Path: path, Query: query, Header: t.r.Header, Length: body.Len(), Body: body.NewReader,
	})
	t.entry.Upstream = time.Since(t.entry.Began)
	if err != nil {
		return nil, err
	}
	t.entry.UpstreamID = upstreamID(res.Header)
	if refusal := upstream.Refused(res, t.usage); refusal != nil {
		return nil, refusal
	}
	c.Answered(pool.Answer{Status: res.StatusCode, Header: res.Header, FirstByte: time.Since(sent)})
	return res, nil
}

// errCut says that an answer broke off after its beginning had left, and that
// nothing in it could tell the client so.
var errCut = errors.New("the answer was cut")

// answer brings the answer to the client and fills the entry. It returns an error
// while nothing has left, when another deployment can still answer, or errCut.
func (t *trip) answer(c *pool.Candidate, res *http.Response) error {
	defer res.Body.Close()
	h := t.w.Header()
	if t.entry.Event != "" { // the event proxy's answers name the deployment
		h["X-Tallygate-Deployment"] = []string{c.Resource + "/" + cmp.Or(c.Title, c.Name)}
	}
	upstream.CopyHeader(h, res.Header)
	unread(t.w, t.r)
	out, ended := t.patiently(t.w, t.r, res)
	got, err := t.Meter.Copy(out, res, meter.Answer{
		Operation: t.ask.Operation, Stream: t.ask.Stream, Base: c.Base, Request: t.ask.JSON(),
		StripUsage: t.usage, KeepAlive: t.KeepAlive, Before: t.owed,
	})
	if err == nil || !got.Committed {
		ended()
	}
	if err != nil && !got.Committed {
		dropHeader(h, res.Header)
		return err
	}
	if got.Outcome == tallygate.Failed {
		c.Failed(pool.Failure{Err: err}) // an answer that broke off speaks against its deployment
	}
	c.Settled(got.Usage)
	e := t.entry
	e.Deployment, e.Status, e.Outcome, e.Usage = c.Deployment, res.StatusCode, got.Outcome, got.Usage
	if t.ask.Later() && got.Usage.Source != tallygate.Exact && res.StatusCode < 300 {
		e.Usage = held(e) // what it will use nobody will tell
	}
	e.AnswerBytes, e.Finish, e.AnswerModel, e.Code = got.Bytes, got.Finish, got.Model, got.Code
	if !got.FirstByte.IsZero() {
		e.FirstByte = got.FirstByte.Sub(e.Began)
	}
	if err != nil {
		e.Cause = err.Error()
	}
	if got.Outcome == tallygate.Failed && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return errCut
	}
	return nil
}

// upstreamID returns the upstream's own id of a request.
func upstreamID(h http.Header) string {
	if id := h.Get("Apim-Request-Id"); id != "" {
		return clip(id, 128)
	}
	return clip(h.Get("X-Request-Id"), 128)
}

// dropHeader takes back what CopyHeader put in for an answer that is not sent.
func dropHeader(out, answer http.Header) {
	for name, values := range answer {
		if own, ok := out[name]; ok && len(values) > 0 && len(own) == len(values) && &own[0] == &values[0] {
			delete(out, name)
		}
	}
}
