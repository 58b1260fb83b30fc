package proxy

import (
	"cmp"
	"context"
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

// next says whether another deployment may be asked after err, and tells the pool
// what became of this one.
func (t *trip) next(c *pool.Candidate, err error) bool {
	t.entry.Cause = err.Error()
	if t.r.Context().Err() != nil {
		c.Failed(pool.Failure{Err: context.Canceled}) // the client left: nobody's fault there
		t.last = nil
		return false
	}
	switch why := err.(type) {
	case *upstream.Refusal:
		t.last = why
		c.Failed(pool.Failure{Status: why.Status, Header: why.Header})
		return t.ask.Replayable()
	case *meter.Refusal:
		h := why.Header.Clone()
		h.Set("Content-Type", "application/json; charset=utf-8")
		t.last = &upstream.Refusal{Status: why.Status, Header: h, Body: why.Body, Code: why.Code}
		c.Failed(pool.Failure{Status: why.Status, Header: why.Header})
		return t.ask.Replayable()
	case *meter.Failure: // the answer broke off before anything of it had left
		t.last = nil
		c.Failed(pool.Failure{Err: why})
		return t.ask.Replayable()
	case *upstream.Failure:
		t.last = nil
		c.Failed(pool.Failure{Err: why})
		return t.ask.Replayable() || !why.Sent
	}
	c.Failed(pool.Failure{Err: context.Canceled}) // the client's body, or the ledger: nobody's fault there
	t.last = nil
	return false
}

// exhausted says why no deployment has served the request. An upstream's own words
// are told when they are about the request's fate and not about our access.
func (t *trip) exhausted(pick *pool.Pick) error {
	if t.r.Context().Err() != nil {
		return t.reason(t.r.Context().Err())
	}
	err := pick.Err()
	why := tallygate.AsError(err)
	h := t.w.Header()
	if why.Kind == tallygate.Unavailable && t.entry.Attempts > 0 {
		h.Set("X-Should-Retry", "false") // every deployment was asked already
	}
	if t.last == nil || why.Kind != tallygate.Unavailable || !relayable(t.last) {
		return err
	}
	if err := t.owed(); err != nil {
		return err
	}
	upstream.CopyHeader(h, t.last.Header)
	h.Del("Content-Length")
	t.w.WriteHeader(t.last.Status)
	n, _ := t.w.Write(t.last.Body)
	e := t.entry
	e.Status, e.Code, e.Outcome, e.AnswerBytes = t.last.Status, t.last.Code, tallygate.Answered, int64(n)
	e.Counted = false // nothing was served
	return nil
}

// relayable reports whether a refusal is an error body of the service itself and
// not a page of something before it, nor about the gateway's own access.
func relayable(r *upstream.Refusal) bool {
	return r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden && r.Status != http.StatusNotFound &&
		r.Status >= 400 && r.ErrorShape()
}

// failed says what the caller is told of an attempt after which no other may come.
// A request that is given up while a deployment works on it is charged there for
// its prompt at least, so that is what counts.
func (t *trip) failed(c *pool.Candidate, err error) error {
	_, ours := errors.AsType[*tallygate.Error](err) // it never went out
	f, failed := err.(*upstream.Failure)
	working := !ours && (!failed || f.Sent)
	if t.r.Context().Err() != nil && t.ask.Peeked() && t.ask.Method == http.MethodPost && working {
		n := t.Meter.Prompt(t.ask.Operation, c.Base, t.ask.JSON())
		t.entry.Usage = tallygate.Usage{Source: tallygate.Partial, Prompt: n, Total: n}
	}
	return t.reason(err)
}

// reason is what the caller is told of err.
func (t *trip) reason(err error) error {
	if _, ours := errors.AsType[*tallygate.Error](err); ours {
		return err
	}
	switch cause := context.Cause(t.r.Context()); {
	case late(t.r):
		return &tallygate.Error{Kind: tallygate.RequestTimeout, Message: "The body did not come in time.", Err: err}
	case cause == nil:
	case errors.Is(cause, context.Canceled):
		return &tallygate.Error{Kind: tallygate.Canceled, Message: "The client closed the request.", Err: err}
	default: // the gateway itself gave the request up
		return &tallygate.Error{Kind: tallygate.Unavailable, Message: "The gateway is being stopped. Please retry.", Err: cause}
	}
	return &tallygate.Error{
		Kind: tallygate.BadUpstream, Err: err,
		Message: "The deployment did not answer, and this request's body cannot be sent again. Please retry.",
	}
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
