// Package proxy is the line: one request is one function, serve, that reads aloud
// — who asks, for what, is it allowed, is there room, where to, there, and back,
// counted. Each step is a package; what one learns reaches the next as a local
// variable.
package proxy

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/cost"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/op"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/slow"
	"github.com/tallygate/tallygate/internal/upstream"
	"github.com/tallygate/tallygate/internal/wire"
	"github.com/tallygate/tallygate/policy"
)

// Proxy serves the data side for one configuration. It never changes: a reload
// makes a new one around the same ledger, transport and limit state, while
// requests on their way end in the old one. Safe for concurrent use.
type Proxy struct {
	Callers *caller.Keys
	// Operations is the table of what is asked for.
	Operations *op.Table
	Policies   policy.List
	Limits     *limit.Limits
	Pool       *pool.Pool
	Upstream   *upstream.Upstream
	Meter      *meter.Meter
	Ledger     *ledger.Ledger

	// Models are what is known of the models, by lower-case name, and Tariff what is
	// charged for them.
	Models map[string]Model
	Tariff *cost.Tariff
	// Aliases are other names of models, in lower case, and the models' own. An alias
	// counts as the model in all that follows.
	Aliases map[string]string
	// Proxies are the networks whose X-Forwarded-For is believed.
	Proxies Proxies
	// MaxBody is the largest JSON body that is taken, in bytes, MaxUpload the largest of
	// any other kind, and Bodies what they may take together; nil is no bound.
	MaxBody, MaxUpload int64
	Bodies             *wire.Memory
	// BodyTimeout is the longest time between two pieces of a body, and that a client may
	// leave a piece of a long answer unread.
	BodyTimeout time.Duration
	// KeepAlive is the upstream silence after which a stream's client is told that
	// it is still open; 0 is never.
	KeepAlive time.Duration
	// KeepAliveEarly does so as well while nobody has answered yet: the client is then
	// told 200 whatever comes, and a refusal in the stream.
	KeepAliveEarly bool
	// AllowUnbounded lets callers under limits of tokens or money start work whose cost
	// nobody can bound; it counts as nothing.
	AllowUnbounded bool
	// Drains bounds what goes on when its client has left, and Later keeps what goes on
	// in the background; nil lets nothing go on.
	Drains *Drains
	Later  *Later
	// ServeUnrecorded lets requests through while the ledger cannot take them.
	ServeUnrecorded bool
	// RefuseUnsaid refuses what names no bound for its answer and could never fit into
	// its limits with the largest one; else the answer is capped.
	RefuseUnsaid bool

	// QueryKeys takes the keys of callers in the query, too.
	QueryKeys bool
	// StandIn names the model that somebody means who came by Bridge and named one that is
	// not here; empty is none.
	StandIn func(*tallygate.Identity, *tallygate.Ask) string

	// Counted hears of every prompt that had to be counted for its limits.
	Counted func()
	// Begin hears of every request, and Observe of its finished entry, both in the
	// request's own goroutine. Observe must not keep the entry.
	Begin   func()
	Observe func(*tallygate.Entry)
	Log     *slog.Logger
	// Forms outlives the configuration.
	Forms *Forms
	// Address is the base under which the client of a request reaches the gateway,
	// without a path; nil tells none.
	Address func(*http.Request) string

	replaced sync.Map // the deployments of which it was logged that another answered
}

// ServeHTTP serves one request and records one entry, whatever happens.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handle(w, r, nil) }

// Bridge serves like ServeHTTP for clients of the event proxy, which name models that
// may not be here.
func (p *Proxy) Bridge(w http.ResponseWriter, r *http.Request) { p.handle(w, r, p.StandIn) }

func (p *Proxy) handle(w http.ResponseWriter, r *http.Request, standIn func(*tallygate.Identity, *tallygate.Ask) string) {
	p.Begin()
	defer p.Drains.enter()()
	e := p.open(w, r)
	if p.KeepAliveEarly && p.KeepAlive > 0 {
		patient := newWaiting(w, p.KeepAlive)
		defer patient.end()
		w = patient
	}
	hold := new(limit.Hold)
	defer p.close(w, e, hold)
	switch err := p.serve(w, r, e, hold, standIn); err {
	case nil:
	case errCut: // what is left of it must not look whole
		panic(http.ErrAbortHandler)
	default:
		rest := slow.Unread(w, r)
		refuse(w, e, err)
		e.Total = time.Since(e.Began) // what follows is courtesy
		rest.Linger()
	}
}

// serve is the way of a request. An error is a refusal that is still to be told;
// whatever went wrong after the first byte has left is in the entry instead.
// hold is settled by whoever closes the entry, with what the entry says then.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, e *tallygate.Entry, hold *limit.Hold, standIn func(*tallygate.Identity, *tallygate.Ask) string) error {
	slow.Hurry(w, r, p.BodyTimeout)
	who, err := p.Callers.Identify(r.Header, p.keysIn(r.URL), e.IP) // who asks
	if err != nil {
		return err
	}
	name(e, who)

	ask, err := wire.Read(r, p.reading(who)) // for what
	//lint:ignore SA5001 the request is never nil, and what was read of it is recorded
	defer ask.Close()
	p.mean(ask, who, standIn)
	e.Ask = ask.Ask
	if err != nil {
		allow(w, ask)
		return err
	}

	if err := p.Policies.Check(r.Context(), policy.Request{Who: who, Ask: &ask.Ask}); err != nil { // is it allowed
		return err
	}
	if ask.Access == tallygate.ToList {
		return p.models(w, r, who, ask.Listed(), e)
	}
	if err := enter(e, who); err != nil {
		return err
	}

	need, err := p.need(who, ask, e.Began) // is there room
	if err != nil {
		return err
	}
	need.pool.Deadline, need.pool.Payer, need.pool.Crowd = deadline(r.Header, e.Began), payer(e), who.Event
	need.patience(e.Began)
	err = p.admit(r.Context(), hold, who, ask, e, &need)
	tellRoom(w.Header(), hold, &need)
	if err != nil {
		return err
	}

	if patient, ok := w.(*waiting); ok && ask.Stream {
		patient.start(need.unit.Answer.Chunked())
	}
	pick := p.Pool.Pick(&ask.Ask, need.pool)
	t := trip{Proxy: p, w: w, r: r, ask: ask, entry: e, need: &need, pick: pick, open: who.TellDeployment || who.Event != ""}
	t.begin()
	defer t.end()
	for c := range pick.Candidates(r.Context()) { // where
		if err := p.move(r.Context(), hold, c.Deployment, ask, e, &need); err != nil {
			c.Skip(err)
			continue
		}
		if p.Limits.Late() {
			tellCap(w.Header(), &need)
		}
		res, err := t.send(c) // there
		if err == nil {
			err = t.answer(c, res) // and back, counted
		}
		if err == nil || err == errCut {
			return err
		}
		if t.next(c, err) {
			continue
		}
		if t.last != nil {
			break // it refused, and no other may be asked
		}
		return t.failed(c, err)
	}
	return t.exhausted(pick)
}

// close ends the entry: it settles the hold, records, tells who listens, and keeps a
// panic from taking more with it than its own request.
func (p *Proxy) close(w http.ResponseWriter, e *tallygate.Entry, hold *limit.Hold) {
	v := recover()
	broken := v != nil && e.Attempts > 0 // something may have left: it must not look whole
	if v != nil && v != http.ErrAbortHandler {
		err := fmt.Errorf("panic: %v", v)
		p.Log.Error("a request panicked", "id", e.ID.String(), "err", err, "stack", string(debug.Stack()))
		broken = broken || !apologise(w, e, err)
		e.Outcome, e.Cause = tallygate.Failed, err.Error()
	}
	if e.Total == 0 {
		e.Total = time.Since(e.Began)
	}
	p.settle(e, v != nil)
	if !p.Later.keep(p, e, hold) {
		p.record(e, hold)
	}
	if broken {
		panic(http.ErrAbortHandler)
	}
}

// record ends an entry that says what the request has used.
func (p *Proxy) record(e *tallygate.Entry, hold *limit.Hold) {
	hold.Settle(e)
	p.Ledger.Record(e)
	p.Observe(e)
}

// apologise tells the client of a panic, and reports whether that went well.
func apologise(w http.ResponseWriter, e *tallygate.Entry, err error) (told bool) {
	defer func() { _ = recover() }() // the hold is still to be settled
	refuse(w, e, err)
	return true
}
