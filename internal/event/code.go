package event

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// fold writes a code in lower case. Codes are ASCII: a letter of another alphabet that
// has one of these for its lower case, as the Kelvin sign has k, stays what it is.
func fold(code string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, code)
}

// Opens reports whether a code is the event's, in upper or lower case, with what copying
// took along around it or without; a code may hold spaces of its own. How long that takes
// depends neither on where the two differ nor on the event's.
func (e *Event) Opens(code string) bool {
	return e.Code != "" && (same(code, e.Code) || same(strings.TrimSpace(code), e.Code))
}

func same(code, own string) bool {
	a, b := sha256.Sum256([]byte(fold(code))), sha256.Sum256([]byte(fold(own)))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// codes are events by their codes. Of codes that differ in case alone, which only the
// event proxy's tables can have, each is found by its very spelling and by no other.
type codes struct {
	spelt  map[digest]*Event
	folded map[digest][]*Event
}

func newCodes() codes { return codes{make(map[digest]*Event), make(map[digest][]*Event)} }

// add takes the code of an event, unless another has it, which it returns.
func (c codes) add(e *Event) (other *Event) {
	if other := c.spelt[sum(e.Code)]; other != nil {
		return other
	}
	key := sum(fold(e.Code))
	c.spelt[sum(e.Code)], c.folded[key] = e, append(c.folded[key], e)
	return nil
}

// find returns the event of a code; nil for none.
func (c codes) find(code string) *Event {
	if e := c.spelt[sum(code)]; e != nil {
		return e
	}
	if all := c.folded[sum(fold(code))]; len(all) == 1 {
		return all[0]
	}
	return nil
}
