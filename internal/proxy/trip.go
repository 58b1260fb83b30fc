package proxy

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/slow"
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
	pick  *pool.Pick
	open  bool // the caller may know the deployments

	errand   errand
	sent     time.Time // when it was sent last
	intent   ledger.Intent
	intended *tallygate.Deployment // the one that the intent names
	usage    bool                  // we asked for the usage chunk ourselves
	last     *upstream.Refusal
	blaming  *upstream.Refusal // the first that says that the request is to blame
	hash     uint64            // the request's, once one has failed
	asked    *pool.Candidate   // the one that answers
	arrived  pool.Answer
	other    string // says that another deployment answered than was asked
}

// begin begins the request's errand. A stream ends with its client: what was delivered
// is what it costs. Any other answer the service makes to its end.
func (t *trip) begin() {
	drains := t.Drains
	if !t.works() {
		drains = nil
	}
	t.errand.begin(t.r, t.entry, drains, t.ask.Stream)
}

// end ends it.
func (t *trip) end() { t.errand.end() }

// works reports whether a model works on the request.
func (t *trip) works() bool { return t.need.unit.Works(t.ask) }

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

// before is what happens before the first byte of an answer leaves: it is an answer, so
// the deployment that gave it is well, and it is owed.
func (t *trip) before() error {
	t.asked.Answered(t.arrived)
	return t.owed()
}

// owed waits until the intent is durable.
func (t *trip) owed() error {
	if err := t.intent.Wait(&t.errand); err != nil && !t.ServeUnrecorded {
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
	return t.sendEdited(c)
}

// sendEdited sends the request with the gateway's own edits. One that is refused is
// undone, or made in its other form, and the request sent once more: the caller has
// nothing to do with it. Only an answer to that shows that it was the edit, and not
// something in the request that speaks of it.
func (t *trip) sendEdited(c *pool.Candidate) (*http.Response, error) {
	f := t.Forms.of(c.Deployment, t.ask.APIVersion, payer(t.entry))
	undone, first := form(0), (*upstream.Refusal)(nil)
	for {
		res, err := t.sendOnce(c, f)
		refusal, ok := errors.AsType[*upstream.Refusal](err)
		if !ok || refusal.Fault != upstream.OfEdit {
			if err == nil && undone != 0 && res.StatusCode < http.StatusBadRequest {
				t.Forms.learn(c.Deployment, t.ask.APIVersion, f, payer(t.entry))
			}
			return res, err
		}
		if first == nil {
			first = refusal
		}
		change := t.change(refusal)
		if change == 0 || undone&change != 0 { // it is not the edit, or both its forms are refused
			res := first.Answer()
			t.arrived = pool.Answer{Status: res.StatusCode, Header: res.Header}
			return res, nil
		}
		f, undone = f^change, undone|change
	}
}

// change returns what is to be changed of the edits because of a refusal that speaks of
// one; 0 when there is no other way to make it.
func (t *trip) change(refusal *upstream.Refusal) form {
	switch {
	case t.usage && refusal.Mentions([]string{"stream_options"}):
		return noUsage
	case t.ask.CanRespell():
		return otherCap
	}
	return 0
}

// sendOnce sends the request with the edits in one form.
func (t *trip) sendOnce(c *pool.Candidate, f form) (*http.Response, error) {
	if t.errand.gone() {
		return nil, &upstream.Failure{Err: context.Cause(t.errand.client)}
	}
	path, query := t.ask.Target(c.Name)
	t.usage = f&noUsage == 0 && t.ask.CanIncludeUsage()
	body := t.ask.Body(c.Name, wire.Edits{
		IncludeUsage: t.usage, MaxTokens: t.need.output, Reasoning: t.need.reasoning, Other: f&otherCap != 0 && t.ask.CanRespell(),
	})
	t.sent = time.Now()
	res, err := t.Upstream.Send(t.errand.Context, c.Deployment, &upstream.Call{
		Method: t.ask.Method, Path: path, Query: query, Header: t.header(), Length: body.Len(), Body: body.NewReader,
	})
	t.entry.Upstream = time.Since(t.entry.Began)
	if err != nil {
		return nil, err
	}
	t.entry.UpstreamID = upstreamID(res.Header)
	refusal := upstream.Refused(res, upstream.Sent{Chosen: c.Name != "", Inference: t.ask.Inference(), Edits: body.Edits()})
	if refusal != nil {
		return nil, refusal
	}
	t.arrived = pool.Answer{Status: res.StatusCode, Header: res.Header, FirstByte: time.Since(t.sent)}
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
	t.tellWay(c.Deployment)
	t.asked = c
	upstream.CopyHeader(h, res.Header)
	t.readdress(h, res)
	t.served(c, res.Header)
	slow.Unread(t.w, t.r)
	out, ended := slow.Answer(t.w, t.r, res.ContentLength, t.BodyTimeout)
	gone := t.errand.gone()
	if gone {
		out = &nobody{header: h}
	}
	got, err := t.Meter.Copy(out, res, meter.Answer{
		API: t.need.unit.Answer, Choices: t.ask.Choices, Stream: t.ask.Stream, Base: c.Base, Request: t.ask.JSON(),
		Inference: t.ask.Inference(), StripUsage: t.usage, KeepAlive: t.KeepAlive, Before: t.before,
		Object: !t.works(), ReadOn: t.errand.readOn, AtOnce: t.ask.Later(),
	})
	if err == nil || !got.Committed {
		ended()
	}
	if err != nil && !got.Committed {
		upstream.TakeBack(h, res.Header)
		return err
	}
	if got.Outcome == tallygate.Failed {
		c.Failed(t.fault(pool.Failure{Err: err})) // an answer that broke off speaks against its deployment
	}
	c.Settled(got.Usage)
	e := t.entry
	e.Deployment, e.Status, e.Outcome, e.Usage = c.Deployment, res.StatusCode, got.Outcome, t.used(c, res, &got)
	t.later(c, &got)
	e.AnswerBytes, e.Finish, e.AnswerModel, e.Code = got.Bytes, got.Finish, got.Model, got.Code
	if !got.FirstByte.IsZero() {
		e.FirstByte = got.FirstByte.Sub(e.Began)
	}
	if err != nil {
		e.Cause = err.Error()
	} else if t.other != "" {
		e.Cause = t.other
	}
	if gone {
		t.drained()
		return nil
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
