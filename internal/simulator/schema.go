package simulator

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// filler makes a JSON value that a JSON schema allows, as far as schemas of function
// arguments and structured outputs go. It never fails: what it does not understand
// becomes a string.
type filler struct {
	rng    *rand.Rand
	topics []string
	root   map[string]any
	budget int // of values, so that a schema cannot ask for endless ones
	out    []byte
}

// fillSchema returns a JSON value for a schema, words of the topics in its strings.
func fillSchema(rng *rand.Rand, topics []string, schema json.RawMessage) string {
	f := &filler{rng: rng, topics: topics, budget: 2000}
	var root any
	if json.Unmarshal(schema, &root) != nil {
		root = nil
	}
	f.root, _ = root.(map[string]any)
	if f.root == nil {
		return "{}"
	}
	f.value(f.root, "", 0)
	return string(f.out)
}

// maxDepth bounds schemas that refer to themselves.
const maxDepth = 12

func (f *filler) value(s map[string]any, name string, depth int) {
	f.budget--
	s = f.resolve(s)
	if c, ok := s["const"]; ok {
		f.out = append(f.out, marshal(c)...)
		return
	}
	if enum, ok := s["enum"].([]any); ok && len(enum) > 0 {
		f.out = append(f.out, marshal(enum[f.rng.IntN(len(enum))])...)
		return
	}
	switch typeOf(s, depth >= maxDepth || f.budget < 0) {
	case "object":
		f.object(s, depth)
	case "array":
		f.array(s, name, depth)
	case "integer":
		f.out = strconv.AppendInt(f.out, int64(f.within(s)), 10)
	case "number":
		f.out = strconv.AppendFloat(f.out, f.within(s)+0.5, 'f', -1, 64)
	case "boolean":
		f.out = strconv.AppendBool(f.out, f.rng.IntN(2) == 0)
	case "null":
		f.out = append(f.out, "null"...)
	default:
		f.out = appendString(f.out, f.word(s, name))
	}
}

// resolve follows references and takes the first of a choice.
func (f *filler) resolve(s map[string]any) map[string]any {
	for range maxDepth {
		if ref, ok := s["$ref"].(string); ok {
			next := f.lookup(ref)
			if next == nil {
				return map[string]any{}
			}
			s = next
			continue
		}
		next := firstOf(s)
		if next == nil {
			return s
		}
		s = next
	}
	return map[string]any{}
}

func firstOf(s map[string]any) map[string]any {
	for _, key := range [...]string{"anyOf", "oneOf", "allOf"} {
		if list, ok := s[key].([]any); ok && len(list) > 0 {
			first, _ := list[0].(map[string]any)
			return first
		}
	}
	return nil
}

// lookup finds what a reference within the schema points to.
func (f *filler) lookup(ref string) map[string]any {
	at := f.root
	rest, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(rest, "/"), "/") {
		if step == "" {
			continue
		}
		if at, ok = at[step].(map[string]any); !ok {
			return nil
		}
	}
	return at
}

// typeOf is the schema's type; of several the first, or null where there is no room
// for more and null will do.
func typeOf(s map[string]any, last bool) string {
	switch t := s["type"].(type) {
	case string:
		return t
	case []any:
		if last && slices.Contains(t, any("null")) {
			return "null"
		}
		if len(t) > 0 {
			first, _ := t[0].(string)
			return first
		}
	}
	if _, ok := s["properties"]; ok {
		return "object"
	}
	if _, ok := s["items"]; ok {
		return "array"
	}
	return "string"
}

// object fills in every property, in the order of their names, or in the order of
// "required" where that names them.
func (f *filler) object(s map[string]any, depth int) {
	properties, _ := s["properties"].(map[string]any)
	var names []string
	required, _ := s["required"].([]any)
	for _, r := range required {
		if name, ok := r.(string); ok && properties[name] != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if depth < maxDepth && f.budget > 0 {
		var rest []string
		for name := range properties {
			if !slices.Contains(names, name) {
				rest = append(rest, name)
			}
		}
		slices.Sort(rest)
		names = append(names, rest...)
	}
	f.out = append(f.out, '{')
	for i, name := range names {
		if depth > 2*maxDepth || f.budget < -1000 {
			break
		}
		if i > 0 {
			f.out = append(f.out, ',')
		}
		f.out = append(appendString(f.out, name), ':')
		property, _ := properties[name].(map[string]any)
		f.value(property, name, depth+1)
	}
	f.out = append(f.out, '}')
}

func (f *filler) array(s map[string]any, name string, depth int) {
	items, _ := s["items"].(map[string]any)
	n := 1 + f.rng.IntN(3)
	if low, ok := s["minItems"].(float64); ok {
		n = max(n, int(min(low, 100)))
	}
	if high, ok := s["maxItems"].(float64); ok {
		n = min(n, int(max(high, 0)))
	}
	if depth >= maxDepth || f.budget < 0 {
		n = 0
	}
	f.out = append(f.out, '[')
	for i := range n {
		if i > 0 {
			f.out = append(f.out, ',')
		}
		f.value(items, strings.TrimSuffix(name, "s"), depth+1)
	}
	f.out = append(f.out, ']')
}

// within is a whole number that the schema's bounds allow.
func (f *filler) within(s map[string]any) float64 {
	low, hasLow := s["minimum"].(float64)
	high, hasHigh := s["maximum"].(float64)
	switch {
	case !hasLow && hasHigh:
		low = min(0, high)
	case hasLow && !hasHigh, !hasLow:
		high = low + 100
	}
	if span := high - low; span >= 1 && span < 1e9 {
		return low + float64(f.rng.IntN(int(span)))
	}
	return max(-1e15, min(low, 1e15))
}

// word is a string that suits the property's name or format.
func (f *filler) word(s map[string]any, name string) string {
	topic := f.topics[f.rng.IntN(len(f.topics))]
	format, _ := s["format"].(string)
	switch format {
	case "date":
		return "2026-01-15"
	case "date-time":
		return "2026-01-15T09:30:00Z"
	case "time":
		return "09:30:00Z"
	case "email":
		return "person@example.com"
	case "uri":
		return "https://example.com/" + identifier(topic)
	case "uuid":
		return guid(f.rng)
	}
	switch name = strings.ToLower(name); {
	case strings.Contains(name, "unit"):
		return "celsius"
	case strings.Contains(name, "id"):
		return identifier(topic) + "-1"
	case strings.Contains(name, "description"), strings.Contains(name, "summary"), strings.Contains(name, "reason"):
		return "A few words about " + topic + "."
	}
	return topic
}
