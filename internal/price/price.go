// Package price is what requests cost, as data: a price list is a YAML file, read
// into a Book that finds the price of a model at a place and a time, and a Price
// reckons what a request cost and what it can cost at most. The list that comes with
// the gateway is prices.yaml, embedded; what an organisation pays instead is a file
// of its own laid over it (Book.With). Amounts are integers from the file to the bill
// and never pass through a float.
package price

import (
	"math/bits"
	"time"

	"github.com/tallygate/tallygate"
)

// Class is something that has a price of its own.
type Class uint8

// The classes. Cached, CacheWrite, AudioIn and Image are parts of the prompt, and
// cost what Prompt does where a list does not say otherwise; AudioOut and ImageOut are
// parts of the completion and cost what Completion does. Reasoning and rejected
// predictions are plain completion. Call is the request itself, and where it asks for
// pictures each of them; Second is a second of sound that is heard, Character one of a
// text that is spoken. They cost nothing unless said.
const (
	Prompt Class = iota
	Cached
	CacheWrite
	AudioIn
	Image
	Completion
	AudioOut
	ImageOut
	Call
	Second
	Character
	Classes // how many there are
)

// String returns the class's name as price files show it.
func (c Class) String() string {
	return [...]string{"prompt", "cached", "cache_write", "audio_in", "image", "completion", "audio_out", "image_out", "call", "second", "character", ""}[min(c, Classes)]
}

// token reports whether the class counts tokens.
func (c Class) token() bool { return c < Call }

// whole is the class that c is part of, and whose price it has unless it has its own;
// c itself where there is none.
func (c Class) whole() Class {
	switch {
	case c < Completion:
		return Prompt
	case c < Call:
		return Completion
	}
	return c
}

// Rates are the prices of all classes, each for a million: of tokens, of requests, of
// seconds, of characters. A second costs too little for the millionths that Money counts
// in, a million of them does not.
type Rates [Classes]tallygate.Money

// Price is what a model costs at a place for some time. What a Book hands out is
// shared: it must not be changed.
type Price struct {
	// Model is a model's name or a glob of path.Match over names.
	Model string
	// SKU and Region are where the price counts; empty is anywhere.
	SKU, Region string
	// From is the first instant at which the price counts, To the first at which it
	// does not any more; zero is no bound.
	From, To time.Time
	Rates    Rates
	// Tiers are other prices for the whole of a request with a larger prompt, the
	// smallest first.
	Tiers []Tier
	// Pictures are the prices of pictures that are made, by their kind.
	Pictures []Picture
	// Origin is where the price was read: the name that Parse was given.
	Origin string

	line int // in the file; 0 is unknown
}

// Tier is what a request costs whose prompt has more than Above tokens. Call, Second and
// Character are the same in all tiers of a price.
type Tier struct {
	Above int64
	Rates Rates
}

// Cost returns what the usage u costs. Each token is counted once: those of the parts
// at their own price, in the order cached, cache write, audio, image, and what is left
// of the whole at its price. Parts that add up to more than the whole, and figures
// below zero, count for no more than there is. When only the total is known, it costs
// the dearer of prompt and completion. The sum is rounded up once, to the next
// millionth, and is MaxMoney at most.
//
// Its pictures are of a kind, as tallygate.Ask.Picture has it. The price of a call is
// always in it: whether a request that came to nothing is charged is for others to say.
func (p *Price) Cost(u tallygate.Usage, picture string) tallygate.Money {
	var s sum
	prompt, completion := max(u.Prompt, 0), max(u.Completion, 0)
	r := p.rates(prompt)
	if prompt == 0 && completion == 0 && u.Total > 0 {
		r = p.rates(u.Total)
		s.add(u.Total, max(r[Prompt], r[Completion]))
	}
	s.part(&prompt, u.Cached, r[Cached])
	s.part(&prompt, u.CacheWrite, r[CacheWrite])
	s.part(&prompt, u.AudioIn, r[AudioIn])
	s.part(&prompt, u.ImageIn, r[Image])
	s.add(prompt, r[Prompt])
	s.part(&completion, u.AudioOut, r[AudioOut])
	s.part(&completion, u.ImageOut, r[ImageOut])
	s.add(completion, r[Completion])
	p.pieces(&s, u.Seconds, u.Characters, u.Images, picture)
	return s.money()
}

// pieces adds what is not paid by tokens.
func (p *Price) pieces(s *sum, seconds, characters, images int64, picture string) {
	s.add(max(seconds, 0), p.Rates[Second])
	s.add(max(characters, 0), p.Rates[Character])
	s.add(max(images, 1), p.Rates[Call])
	if images > 0 && len(p.Pictures) > 0 {
		s.add(images, p.picture(picture))
	}
}

// Most returns the most that a request can cost that uses no more than the bound: Cost of
// no Usage within it is above it, however its
// tokens are split into classes and whichever tier its prompt reaches. A usage of which
// only the total is known is not in it.
func (p *Price) Most(b tallygate.Bound) tallygate.Money {
	prompt, completion := max(b.Prompt, 0), max(b.Completion, 0)
	var most tallygate.Money
	for i := -1; i < len(p.Tiers) && (i < 0 || p.Tiers[i].Above < prompt); i++ {
		r, reach := &p.Rates, prompt // the largest prompt that has these rates
		if i >= 0 {
			r = &p.Tiers[i].Rates
		}
		if i+1 < len(p.Tiers) {
			reach = min(reach, p.Tiers[i+1].Above)
		}
		var s sum
		s.add(reach, max(r[Prompt], r[Cached], r[CacheWrite], r[AudioIn], r[Image]))
		s.add(completion, max(r[Completion], r[AudioOut], r[ImageOut]))
		p.pieces(&s, b.Seconds, b.Characters, b.Images, b.Picture)
		most = max(most, s.money())
	}
	return most
}

// rates returns the rates for a request whose prompt has so many tokens.
func (p *Price) rates(prompt int64) *Rates {
	r := &p.Rates
	for i := range p.Tiers {
		if prompt <= p.Tiers[i].Above {
			break
		}
		r = &p.Tiers[i].Rates
	}
	return r
}

// in reports whether the price counts at the instant.
func (p *Price) in(at time.Time) bool {
	return (p.From.IsZero() || !at.Before(p.From)) && (p.To.IsZero() || at.Before(p.To))
}

// sum is an amount in millionths of millionths. Thirty-two products of an int64 and a rate
// (below 2^60) fit into its 128 bits.
type sum struct{ hi, lo uint64 }

func (s *sum) add(n int64, rate tallygate.Money) {
	hi, lo := bits.Mul64(uint64(n), uint64(rate))
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi += hi + carry
}

// part adds n tokens, or as many as are left, and takes them from what is left.
func (s *sum) part(left *int64, n int64, rate tallygate.Money) {
	n = min(max(n, 0), *left)
	*left -= n
	s.add(n, rate)
}

// money rounds up to the next millionth.
func (s sum) money() tallygate.Money {
	const million = 1_000_000
	lo, carry := bits.Add64(s.lo, million-1, 0)
	hi := s.hi + carry
	if hi >= million {
		return tallygate.MaxMoney
	}
	n, _ := bits.Div64(hi, lo, million)
	return tallygate.Money(min(n, uint64(tallygate.MaxMoney)))
}
