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
// usual one once, and not each time. It forgets some of what it knows when that becomes
// too much. The zero value remembers nothing. Safe for concurrent use.
type Forms struct {
	some  atomic.Bool // there is anything to look for
	mu    sync.RWMutex
	known map[formKey]form
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

// of returns the form that a deployment takes, as far as is known.
func (f *Forms) of(d *tallygate.Deployment, version string) form {
	if !f.some.Load() {
		return 0
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.known[keyOf(d, version)]
}

// learn notes that a deployment has answered a form.
func (f *Forms) learn(d *tallygate.Deployment, version string, is form) {
	if len(version) > longVersion {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = make(map[formKey]form)
	}
	key := keyOf(d, version)
	if _, ok := f.known[key]; !ok && len(f.known) >= mostForms {
		for any := range f.known {
			delete(f.known, any)
			break
		}
	}
	f.known[key] = is
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
