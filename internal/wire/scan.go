package wire

import (
	"hash/maphash"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// maxDepth is how deep arrays and objects may be nested in a body.
const maxDepth = 512

// scanner checks a JSON text in one pass: RFC 8259 in full, valid UTF-8 (escapes
// included), no key twice in one object. It decodes nothing and keeps nothing but
// the keys of the objects that are open.
//
// Its functions take the index where something begins and return the index behind
// it, or -1 when err says what is wrong.
type scanner struct {
	b     []byte
	depth int
	err   *syntaxError

	keys    keySet
	scratch []byte // a key without its escapes

	count bool  // strings and numbers are added to chars
	chars int64 // see Request.PromptChars
	// files counts the pictures in data URLs among them, binary their bytes; refers says
	// that something refers elsewhere. See prompted.
	files, binary int64
	refers        bool
	field         Field // the field of the body that is scanned

	look lookout // how members are looked at
	seen seen
}

var scanners = sync.Pool{New: func() any {
	return &scanner{keys: keySet{seed: maphash.MakeSeed()}}
}}

// newScanner returns a scanner of b, to be given back with close.
func newScanner(b []byte) *scanner {
	s := scanners.Get().(*scanner)
	s.b, s.depth, s.err, s.count = b, 0, nil, false
	s.chars, s.files, s.binary, s.refers, s.field = 0, 0, 0, false, FieldNone
	s.look, s.seen = lookNot, seen{}
	s.keys.reset()
	return s
}

func (s *scanner) close() {
	s.b = nil
	if cap(s.keys.all) <= 1<<14 && cap(s.keys.slots) <= 1<<16 && cap(s.scratch) <= 1<<16 {
		scanners.Put(s)
	}
}

func (s *scanner) fail(at int, what string) int {
	if s.err == nil {
		s.err = &syntaxError{at: at, what: what}
	}
	return -1
}

// space returns the index of the first byte from i on that is no white space.
func (s *scanner) space(i int) int { return jsontext.Space(s.b, i) }

// value scans the value that begins at i.
func (s *scanner) value(i int) int {
	if i >= len(s.b) {
		return s.fail(i, "expected a value")
	}
	switch c := s.b[i]; c {
	case '"':
		end, _ := s.text(i)
		if s.count && end > 0 {
			s.chars += int64(end - i - 2)
		}
		return end
	case '{':
		return s.object(i)
	case '[':
		return s.array(i)
	case 't':
		return s.word(i, "true")
	case 'f':
		return s.word(i, "false")
	case 'n':
		return s.word(i, "null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			if s.count {
				s.chars += 4
			}
			return s.number(i)
		}
	}
	return s.fail(i, "expected a value")
}

// object scans the object whose brace is at i.
func (s *scanner) object(i int) int {
	if s.depth++; s.depth > maxDepth {
		return s.fail(i, "it is nested too deep (512 levels are allowed)")
	}
	look := s.look
	isItem := s.depth == itemDepth && look != lookNot
	if isItem {
		s.seen.item = item{}
	}
	open := s.keys.open()
	i = s.space(i + 1)
	if i < len(s.b) && s.b[i] == '}' {
		if isItem {
			s.endItem()
		}
		s.depth--
		return i + 1
	}
	for {
		key, colon := s.key(i, open)
		if colon < 0 {
			return -1
		}
		i = s.space(colon + 1)
		if look != lookNot {
			s.note(key, i)
		}
		if s.count && i < len(s.b) && s.b[i] == '"' {
			i = s.prompted(key, i)
		} else {
			i = s.value(i)
		}
		if i < 0 {
			return -1
		}
		s.look = look
		i = s.space(i)
		if i < len(s.b) && s.b[i] == ',' {
			i = s.space(i + 1)
			continue
		}
		if i < len(s.b) && s.b[i] == '}' {
			if isItem {
				s.endItem()
			}
			s.keys.close(open)
			s.depth--
			return i + 1
		}
		return s.fail(i, "expected ',' or '}' behind an object's member")
	}
}

// key scans a member's key, which begins at i, and returns it without escapes with
// the index of the colon behind it. It is good until the next key.
func (s *scanner) key(i int, open frame) (key []byte, colon int) {
	if i >= len(s.b) || s.b[i] != '"' {
		return nil, s.fail(i, "expected a key in double quotes")
	}
	end, escaped := s.text(i)
	if end < 0 {
		return nil, -1
	}
	key = s.b[i+1 : end-1]
	if escaped {
		s.scratch = jsontext.AppendInner(s.scratch[:0], key)
		key = s.scratch
	}
	if !s.addKey(open, key, i) {
		s.fail(i, "")
		s.err.twice = clip(string(key), 64)
		return nil, -1
	}
	colon = s.space(end)
	if colon >= len(s.b) || s.b[colon] != ':' {
		return nil, s.fail(colon, "expected ':' behind a key")
	}
	return key, colon
}

// array scans the array whose bracket is at i.
func (s *scanner) array(i int) int {
	if s.depth++; s.depth > maxDepth {
		return s.fail(i, "it is nested too deep (512 levels are allowed)")
	}
	i = s.space(i + 1)
	if i < len(s.b) && s.b[i] == ']' {
		s.depth--
		return i + 1
	}
	for {
		if i = s.value(i); i < 0 {
			return -1
		}
		i = s.space(i)
		if i < len(s.b) && s.b[i] == ',' {
			i = s.space(i + 1)
			continue
		}
		if i < len(s.b) && s.b[i] == ']' {
			s.depth--
			return i + 1
		}
		return s.fail(i, "expected ',' or ']' behind an array's element")
	}
}

// word scans one of the literals.
func (s *scanner) word(i int, word string) int {
	if len(s.b)-i >= len(word) && string(s.b[i:i+len(word)]) == word {
		return i + len(word)
	}
	return s.fail(i, "expected "+word)
}

// number scans the number that begins at i.
func (s *scanner) number(i int) int {
	end, wrong := jsontext.Number(s.b, i)
	if wrong != nil {
		return s.fail(wrong.At, wrong.What)
	}
	return end
}

// text scans the string whose quote is at i. It returns the index behind its closing
// quote, and whether it has escapes.
func (s *scanner) text(i int) (end int, escaped bool) {
	end, escaped, wrong := jsontext.String(s.b, i)
	if wrong != nil {
		return s.fail(wrong.At, wrong.What), escaped
	}
	return end, escaped
}

// syntaxError says where a body stops to be JSON, and why.
type syntaxError struct {
	at    int // byte offset
	what  string
	twice string // the key that came twice, when that is what is wrong
}

// found describes what is at the place of the error.
func (e *syntaxError) found(b []byte) string {
	if e.at >= len(b) {
		return "the end of the body"
	}
	r, size := utf8.DecodeRune(b[e.at:])
	if r == utf8.RuneError && size <= 1 {
		return "a byte that is not UTF-8"
	}
	return strconv.QuoteRune(r)
}
