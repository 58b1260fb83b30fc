package simulator

import "strconv"

// pieces yields an answer's deltas: its text by the piece, or its calls.
type pieces struct {
	legacy bool // function_call in place of tool_calls
	answer *answer
	rest   string
	key    string // of the delta: content or refusal
	call   int    // the tool call at hand; opened says that its name was sent
	opened bool
	buf    []byte
	taken  int // deltas that were sent
	// cost is the tokens of the delta that next returned last.
	cost int64
}

func newPieces(q *chatRequest, a *answer) pieces {
	p := pieces{legacy: q.functions, answer: a, rest: a.text, key: "content"}
	if a.refusal != "" {
		p.rest, p.key = a.refusal, "refusal"
	}
	return p
}

// next returns the next delta as JSON and its text. The JSON is valid until the
// next call.
func (p *pieces) next() (delta []byte, text string, ok bool) {
	if len(p.answer.calls) > 0 {
		return p.nextCall()
	}
	if p.rest == "" {
		return nil, "", false
	}
	text = p.cut()
	p.buf = append(append(append(p.buf[:0], `{"`...), p.key...), `":`...)
	p.buf = append(appendString(p.buf, text), '}')
	return p.buf, text, true
}

// cut takes the next piece of text.
func (p *pieces) cut() string {
	n := piece(p.rest)
	text := p.rest[:n]
	p.rest, p.cost = p.rest[n:], 1
	return text
}

// nextCall returns a call's name first and then its arguments in fragments.
func (p *pieces) nextCall() ([]byte, string, bool) {
	if p.opened && p.rest == "" {
		p.call, p.opened = p.call+1, false
	}
	if p.call >= len(p.answer.calls) || p.legacy && p.call > 0 {
		return nil, "", false
	}
	t := p.answer.calls[p.call]
	if !p.opened {
		p.opened, p.rest, p.cost = true, t.args, countPieces(t.name)
		return p.function(t, true, ""), "", true
	}
	return p.function(t, false, p.cut()), "", true
}

// function is the delta for a part of a call.
func (p *pieces) function(t toolCall, first bool, args string) []byte {
	b := p.buf[:0]
	if p.legacy {
		b = append(b, `{"function_call":{`...)
	} else {
		b = append(append(b, `{"tool_calls":[{"index":`...), strconv.Itoa(p.call)...)
		if first {
			b = append(b, `,"id":"`+t.id+`","type":"function"`...)
		}
		b = append(b, `,"function":{`...)
	}
	if first {
		b = append(appendString(append(b, `"name":`...), t.name), ',')
	}
	b = append(appendString(append(b, `"arguments":`...), args), '}')
	if !p.legacy {
		b = append(b, "}]"...)
	}
	p.buf = append(b, '}')
	return p.buf
}
