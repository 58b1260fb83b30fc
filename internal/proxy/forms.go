package proxy

import (
	"sync"
	"sync/atomic"

	"github.com/tallygate/tallygate"
)

// form is how the gateway's own edits of a body are made. The zero form is the usual one;
// each bit is a change that a deployment has asked for by refusing that.
type form uint8

const (
	noUsage  form = 1 << iota // it is not asked for the usage of a stream
	otherCap                  // the cap has its other name
)

// Forms remembers which form a deployment takes, by API version: so that it refuses the
// usual one once, and not each time. What was seen with the requests of one payer counts
// for that one, since what they are may be why; what was seen with two counts for all. It
// forgets some of what it knows when that becomes too much. The zero value remembers
// nothing. Safe for concurrent use.
type Forms struct {
	some  atomic.Bool // there is anything to look for
	mu    sync.RWMutex
	known map[formKey]taken
}

// taken is a form that a deployment took, and the one payer whose requests showed it;
// empty when there were two.
type taken struct {
	form
	payer string
}

// formKey names what takes a form. A deployment of another base model is another one.
type formKey struct{ resource, name, base, version string }

// mostForms bounds what is remembered, and longVersion what an API version can be.
const (
	mostForms   = 4096
	longVersion = 64
)

func keyOf(d *tallygate.Deployment, version string) formKey {
	return formKey{d.Resource, d.Name, d.Base, version}
}

// of returns the form that a deployment takes of a payer, as far as is known.
func (f *Forms) of(d *tallygate.Deployment, version, payer string) form {
	if !f.some.Load() {
		return 0
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if t := f.known[keyOf(d, version)]; t.payer == "" || t.payer == payer {
		return t.form
	}
	return 0
}

// learn notes that a deployment has answered a form to a payer's request.
func (f *Forms) learn(d *tallygate.Deployment, version string, is form, payer string) {
	if len(version) > longVersion {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = make(map[formKey]taken)
	}
	key := keyOf(d, version)
	was, ok := f.known[key]
	if !ok && len(f.known) >= mostForms {
		for any := range f.known {
			delete(f.known, any)
			break
		}
	}
	if ok && was.form == is && was.payer != payer {
		payer = ""
	}
	f.known[key] = taken{is, payer}
	f.some.Store(true)
}

// Forget forgets what is known of a resource's deployments, which may be others now.
func (f *Forms) Forget(resource string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key := range f.known {
		if key.resource == resource {
			delete(f.known, key)
		}
	}
}
