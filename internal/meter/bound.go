package meter

import "github.com/tallygate/tallygate"

// PromptBound bounds the prompt tokens of a request's JSON body from above, whatever
// is in it that Prompt does not know: every string and key counts in the model's
// encoding, and the structure around each with more than the service's formats add.
// Pictures must not be in it. The time is linear, however deep the body is nested.
func (m *Meter) PromptBound(op tallygate.Operation, base string, body []byte) int64 {
	p := prompt{encoding: m.encoding(base)}
	switch {
	case p.encoding == nil:
		return int64(len(body)) // no token is less than a byte
	case op == tallygate.Completions, op == tallygate.Embeddings:
		return m.Prompt(op, base, body) // their prompts are all there is, many of them as tokens
	}
	p.everything(body)
	return p.tokens
}

// structure is what a value of the body adds beside its text: no format adds more.
const structure = 3

// everything adds all that is in a JSON text.
func (p *prompt) everything(raw []byte) {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			end := skipString(raw, i)
			if end < 0 {
				return
			}
			p.string(raw[i:end])
			i = end
		case c == '{' || c == '[' || c == ',':
			p.tokens += structure
			i++
		case scalar(c):
			p.tokens++
			i++
		default:
			i++
		}
	}
}
