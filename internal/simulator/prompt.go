package simulator

import (
	"time"
	"unicode/utf8"
)

// The prompt cache works on prefixes of at least 1,024 tokens in steps of 128, and
// forgets after ten idle minutes.
const (
	cacheFirst = 1024
	cacheStep  = 128
	cacheIdle  = 10 * time.Minute
	cacheSize  = 8192
)

// prompt is the measure of a prompt, taken part by part: its tokens and characters, a
// hash that seeds the answer, and the hashes of the prefixes that the cache knows by.
type prompt struct {
	tokens, chars int64
	hash          uint64
	prefixes      []uint64
}

// write measures a part of the prompt.
func (p *prompt) write(s string) {
	p.chars += int64(utf8.RuneCountInString(s))
	for len(s) > 0 {
		n := piece(s)
		h := p.hash
		for i := range n {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		p.hash = h
		s = s[n:]
		p.add(1)
	}
}

// add counts tokens that have no text: a message's frame, an image.
func (p *prompt) add(tokens int64) {
	before := p.tokens
	p.tokens += tokens
	p.hash = (p.hash ^ uint64(tokens)) * 1099511628211
	if p.tokens >= cacheFirst && before/cacheStep != p.tokens/cacheStep {
		p.prefixes = append(p.prefixes, p.hash)
	}
}

// promptCache remembers prefixes. It is guarded by its deployment's mutex.
type promptCache struct {
	seen map[uint64]time.Time
	ring []uint64 // the keys of seen in order of arrival, the oldest at next
	next int
}

// lookup returns how many tokens of the prompt are cached.
func (c *promptCache) lookup(now time.Time, p *prompt) int64 {
	hits := int64(0)
	for _, h := range p.prefixes {
		if at, ok := c.seen[h]; !ok || now.Sub(at) >= cacheIdle {
			break
		}
		hits++
	}
	if hits == 0 {
		return 0
	}
	return cacheFirst + (hits-1)*cacheStep
}

// remember keeps the prompt's prefixes for later lookups.
func (c *promptCache) remember(now time.Time, p *prompt) {
	if c.seen == nil {
		c.seen = map[uint64]time.Time{}
	}
	for _, h := range p.prefixes {
		if _, known := c.seen[h]; !known {
			c.push(h)
		}
		c.seen[h] = now
	}
}

// push makes room for a new prefix, at the cost of the oldest.
func (c *promptCache) push(h uint64) {
	if len(c.ring) < cacheSize {
		c.ring = append(c.ring, h)
		return
	}
	delete(c.seen, c.ring[c.next])
	c.ring[c.next] = h
	c.next = (c.next + 1) % cacheSize
}
