package meter

import (
	"bytes"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// tap reads a JSON text that comes in pieces of any size and keeps the few values
// that metering needs, in constant memory: of an embeddings answer of 20 MB it
// holds the usage object and nothing else. It never fails; in what is not JSON it
// finds little. The zero value is ready for one text; reset makes it so again.
type tap struct {
	found [fields]capture
	place
}

// place is where a tap is in its text.
type place struct {
	// Brackets on the way to what is wanted are levels, each with
	// its node; those inside any other value are only counted, in skip.
	level, skip int
	path        [maxLevel]node
	choice      int   // elements begun of choices
	colon       bool  // in an object: behind the key
	into        field // what takes the value being read

	// The token it is in the midst of, if any.
	in     token
	escape bool // in a string: behind a backslash
	key    [48]byte
	keyLen int // over len(key) when the key is longer than any that is wanted
}

// field is a value that is kept.
type field uint8

const (
	none field = iota
	fID
	fModel
	fType
	fStatus
	fUsage
	fError
	fFinish
	fIncomplete
	fCode
	fMessage
	fSequence
	fDuration
	fields
)

// node is a place in the document.
type node uint8

const (
	nRoot     node = iota // the document, an object
	nResponse             // .response, an object
	nChoices              // .choices, an array
	nChoice               // .choices[0], an object
)

const maxLevel = 3

// token is a piece of JSON that can be split between two reads.
type token uint8

const (
	outside token = iota
	inKey
	inString
	inScalar
)

// capture is the raw JSON of a value; one over maxCapture bytes is not kept.
type capture struct {
	raw  []byte
	over bool
}

const maxCapture = 16 << 10

// reset makes the tap ready for another text. It keeps its buffers.
func (t *tap) reset() {
	for i := range t.found {
		t.found[i].raw, t.found[i].over = t.found[i].raw[:0], false
	}
	t.place = place{}
}

// value returns the raw JSON of a field, nil when it did not come, or not whole.
// It is valid until reset.
func (t *tap) value(f field) []byte {
	c := &t.found[f]
	if c.over || len(c.raw) == 0 || t.into == f {
		return nil
	}
	return c.raw
}

// feed reads the next piece.
func (t *tap) feed(p []byte) {
	for len(p) > 0 {
		var n int
		switch {
		case t.in == inKey || t.in == inString:
			n = t.string(p)
		case t.skip > 0:
			n = t.nested(p)
		case t.in == inScalar:
			n = t.scalar(p)
		default:
			n = t.structure(p)
		}
		p = p[n:]
	}
}

// string goes on in a string, to its end or to the end of p.
func (t *tap) string(p []byte) int {
	if t.escape {
		t.escape = false
		t.keep(p[:1])
		return 1
	}
	n := bytes.IndexByte(p, '"')
	s := p
	if n >= 0 {
		s = p[:n]
	}
	if slash := bytes.IndexByte(s, '\\'); slash >= 0 {
		t.escape = true
		t.keep(s[:slash+1])
		return slash + 1
	}
	if n < 0 {
		t.keep(s)
		return len(p)
	}
	if t.in == inKey {
		t.keep(s)
		t.in = outside
		return n + 1
	}
	t.keep(p[:n+1])
	t.in = outside
	if t.skip == 0 {
		t.into = none
	}
	return n + 1
}

// structural marks the bytes that matter inside a value that is skipped.
var structural = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true}

// nested goes on inside an object or array that is not descended into, to the
// next string or to its end.
func (t *tap) nested(p []byte) int {
	for i, c := range p {
		if !structural[c] {
			continue
		}
		switch c {
		case '"':
			t.in = inString
		case '{', '[':
			t.skip++
			continue
		default:
			if t.skip--; t.skip > 0 {
				continue
			}
		}
		t.keep(p[:i+1])
		if t.skip == 0 {
			t.into = none
		}
		return i + 1
	}
	t.keep(p)
	return len(p)
}

// scalar goes on in a number or a literal.
func (t *tap) scalar(p []byte) int {
	n := 0
	for n < len(p) && jsontext.Scalar(p[n]) {
		n++
	}
	t.keep(p[:n])
	if n < len(p) {
		t.in, t.into = outside, none
	}
	return n
}

// structure reads one byte between the tokens of an object or array on the way
// to what is wanted.
func (t *tap) structure(p []byte) int {
	c := p[0]
	switch c {
	case ' ', '\n', '\r', '\t':
	case ',':
		t.colon = false
	case ':':
		t.colon = true
	case '}', ']':
		t.level = max(0, t.level-1)
		t.colon = true // behind the value that ended
	case '"':
		if t.level > 0 && t.path[t.level-1] != nChoices && !t.colon {
			t.in, t.keyLen = inKey, 0
			break
		}
		t.begin(c)
		t.in = inString
		t.keep(p[:1])
	case '{', '[':
		if t.begin(c) {
			t.colon = false
			break
		}
		t.skip = 1
		t.keep(p[:1])
	default:
		if jsontext.Scalar(c) {
			t.begin(c)
			t.in = inScalar
		} // anything else is no JSON
	}
	if t.in == inScalar {
		return t.scalar(p)
	}
	return 1
}

// begin decides what becomes of the value that begins with c: it is entered (and
// begin returns true), kept, or skipped.
func (t *tap) begin(c byte) bool {
	if t.level == 0 {
		return c == '{' && t.enter(nRoot)
	}
	at := t.path[t.level-1]
	if at == nChoices {
		t.choice++
		return c == '{' && t.choice == 1 && t.enter(nChoice)
	}
	if t.keyLen > len(t.key) {
		return false
	}
	key := t.key[:t.keyLen]
	if bytes.IndexByte(key, '\\') >= 0 {
		key = unescape(key)
	}
	if at == nRoot {
		switch {
		case c == '{' && string(key) == "response":
			return t.enter(nResponse)
		case c == '[' && string(key) == "choices":
			t.choice = 0
			return t.enter(nChoices)
		}
	}
	if t.into = wanted(at, key); t.into != none {
		t.found[t.into] = capture{raw: t.found[t.into].raw[:0]}
	}
	return false
}

// unescape returns the contents of a string that lacks its quotes.
func unescape(inner []byte) []byte {
	return jsontext.AppendText(nil, append(append([]byte{'"'}, inner...), '"'))
}

// enter goes one level down.
func (t *tap) enter(n node) bool {
	t.path[t.level] = n
	t.level++
	return true
}

// wanted returns the field that keeps the member key of the object at a node.
func wanted(at node, key []byte) field {
	if at == nChoice {
		if string(key) == "finish_reason" {
			return fFinish
		}
		return none
	}
	switch string(key) {
	case "id":
		return fID
	case "model":
		return fModel
	case "status":
		return fStatus
	case "usage":
		return fUsage
	case "error":
		return fError
	case "incomplete_details":
		return fIncomplete
	}
	if at != nRoot {
		return none
	}
	switch string(key) {
	case "type":
		return fType
	case "code":
		return fCode
	case "message":
		return fMessage
	case "sequence_number":
		return fSequence
	case "duration":
		return fDuration
	}
	return none
}

// keep adds p to what is being read.
func (t *tap) keep(p []byte) {
	if t.in == inKey {
		if t.keyLen+len(p) <= len(t.key) {
			copy(t.key[t.keyLen:], p)
		}
		t.keyLen = min(t.keyLen+len(p), len(t.key)+1)
		return
	}
	if t.into == none {
		return
	}
	c := &t.found[t.into]
	if c.over || len(c.raw)+len(p) > maxCapture {
		c.over = true
		return
	}
	c.raw = append(c.raw, p...)
}
