package wire

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tallygate/tallygate"
)

// Field is a member of a JSON body that matters here.
type Field uint8

// The fields, by the names that fieldNames has. FieldNone is all others.
const (
	FieldNone Field = iota
	FieldModel
	FieldStream
	FieldStreamOptions
	FieldMaxTokens
	FieldMaxCompletionTokens
	FieldMaxOutputTokens
	FieldN
	FieldBestOf
	FieldUser
	FieldSafetyIdentifier
	FieldPromptCacheKey
	FieldDataSources
	FieldSize // of pictures, and so is quality; elsewhere they mean nothing
	FieldQuality
	FieldMessages // the first of the prompt's
	FieldInput
	FieldPrompt
	FieldInstructions
	FieldTools // the last of them
	fields
)

// fieldNames are the fields as the body has them.
var fieldNames = [fields]string{
	"", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of",
	"user", "safety_identifier", "prompt_cache_key", "data_sources", "size", "quality", "messages", "input", "prompt", "instructions",
	"tools",
}

// fieldOf returns the field of that name.
func fieldOf(key []byte) Field {
	switch string(key) {
	case "model":
		return FieldModel
	case "stream":
		return FieldStream
	case "stream_options":
		return FieldStreamOptions
	case "max_tokens":
		return FieldMaxTokens
	case "max_completion_tokens":
		return FieldMaxCompletionTokens
	case "max_output_tokens":
		return FieldMaxOutputTokens
	case "n":
		return FieldN
	case "best_of":
		return FieldBestOf
	case "user":
		return FieldUser
	case "safety_identifier":
		return FieldSafetyIdentifier
	case "prompt_cache_key":
		return FieldPromptCacheKey
	case "data_sources", "dataSources": // the latter in extensions/chat/completions
		return FieldDataSources
	case "size":
		return FieldSize
	case "quality":
		return FieldQuality
	case "messages":
		return FieldMessages
	case "input":
		return FieldInput
	case "prompt":
		return FieldPrompt
	case "instructions":
		return FieldInstructions
	case "tools":
		return FieldTools
	}
	return FieldNone
}

// isPrompt reports whether the field is part of what the model reads.
func (f Field) isPrompt() bool {
	return f >= FieldMessages && f <= FieldTools
}

// span is a value's place in the body; to is 0 when there is none.
type span struct{ from, to int32 }

// usage is what the body says about stream_options.include_usage.
type usage uint8

const (
	usageUnsaid       usage = iota // there are no stream_options
	usageNoOptions                 // stream_options are null or empty
	usageOtherOptions              // stream_options have other members only
	usageNull                      // include_usage is null, which counts as unsaid
	usageRefused                   // include_usage is false
	usageSaid                      // it is true, or nobody knows what it says
)

// peek is what was seen of a JSON body.
type peek struct {
	spans   [fields]span
	open    int32 // behind the opening brace
	members bool  // the object has any
	object  bool
	chars   int64
	files   int64 // pictures in data URLs, and their bytes
	binary  int64
	refers  bool // something is elsewhere
	later   bool // it is to be worked on in the background
	guesses bool // it foretells its answer: what of that is wrong is billed, and not shown
	// tier is how it asks to be served before others, at a price of its own; empty when it
	// does not.
	tier string
	// misspelt is a key that is a field's name in other letters.
	misspelt string
	usage    usage
	usageAt  span // of include_usage's value
}

// look checks the JSON body and fills the Ask from it.
func (q *Request) look() error {
	s := newScanner(q.body.b)
	defer s.close()
	if err := q.scan(s); err != nil {
		return err
	}
	q.peek.chars, q.peek.files, q.peek.binary = s.chars, s.files, s.binary
	q.peek.refers = q.peek.refers || s.refers
	q.Refers, q.Reach, q.Background = s.seen.refers, s.seen.reach, q.Later()
	strict := q.route.rule.JSON
	if !q.peek.object {
		if strict {
			return badBody("The body must be a JSON object.")
		}
		return nil
	}
	err := q.readFields(s)
	switch {
	case !strict:
		return nil
	case q.peek.misspelt != "":
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Param: q.peek.misspelt,
			Message: fmt.Sprintf("The body has the key %q. Write it in lower case, or leave it out.", q.peek.misspelt),
		}
	case err != nil:
		return err
	case q.Model == "" && !q.route.rule.Unnamed:
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Param: "model",
			Message: `The body names no model. Add "model": the name of the deployment to ask.`,
		}
	}
	return nil
}

// scan goes over the body once, and notes where the fields are.
func (q *Request) scan(s *scanner) error {
	i := s.space(0)
	if i < len(s.b) && s.b[i] == '{' {
		q.peek.object = true
		i = q.scanTop(s, i)
	} else {
		i = s.value(i)
	}
	if i >= 0 {
		if i = s.space(i); i < len(s.b) {
			s.fail(i, "expected nothing more behind the value")
		}
	}
	if s.err != nil {
		return s.err.refusal(s.b)
	}
	return nil
}

// scanTop scans the outermost object, whose brace is at i.
func (q *Request) scanTop(s *scanner, i int) int {
	s.depth = 1
	open := s.keys.open()
	q.peek.open = int32(i + 1)
	i = s.space(i + 1)
	if i < len(s.b) && s.b[i] == '}' {
		return i + 1
	}
	q.peek.members = true
	for {
		key, colon := s.key(i, open)
		if colon < 0 {
			return -1
		}
		f := fieldOf(key)
		if f == FieldNone && q.misspelt(key) {
			q.peek.misspelt = string(key)
		}
		from := s.space(colon + 1)
		q.notePrice(s, s.folded(key), from)
		s.noteTop(key, from)
		s.count, s.field, s.look = f.isPrompt(), f, lookAt(key, f)
		if i = s.value(from); i < 0 {
			return -1
		}
		s.count, s.look = false, lookNot
		q.peek.spans[f] = span{int32(from), int32(i)}
		i = s.space(i)
		if i < len(s.b) && s.b[i] == ',' {
			i = s.space(i + 1)
			continue
		}
		if i < len(s.b) && s.b[i] == '}' {
			return i + 1
		}
		return s.fail(i, "expected ',' or '}' behind an object's member")
	}
}

// notePrice notes a member of the body itself that makes the request dearer, or longer,
// than it looks. Of two that a service may take for one, either does.
func (q *Request) notePrice(s *scanner, key []byte, i int) {
	if i >= len(s.b) || s.b[i] == 'n' {
		return
	}
	q.peek.refers = q.peek.refers || s.refersAt(key, i)
	switch string(key) {
	case "background":
		q.peek.later = q.peek.later || s.b[i] != 'f'
	case "prediction":
		q.peek.guesses = true
	case "service_tier":
		tier := "?"
		if end := bytes.IndexByte(s.b[i+1:], '"'); s.b[i] == '"' && end >= 0 {
			tier = clip(string(s.b[i+1:i+1+end]), maxKind)
		}
		switch tier {
		case "auto", "default", "standard", "flex": // as the deployment is, or cheaper
		default:
			q.peek.tier = tier
		}
	}
}

// misspelt reports whether a key is a field's name but for the letters' case. A
// service that does not mind the case would read what was not looked at here.
func (q *Request) misspelt(key []byte) bool {
	if !hasUpper(key) {
		return false
	}
	pictures := q.route.rule != nil && q.route.rule.Pictures
	for f := FieldModel; f < fields; f++ {
		if (f == FieldSize || f == FieldQuality) && !pictures {
			continue
		}
		if len(key) == len(fieldNames[f]) && strings.EqualFold(string(key), fieldNames[f]) {
			return true
		}
	}
	return false
}

// refusal tells the caller where the body is at fault.
func (e *syntaxError) refusal(b []byte) error {
	place := fmt.Sprintf("at offset %d", e.at)
	if lines := bytes.Count(b[:min(e.at, len(b))], []byte{'\n'}); lines > 0 {
		column := e.at - bytes.LastIndexByte(b[:min(e.at, len(b))], '\n')
		place = fmt.Sprintf("in line %d, column %d", lines+1, column)
	}
	if e.twice != "" {
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Param: e.twice,
			Message: fmt.Sprintf("The body has the key %q twice in one object, again %s. Give it once.", e.twice, place),
		}
	}
	return badBody(fmt.Sprintf("The body is not valid JSON: %s %s, found %s.", e.what, place, e.found(b)))
}
