package proxy

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/slow"
	"github.com/tallygate/tallygate/internal/upstream"
)

// What is made of an attempt that brought no answer.

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
		return t.refused(c, why)
	case *meter.Refusal:
		h := why.Header.Clone()
		h.Set("Content-Type", "application/json; charset=utf-8")
		return t.refused(c, upstream.InStream(why.Status, h, why.Code, why.Body))
	case *meter.Failure: // the answer broke off before anything of it had left
		t.last = nil
		c.Failed(t.fault(pool.Failure{Status: http.StatusOK, Err: why}))
		return t.ask.Replayable()
	case *upstream.Failure:
		t.last = nil
		f := pool.Failure{Err: why}
		if why.Sent {
			f = t.fault(f)
		}
		c.Failed(f)
		return t.ask.Replayable() || !why.Sent
	}
	c.Failed(pool.Failure{Err: context.Canceled}) // the client's body, or the ledger: nobody's fault there
	t.last = nil
	return false
}

// refused tells the pool of a refusal. Where the request is said to be to blame, one
// other deployment is asked.
func (t *trip) refused(c *pool.Candidate, why *upstream.Refusal) bool {
	t.last = why
	f := pool.Failure{Status: why.Status, Header: why.Header, Code: why.Code, After: why.After}
	second := false
	switch why.Fault {
	case upstream.OfRequest:
		f.Blame = pool.BlameRequest
		second = t.blaming != nil
		t.blaming = cmp.Or(t.blaming, why)
	case upstream.OfName, upstream.OfAccess:
		f.Blame = pool.BlameConfig
	case upstream.OfFront:
		f.Blame, f.Err = pool.BlameDeployment, why
	}
	c.Failed(t.fault(f))
	return t.ask.Replayable() && !second
}

// fault adds to a failure by what the pool tells a request that nobody can answer from a
// deployment that answers nobody.
func (t *trip) fault(f pool.Failure) pool.Failure {
	if t.hash == 0 {
		t.hash = t.ask.Fingerprint()
	}
	f.Request = t.hash
	f.Payer = payer(t.entry)
	return f
}

// exhausted says why no deployment has served the request. An upstream's own words
// are told when they are about the request's fate and not about our access.
func (t *trip) exhausted(pick *pool.Pick) error {
	if t.r.Context().Err() != nil {
		return t.reason(t.r.Context().Err())
	}
	t.tellWay(nil)
	err := pick.Err()
	why := tallygate.AsError(err)
	h := t.w.Header()
	if why.Kind == tallygate.Unavailable && t.entry.Attempts > 0 {
		h.Set("X-Should-Retry", "false") // every deployment was asked already
	}
	told := cmp.Or(t.blaming, t.last)
	if told == nil || why.Kind != tallygate.Unavailable && t.blaming == nil || !relayable(told) {
		return err
	}
	if told == t.blaming {
		h.Set("X-Should-Retry", "false") // it would come to the same
	}
	if err := t.owed(); err != nil {
		return err
	}
	upstream.CopyHeader(h, told.Header)
	h.Del("Content-Length")
	t.w.WriteHeader(told.Status)
	n, _ := t.w.Write(told.Body)
	e := t.entry
	e.Status, e.Code, e.Outcome, e.AnswerBytes = told.Status, told.Code, tallygate.Answered, int64(n)
	e.Counted = false // nothing was served
	return nil
}

// relayable reports whether a refusal is an error body of the service itself and
// not a page of something before it, nor about the gateway's own access.
func relayable(r *upstream.Refusal) bool {
	return r.Fault != upstream.OfAccess && r.Fault != upstream.OfName && r.Fault != upstream.OfFront && r.Status >= 400 && r.ErrorShape()
}

// failed says what the caller is told of an attempt after which no other may come.
// What was given up while a deployment worked on it is charged there.
func (t *trip) failed(c *pool.Candidate, err error) error {
	f, lost := err.(*upstream.Failure)
	_, ours := errors.AsType[*tallygate.Error](err) // its body broke off, or it could not be recorded
	if t.errand.gone() && t.works() && !ours && (!lost || f.Sent) {
		t.entry.Usage = t.unknown(c)
	}
	return t.reason(err)
}

// reason is what the caller is told of err.
func (t *trip) reason(err error) error {
	if _, ours := errors.AsType[*tallygate.Error](err); ours {
		return err
	}
	switch cause := context.Cause(t.r.Context()); {
	case slow.Late(t.r):
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
