package simulator

import (
	"strings"
	"sync"
	"time"
)

// deployment is a deployment with its state: what is left of its limits, what its
// prompt cache knows, what it has served. Its mutex guards all of that and the limits.
type deployment struct {
	Deployment
	model model

	mu     sync.Mutex
	window window
	bucket bucket
	cache  promptCache
	count  Counters
}

func newDeployment(d Deployment) *deployment {
	if d.Model == "" {
		d.Model = d.Name
	}
	if d.SKU == "" {
		d.SKU = "Standard"
		if d.PTU > 0 {
			d.SKU = "ProvisionedManaged"
		}
	}
	out := &deployment{Deployment: d, model: modelNamed(d.Model)}
	out.count.Statuses = map[int]int64{}
	out.limit()
	return out
}

// limit sets the windows and the bucket from the quota. The mutex is held, or the
// deployment is not yet shared.
func (d *deployment) limit() {
	rpm := d.RPM
	switch {
	case rpm < 0:
		rpm = 0
	case rpm == 0 && d.TPM > 0:
		rpm = max(1, int64(float64(d.TPM)*d.model.rpmPerTPM))
	}
	d.window.tpm, d.window.rpm = d.TPM, rpm
	d.window.sub = time.Duration(d.RPMWindow) * time.Second
	d.bucket.perMinute = float64(d.PTU) * d.model.ptuTokens
}

// tokens is what a request adds to a token window: an estimate, made at its arrival.
func (d *deployment) tokens(p *prompt, completion int64) int64 {
	if d.LegacyEstimate && !d.model.embeds {
		if completion == 0 {
			return 16
		}
		return completion
	}
	return (p.chars+3)/4 + completion
}

// admit asks the limits for room, for a prompt and the completion tokens it wants. What
// is admitted is in the prompt cache from then on.
func (d *deployment) admit(now time.Time, p *prompt, completion int64) verdict {
	d.mu.Lock()
	defer d.mu.Unlock()
	cached := d.cache.lookup(now, p)
	var v verdict
	if d.PTU > 0 {
		v = d.bucket.admit(now, d.weigh(p.tokens-cached, completion))
	} else {
		v = d.window.admit(now, d.tokens(p, completion))
	}
	if v.ok {
		v.used = usage{prompt: p.tokens, cached: cached}
		d.cache.remember(now, p)
	}
	return v
}

// weigh is a request's load on a provisioned deployment, in input tokens.
func (d *deployment) weigh(input, output int64) float64 {
	return float64(input) + float64(output)*d.model.ptuOutput
}

// settle corrects the load that admit estimated by what it came to.
func (d *deployment) settle(now time.Time, v verdict, u usage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.ok && v.load > 0 && d.PTU > 0 {
		d.bucket.correct(now, d.weigh(u.prompt-u.cached, u.completion)-v.load)
	}
}

// SetLimits changes a deployment's quota while it runs, as the service does to its
// own under pressure; what the current windows have counted stays counted. It reports
// false when there is no such deployment or the limits are negative.
func (s *Simulator) SetLimits(resource, deployment string, l Limits) bool {
	d := s.find(resource, deployment)
	if d == nil || l.check() != nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.TPM, d.RPM, d.PTU = l.TPM, l.RPM, l.PTU
	d.limit()
	return true
}

// ResetWindows empties every window and bucket, as if a quiet minute had passed.
func (s *Simulator) ResetWindows() {
	s.each(func(_ *resource, d *deployment) {
		d.window.reset()
		d.bucket = bucket{perMinute: d.bucket.perMinute}
	})
}

// find returns a deployment by the names of its resource and itself.
func (s *Simulator) find(resource, deployment string) *deployment {
	res := s.byName[strings.ToLower(resource)]
	if res == nil {
		return nil
	}
	res.mu.RLock()
	defer res.mu.RUnlock()
	return res.byName[strings.ToLower(deployment)]
}

// each calls f for every deployment, with its mutex held.
func (s *Simulator) each(f func(*resource, *deployment)) {
	for _, r := range s.byName {
		r.mu.RLock()
		for _, d := range r.byName {
			d.mu.Lock()
			f(r, d)
			d.mu.Unlock()
		}
		r.mu.RUnlock()
	}
}
