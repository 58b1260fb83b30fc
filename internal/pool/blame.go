package pool

import "net/http"

// Blame says what a failure is about, where its status does not tell.
type Blame uint8

// Whom a failure may speak against.
const (
	// BlameStatus: whom its status speaks against. 429 is about the deployment's room,
	// 401, 403 and 404 are about the gateway's own configuration, no answer, 408, 424 and
	// 5xx are about the deployment, and others about nothing.
	BlameStatus Blame = iota
	// BlameRequest: the request, or something it refers to, made any deployment fail.
	// One other is asked, since that may be wrong.
	BlameRequest
	// BlameConfig: the gateway may not use the deployment, or it does not exist.
	BlameConfig
	// BlameDeployment: who answers there is not the service, whatever the status.
	BlameDeployment
)

// class is what is made of a failure.
type class uint8

const (
	nothing class = iota
	throttled
	refusing // the gateway's own key, network or name
	broken
	disliked // the request
)

func (f *Failure) class() class {
	switch {
	case f.Blame == BlameRequest:
		return disliked
	case f.Blame == BlameConfig:
		return refusing
	case f.Blame == BlameDeployment:
		return broken
	case f.Status == http.StatusTooManyRequests:
		return throttled
	case barred(f.Status):
		return refusing
	case f.Status == 0 || failing(f.Status):
		return broken
	}
	return nothing
}

// pending is a refusal of which it is not known yet whose fault it was. What the request
// itself may have caused speaks against a deployment only when another one answers it.
type pending struct {
	c        *Candidate
	f        Failure
	t        told
	repeated bool // another deployment has said the same
}

// postpone keeps a refusal until the request's end, or another deployment's answer.
func (k *Pick) postpone(c *Candidate, f *Failure, t *told) {
	p := pending{c: c, f: *f, t: *t}
	for i := range k.pending {
		q := &k.pending[i]
		if q.c.state != c.state && q.f.Status == f.Status && q.f.Code == f.Code {
			p.repeated, q.repeated = true, true
		}
	}
	k.pending = append(k.pending, p)
}

// resolve decides whose fault the refusals were. An answer shows that it was not the
// request's: they count against those who gave them. Without one, what another
// deployment repeated is nobody's fault, nor is what was said to be the request's.
func (k *Pick) resolve(answered bool) {
	all := k.pending
	k.pending = nil
	for i := range all {
		p := &all[i]
		if answered || !p.repeated && p.f.class() == broken {
			p.c.charge(&p.f, &p.t)
		} else {
			p.c.clear()
		}
	}
}

// clear ends what a candidate was sent for, with nothing learnt.
func (c *Candidate) clear() {
	s := c.state
	s.mu.Lock()
	released := s.release(c)
	s.mu.Unlock()
	if released {
		s.kick()
	}
}
