package meter

import (
	"bytes"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// PromptBound bounds the prompt tokens of a request's JSON body from above, whatever
// is in it that Prompt does not know: every string and key counts in the model's
// encoding, and the structure around each with more than the service's formats add.
// Pictures must not be in it. The time is linear, however deep the body is nested.
//
// With most over 0 the count stops soon after it: the result is then some number over
// most, and no bound.
func (m *Meter) PromptBound(api API, base string, body []byte, most int64) int64 {
	p := prompt{encoding: m.encoding(base), most: most}
	switch {
	case p.encoding == nil:
		return int64(len(body)) // no token is less than a byte
	case api == Text, api == Vectors:
		p.inputs(api, body) // their prompts are all there is, many of them as tokens
		return p.tokens
	}
	p.everything(body)
	return p.tokens
}

// enough reports whether the count may stop.
func (p *prompt) enough() bool { return p.most > 0 && p.tokens > p.most }

// textPiece is how much of a long text is counted before a look at the sum, in bytes.
const textPiece = 32 << 10

// long adds a long JSON string piece by piece, for as long as it takes.
func (p *prompt) long(raw []byte) {
	c := p.encoding.NewCounter()
	before := p.tokens
	for raw = raw[1 : len(raw)-1]; len(raw) > 0 && !p.enough(); {
		n := cutText(raw, textPiece)
		p.scratch = jsontext.AppendInner(p.scratch[:0], raw[:n])
		raw = raw[n:]
		_, _ = c.Write(p.scratch)
		p.tokens = before + int64(c.Count())
	}
}

// cutText returns where to cut what is between the quotes of a JSON string: near n, and
// not within an escape.
func cutText(raw []byte, n int) int {
	if len(raw) <= n {
		return len(raw)
	}
	i := 0
	for i < n {
		slash := bytes.IndexByte(raw[i:n], '\\')
		if slash < 0 {
			return n
		}
		if i += slash + 2; i <= len(raw) && raw[i-1] == 'u' {
			i += 4
		}
	}
	return min(i, len(raw))
}

// structure is what a value of the body adds beside its text: no format adds more.
const structure = 3

// everything adds all that is in a JSON text.
func (p *prompt) everything(raw []byte) {
	for i := 0; i < len(raw) && !p.enough(); {
		switch c := raw[i]; {
		case c == '"':
			end := jsontext.SkipString(raw, i)
			if end < 0 {
				return
			}
			p.string(raw[i:end])
			i = end
		case c == '{' || c == '[' || c == ',':
			p.tokens += structure
			i++
		case jsontext.Scalar(c):
			p.tokens++
			i++
		default:
			i++
		}
	}
}
