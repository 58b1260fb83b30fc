package wire

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// Edits are the changes to a body that the gateway wants for itself. The model's
// name is not among them: it follows from the deployment.
type Edits struct {
	// IncludeUsage asks for the usage chunk of a stream
	// (stream_options.include_usage). It is done only if CanIncludeUsage.
	IncludeUsage bool
	// MaxTokens caps the tokens of each completion: a bound in the body that is
	// larger becomes MaxTokens, and a body that has none gets it. It is done only
	// if CanCap; 0 leaves the body's bounds alone.
	MaxTokens int64
	// Reasoning says that the model is one that reasons. Those refuse max_tokens in
	// a chat, so a bound that the body lacks is max_completion_tokens there.
	Reasoning bool
	// Other writes a bound that the body lacks under the operation's other name. It is
	// done only if CanRespell.
	Other bool
}

// Body returns what to send to a deployment. The model's name in the body becomes
// the deployment's where the body is what names it, and the edits are made; every
// other byte is the request's own. An empty deployment leaves the name alone.
func (q *Request) Body(deployment string, e Edits) Body {
	b := Body{buf: q.body, source: q.source}
	if q.body == nil {
		return b
	}
	b.length = q.body.size()
	if q.source != nil {
		b.length = q.source.r.ContentLength
	}
	if q.opaque {
		if q.form != nil && deployment != "" {
			q.nameFormModel(&b, deployment)
		}
		return b
	}
	if e.IncludeUsage && q.CanIncludeUsage() {
		q.includeUsage(&b)
	}
	if e.MaxTokens > 0 && q.CanCap() {
		q.capTokens(&b, e)
	}
	if deployment != "" {
		q.nameModel(&b, deployment)
	}
	if !q.peek.members && b.n > 0 { // all are members of an empty object
		b.splices[b.n-1].by.to-- // the comma
	}
	slices.SortStableFunc(b.splices[:b.n], func(a, b splice) int { return int(a.at.from - b.at.from) })
	for _, s := range b.splices[:b.n] {
		b.length += int64(s.by.to-s.by.from) - int64(s.at.to-s.at.from)
	}
	return b
}

// nameModel makes the body name the deployment, if it is the body that does.
func (q *Request) nameModel(b *Body, deployment string) {
	if q.route.form == formDeployment || !q.route.pathModel && q.Model == "" {
		return
	}
	model := q.peek.spans[FieldModel]
	switch {
	case model.to == 0 && q.route.pathModel:
		b.write(`"model":`)
		b.quote(deployment)
		b.write(",")
		b.splice(q.peek.top())
	case model.to > 0 && (q.route.pathModel || q.Written() != deployment):
		b.quote(deployment)
		b.splice(model)
	}
}

// nameFormModel makes the form name the deployment, if it is the form that does.
func (q *Request) nameFormModel(b *Body, deployment string) {
	at := q.form.model
	if at.to == 0 || q.route.form == formDeployment || q.Written() == deployment {
		return
	}
	b.write(deployment)
	b.splice(at)
	if b.length >= 0 {
		b.length += int64(len(deployment)) - int64(at.to-at.from)
	}
}

// includeUsage makes the body ask for the usage chunk.
func (q *Request) includeUsage(b *Body) {
	const yes = `"include_usage":true`
	b.edited(FieldStreamOptions)
	options := q.peek.spans[FieldStreamOptions]
	switch q.peek.usage {
	case usageNull, usageRefused:
		b.write("true")
		b.splice(q.peek.usageAt)
	case usageOtherOptions:
		b.write(yes + ",")
		b.splice(span{options.from + 1, options.from + 1})
	case usageNoOptions:
		b.write("{" + yes + "}")
		b.splice(options)
	default:
		b.write(`"stream_options":{` + yes + "},")
		b.splice(q.peek.top())
	}
}

// capTokens makes the body ask for no more than e.MaxTokens a completion. A null is
// no bound, and becomes one only where there is no other: the service takes two of
// them for a contradiction.
func (q *Request) capTokens(b *Body, e Edits) {
	bounds := q.route.rule.Bounds
	said := false
	for _, f := range bounds {
		if raw := q.at(f); raw != nil {
			said = true
			if n, _ := whole(raw); n > e.MaxTokens {
				b.number(e.MaxTokens)
				b.splice(q.peek.spans[f])
			}
		}
	}
	if said {
		return
	}
	f := q.boundTo(bounds, e)
	b.edited(f)
	if null := q.peek.spans[f]; null.to > 0 {
		b.number(e.MaxTokens)
		b.splice(null)
		return
	}
	b.write(`"`)
	b.write(fieldNames[f])
	b.write(`":`)
	b.number(e.MaxTokens)
	b.write(",")
	b.splice(q.peek.top())
}

// boundTo returns the field that gets a bound which the body lacks: where the body has a
// null, if the model takes that one, else the operation's usual name; or the other one.
func (q *Request) boundTo(bounds []Field, e Edits) Field {
	first, last := bounds[0], bounds[len(bounds)-1]
	usual, other := first, last
	if e.Reasoning || q.peek.spans[first].to == 0 && q.peek.spans[last].to > 0 {
		usual, other = last, first
	}
	if e.Other {
		return other
	}
	return usual
}

// top is the place of new members, which end in a comma: behind the opening brace.
func (p *peek) top() span { return span{p.open, p.open} }

// room returns the text to append the next splice's to.
func (b *Body) room() []byte {
	if b.text == nil {
		b.text = make([]byte, 0, 128) // for all of them, unless the deployment's name is long
	}
	return b.text
}

func (b *Body) write(text string) { b.text = append(b.room(), text...) }

func (b *Body) number(n int64) { b.text = strconv.AppendInt(b.room(), n, 10) }

func (b *Body) quote(s string) { b.text = appendQuoted(b.room(), s) }

// splice replaces the bytes at a place by the text added since the last splice.
func (b *Body) splice(at span) {
	begin := int32(0)
	if b.n > 0 {
		begin = b.splices[b.n-1].by.to
	}
	b.splices[b.n] = splice{at: at, by: span{begin, int32(len(b.text))}}
	b.n++
}

// appendQuoted appends s as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
