package rehearse

import (
	"math"
	"time"
)

// inTurn sends each request to the next deployment and does nothing else, as the first
// proxies of events did.
func inTurn(a *azure, times []time.Duration) Outcome {
	var out Outcome
	for i, at := range times {
		a.now = at
		if a.ask(i % len(a.deployments)).ok {
			out.Served++
		} else {
			out.Refused++
			out.Upstream++
		}
	}
	return out
}

// proxy stands before the deployments as a gateway does: it reads what their
// headers say, asks the one with the most room first and another when that refuses,
// leaves those alone that are full, and lets requests wait in turn.
type proxy struct {
	*azure
	wait  time.Duration
	known []known // by deployment
	queue []time.Duration
	out   Outcome
	waits histogram
}

// known is what the proxy knows of a deployment: until when it is full, and what it
// said last, which holds until its minute ends.
type known struct {
	full, ends time.Duration
	last       told
}

func newProxy(a *azure, wait time.Duration) *proxy {
	return &proxy{azure: a, wait: wait, known: make([]known, len(a.deployments))}
}

// serve takes requests at the times when they come.
func (p *proxy) serve(times []time.Duration) Outcome {
	for _, at := range times {
		p.catchUp(at)
		p.now = at
		switch {
		case len(p.queue) == 0 && p.try():
			p.served(at)
		case p.opening() <= at+p.wait:
			p.queue = append(p.queue, at)
		default: // no hope
			p.out.Refused++
		}
	}
	p.catchUp(never)
	p.out.Waits = p.waits.summary()
	return p.out
}

const never = time.Duration(math.MaxInt64)

// catchUp lets those who wait go, as far as it is their time before until.
func (p *proxy) catchUp(until time.Duration) {
	for len(p.queue) > 0 {
		at := max(p.opening(), p.now)
		if at > until {
			return
		}
		if p.queue[0]+p.wait < at { // its time was up before
			p.queue = p.queue[1:]
			p.out.Refused++
			continue
		}
		p.now = at
		if p.try() {
			p.served(p.queue[0])
			p.queue = p.queue[1:]
		}
	}
}

// served notes a request that came at a time and is answered now.
func (p *proxy) served(came time.Duration) {
	p.out.Served++
	if p.now > came {
		p.out.Waited++
	}
	p.waits.add(p.now - came)
}

// opening is when the first deployment may be asked.
func (p *proxy) opening() time.Duration {
	at := never
	for i := range p.known {
		at = min(at, p.known[i].full)
	}
	return at
}

// try asks deployments that are not full until one answers. Each that refuses is full
// from then on, so it ends.
func (p *proxy) try() bool {
	for {
		best, most := -1, math.Inf(-1)
		for i := range p.known {
			if room := p.room(i); p.known[i].full <= p.now && room > most {
				best, most = i, room
			}
		}
		if best < 0 {
			return false
		}
		t, k := p.ask(best), &p.known[best]
		k.last, k.ends = t, p.now+t.reset
		if !t.ok {
			k.full = p.now + t.retry
			p.out.Upstream++
			continue
		}
		if t.tokens <= 0 || t.requests <= 0 {
			k.full = k.ends
		}
		return true
	}
}

// room is which part of a deployment's minute would be left after this request, over
// the part of the minute that is left.
func (p *proxy) room(i int) float64 {
	k, q := &p.known[i], p.quotas[i]
	left := told{tokens: q.TPM, requests: q.RPM}
	part := 1.0
	if p.now < k.ends {
		left, part = k.last, max((k.ends-p.now).Minutes(), 1./60)
	}
	return min(float64(left.tokens-p.tokens)/float64(q.TPM), float64(left.requests-1)/float64(q.RPM)) / part
}
