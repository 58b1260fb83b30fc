package simulator

import (
	"math"
	"time"
)

// pace draws the delays of one answer.
type pace struct {
	c                    *call
	first, token, jitter float64 // nanoseconds, already scaled
}

func (c *call) pace() pace {
	l := c.dep.Latency
	if l.FirstToken == 0 {
		l.FirstToken = 300 * time.Millisecond
	}
	if l.PerToken == 0 {
		l.PerToken = 14 * time.Millisecond
	}
	if l.Jitter == 0 {
		l.Jitter = 0.25
	}
	scale := c.sim.cfg.Pace
	return pace{c, float64(l.FirstToken) * scale, float64(l.PerToken) * scale, max(0, l.Jitter)}
}

// firstToken is the time to the first token; hidden reasoning comes before it.
func (p pace) firstToken(reasoning int64) time.Duration {
	if p.first == 0 {
		return 0
	}
	return p.draw(p.first) + time.Duration(float64(reasoning)*p.token)
}

// nextToken is the time to the next token.
func (p pace) nextToken() time.Duration {
	if p.token == 0 {
		return 0
	}
	return p.draw(p.token)
}

// tokens is the time that n tokens take.
func (p pace) tokens(n int64) time.Duration {
	if p.token == 0 || n <= 0 {
		return 0
	}
	sigma := p.jitter / math.Sqrt(float64(n))
	return time.Duration(float64(n) * p.token * math.Exp(sigma*p.c.rng.NormFloat64()))
}

// draw takes a value of the log-normal distribution around median.
func (p pace) draw(median float64) time.Duration {
	return time.Duration(median * math.Exp(p.jitter*p.c.rng.NormFloat64()))
}
