package wire

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/jsontext"
)

// readFields reads the values that were noted into the Ask. The error is the first
// of a wrong type; the other values are read all the same.
func (q *Request) readFields(s *scanner) (err error) {
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	keep(q.readModel())
	var e error
	q.Stream, e = q.boolAt(FieldStream)
	keep(e)
	keep(q.readStreamOptions(s))
	keep(q.readBounds(s))
	if q.User, _ = q.stringAt(FieldUser); q.User == "" {
		q.User, _ = q.stringAt(FieldSafetyIdentifier)
	}
	q.User = clip(q.User, maxName)
	q.Affinity = q.affinity()
	keep(q.readPicture())
	return err
}

// maxKind is the longest size or quality that is kept, in bytes; none that has a price of
// its own is nearly as long.
const maxKind = 32

// readPicture reads what kind of picture the body asks for.
func (q *Request) readPicture() error {
	if !q.route.rule.Pictures {
		return nil
	}
	size, err := q.stringAt(FieldSize)
	quality, e := q.stringAt(FieldQuality)
	q.Picture = pictureKind(quality, size)
	return cmp.Or(err, e)
}

// pictureKind returns Ask.Picture.
func pictureKind(quality, size string) string {
	if quality == "" && size == "" {
		return ""
	}
	return strings.ToLower(clip(quality, maxKind) + "/" + clip(size, maxKind))
}

// Characters returns how many characters the text in the body's input has. Where there is
// none it is a bound: no character is less than a byte.
func (q *Request) Characters() int64 {
	if !q.Peeked() {
		return max(q.BodyBytes, 0)
	}
	raw := q.at(FieldInput)
	if len(raw) < 2 || raw[0] != '"' {
		return q.BodyBytes
	}
	return int64(utf8.RuneCountInString(jsontext.Unquote(raw[1 : len(raw)-1])))
}

// readModel reads the model's name where the body says it. Where the path does, or no
// model reads the body, the body's may be anything.
func (q *Request) readModel() error {
	if q.route.pathModel || !q.route.names {
		return nil
	}
	name, err := q.stringAt(FieldModel)
	if len(name) > maxName {
		name, err = clip(name, maxName), wrongType(FieldModel, "a string of at most 256 bytes")
	}
	q.Model = name
	return err
}

// readStreamOptions reads whether the body asks for the usage chunk.
func (q *Request) readStreamOptions(s *scanner) error {
	at := q.peek.spans[FieldStreamOptions]
	raw := q.at(FieldStreamOptions)
	switch {
	case at.to == 0:
		return nil
	case raw == nil:
		q.peek.usage = usageNoOptions
		return nil
	case raw[0] != '{':
		q.peek.usage = usageSaid // nobody knows what it says: it is not ours to mend
		return wrongType(FieldStreamOptions, "an object")
	}
	value, members := s.member(int(at.from), "include_usage")
	q.peek.usageAt = value
	switch {
	case members == 0:
		q.peek.usage = usageNoOptions
	case value.to == 0:
		q.peek.usage = usageOtherOptions
	default:
		q.peek.usage = usageSaid
		switch string(s.b[value.from:value.to]) {
		case "true":
			q.StreamUsage = true
		case "false":
			q.peek.usage = usageRefused
		case "null":
			q.peek.usage = usageNull
		default:
			e := wrongType(FieldStreamOptions, "")
			e.Param, e.Message = "stream_options.include_usage", `The field "stream_options.include_usage" must be true or false.`
			return e
		}
	}
	return nil
}

// member finds a member of the object at i, which was scanned before, and counts
// them all.
func (s *scanner) member(i int, name string) (value span, members int) {
	s.keys.reset()
	open := s.keys.open()
	i = s.space(i + 1)
	for s.b[i] == '"' {
		key, colon := s.key(i, open)
		found := string(key) == name
		from := s.space(colon + 1)
		i = s.value(from)
		if members++; found {
			value = span{int32(from), int32(i)}
		}
		if i = s.space(i); s.b[i] == ',' {
			i = s.space(i + 1)
		}
	}
	return value, members
}

// at returns a field's value as it stands; nil when it is absent or null.
func (q *Request) at(f Field) []byte {
	at := q.peek.spans[f]
	if at.to == 0 || q.body.b[at.from] == 'n' {
		return nil
	}
	return q.body.b[at.from:at.to]
}

// stringAt returns a field that is a string; empty when it is absent.
func (q *Request) stringAt(f Field) (string, error) {
	raw := q.at(f)
	if raw == nil {
		return "", nil
	}
	if raw[0] != '"' {
		return "", wrongType(f, "a string")
	}
	return jsontext.Unquote(raw[1 : len(raw)-1]), nil
}

// boolAt returns a field that is true or false; false when it is absent.
func (q *Request) boolAt(f Field) (bool, error) {
	switch raw := q.at(f); string(raw) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	return false, wrongType(f, "true or false")
}

func wrongType(f Field, want string) *tallygate.Error {
	return &tallygate.Error{
		Kind: tallygate.BadRequest, Param: fieldNames[f],
		Message: fmt.Sprintf("The field %q must be %s.", fieldNames[f], want),
	}
}

// affinity returns Ask.Affinity for the body.
func (q *Request) affinity() uint64 {
	if key := q.at(FieldPromptCacheKey); len(key) > 2 && key[0] == '"' {
		return affinity(1, key)
	}
	for _, f := range [...]Field{FieldMessages, FieldInput, FieldPrompt} {
		if raw := q.at(f); raw != nil {
			return affinity(2, raw[:min(len(raw), affinityBytes)])
		}
	}
	return 0
}
