package wire

import (
	"slices"
	"unicode/utf8"
)

// Edits are the changes to a body that the gateway wants for itself. The model's
// name is not among them: it follows from the deployment.
type Edits struct {
	// IncludeUsage asks for the usage chunk of a stream
	// (stream_options.include_usage). It is done only if CanIncludeUsage.
	IncludeUsage bool
}

// Body returns what to send to a deployment. The model's name in the body becomes
// the deployment's where the body is what names it, and the edits are made; every
// other byte is the request's own. An empty deployment leaves the name alone.
func (q *Request) Body(deployment string, e Edits) Body {
	b := Body{buf: q.body, source: q.source}
	switch {
	case q.source != nil:
		b.length = q.source.length
		return b
	case q.body == nil:
		return b
	case q.opaque:
		b.length = int64(len(q.body.b))
		return b
	}
	insert := "" // behind the opening brace
	if e.IncludeUsage && q.CanIncludeUsage() {
		insert = q.includeUsage(&b)
	}
	if deployment != "" && q.route.form != formDeployment && (q.route.pathModel || q.Model != "") {
		model := q.peek.spans[fieldModel]
		switch {
		case model.to == 0 && q.route.pathModel:
			insert = join(insert, `"model":`+quote(deployment))
		case model.to > 0 && (q.route.pathModel || q.Model != deployment):
			b.splice(model.from, model.to, quote(deployment))
		}
	}
	if insert != "" {
		if q.peek.members {
			insert += ","
		}
		b.splice(q.peek.open, q.peek.open, insert)
	}
	slices.SortFunc(b.splices[:b.n], func(a, b splice) int { return int(a.from - b.from) })
	b.length = int64(len(q.body.b))
	for _, s := range b.splices[:b.n] {
		b.length += int64(len(s.text)) - int64(s.to-s.from)
	}
	return b
}

// includeUsage makes the body ask for the usage chunk: by a splice, or by the
// member that it returns.
func (q *Request) includeUsage(b *Body) (insert string) {
	const yes = `"include_usage":true`
	options := q.peek.spans[fieldStreamOptions]
	switch q.peek.usage {
	case usageNull:
		b.splice(q.peek.usageAt.from, q.peek.usageAt.to, "true")
	case usageOtherOptions:
		b.splice(options.from+1, options.from+1, yes+",")
	case usageNoOptions:
		b.splice(options.from, options.to, "{"+yes+"}")
	default:
		return `"stream_options":{` + yes + "}"
	}
	return ""
}

func (b *Body) splice(from, to int32, text string) {
	b.splices[b.n] = splice{from, to, text}
	b.n++
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "," + b
}

// quote returns s as a JSON string.
func quote(s string) string {
	const hex = "0123456789abcdef"
	out := append(make([]byte, 0, len(s)+2), '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return string(append(out, '"'))
}
