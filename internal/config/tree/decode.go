package tree

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Value is a node of the file under its path, such as "callers[2].key".
type Value struct {
	Node *yaml.Node
	Path string
}

// Decoder carries a file through its reading: it collects every problem instead
// of stopping at the first.
type Decoder struct {
	file string
	refs
	// Owner is whose codecs they are: what sections keep of each other while they are
	// read. Nothing here looks at it.
	Owner any
	// Nearest returns the word of among that was probably meant by word; empty is none.
	Nearest func(word string, among []string) string
	// Later are keys at any place that another version has.
	Later    []string
	end      Mark            // of the file
	marks    map[string]Mark // by path, of everything read
	faulty   map[string]bool // paths of settings with a problem, or one in them
	problems []Problem
	untold   int // problems beyond those
	notes    []Problem
}

// NewDecoder returns a decoder of a file, from whose directory relative paths count.
func NewDecoder(file, dir string, env Env) *Decoder {
	return &Decoder{
		file: file, refs: refs{dir: dir, env: env}, marks: make(map[string]Mark), faulty: make(map[string]bool),
		Nearest: func(string, []string) string { return "" },
	}
}

// Enter notes where v stands and says whether it holds anything to read. It
// refuses what would make the meaning of a file depend on another place in it.
func (d *Decoder) Enter(v Value) bool {
	d.marks[v.Path] = Mark{Line: v.Node.Line, Column: v.Node.Column}
	if v.Node.Kind == yaml.AliasNode {
		d.Wrong(v, "write the value out", "is a YAML alias (*), which is not supported")
		return false
	}
	if v.Node.Style&yaml.TaggedStyle != 0 && v.Node.Tag != "!!str" {
		d.Wrong(v, "remove the !", "has a YAML tag, which is not supported")
		return false
	}
	return true
}

// Section reads a mapping whose keys are known, and says whether v is one.
func (d *Decoder) Section(v Value, fs Fields) bool {
	entries, ok := d.Entries(v)
	if !ok {
		return false
	}
	values := make(map[string]Value)
	for _, e := range entries {
		if slices.ContainsFunc(fs, func(f Field) bool { return f.Key == e.Key.Value }) {
			values[e.Key.Value] = e.Value
		} else if meant := d.unknown(e, fs); meant != "" {
			d.faulty[Join(v.Path, meant)] = true // it is there, if misspelt
		}
	}
	// In the order of the table, not of the file: what a setting means may depend on
	// those above it.
	for _, f := range fs {
		if val, ok := values[f.Key]; ok {
			f.Codec.Decode(d, val)
		} else if f.Required && d.Sound(Join(v.Path, f.Key)) {
			d.Wrong(v, "", "has no %s", f.Key)
		}
	}
	return true
}

// Entry is a key of a mapping and its value.
type Entry struct {
	Key *yaml.Node
	Value
}

// Entries returns what is in a mapping, each key once, and notes the places of the
// values. A section without content counts as empty.
func (d *Decoder) Entries(v Value) ([]Entry, bool) {
	if !d.Enter(v) {
		return nil, false
	}
	if IsNull(v.Node) {
		return nil, true
	}
	if v.Node.Kind != yaml.MappingNode {
		d.Wrong(v, "", "must be a section of keys and values, not %s", kindOf(v.Node))
		return nil, false
	}
	entries := make([]Entry, 0, len(v.Node.Content)/2)
	lines := make(map[string]int)
	for i := 0; i+1 < len(v.Node.Content); i += 2 {
		key, val := v.Node.Content[i], v.Node.Content[i+1]
		if !d.key(Value{key, v.Path}) {
			continue
		}
		e := Entry{key, Value{val, Join(v.Path, key.Value)}}
		if line, ok := lines[key.Value]; ok {
			d.Wrong(Value{key, e.Path}, "", "is there twice, first on line %d", line)
			continue
		}
		lines[key.Value] = key.Line
		d.marks[e.Path] = Mark{Line: val.Line, Column: val.Column}
		entries = append(entries, e)
	}
	return entries, true
}

// Key says whether a key is plain text, and reports one that is not.
func (d *Decoder) key(v Value) bool {
	switch {
	case v.Node.Kind == yaml.ScalarNode && v.Node.ShortTag() == "!!merge":
		d.Wrong(v, "write the keys out", "has a YAML merge key (<<), which is not supported")
	case v.Node.Kind != yaml.ScalarNode || v.Node.Style&yaml.TaggedStyle != 0:
		d.Wrong(v, "", "has a key that is not plain text")
	case strings.Contains(v.Node.Value, "${"):
		d.Wrong(v, "references stand in values only", "has a reference in a key")
	default:
		return true
	}
	return false
}

// unknown reports a key that the section does not have, and returns the one that
// was probably meant.
func (d *Decoder) unknown(e Entry, fs Fields) string {
	at := Value{e.Key, e.Path}
	if slices.Contains(d.Later, e.Key.Value) {
		d.Wrong(at, "not available in this version", "unknown key")
		return ""
	}
	known := make([]string, len(fs))
	for i, f := range fs {
		known[i] = f.Key
	}
	near := d.Nearest(e.Key.Value, known)
	if near == "" {
		d.Wrong(at, "the keys here are "+strings.Join(known, ", "), "unknown key")
		return ""
	}
	d.Wrong(at, DidYouMean(near), "unknown key")
	return near
}

// Items returns the items of a list, with their paths. A list without content
// Counts as empty.
func (d *Decoder) Items(v Value) []Value {
	if !d.Enter(v) || IsNull(v.Node) {
		return nil
	}
	if v.Node.Kind != yaml.SequenceNode {
		d.Wrong(v, "begin each item with - or write [a, b]", "must be a list, not %s", kindOf(v.Node))
		return nil
	}
	list := make([]Value, len(v.Node.Content))
	for i, n := range v.Node.Content {
		list[i] = Value{n, Index(v.Path, i)}
	}
	return list
}

// Scalar returns the text of v with references replaced, and whether there is
// one. A number without quotes counts only where the setting wants one: plain.
func (d *Decoder) Scalar(v Value, wants string, plain bool) (string, bool) {
	if !d.Enter(v) {
		return "", false
	}
	tag := v.Node.ShortTag()
	switch {
	case IsNull(v.Node):
		d.Wrong(v, "give it a value or remove the line", "has no value")
		return "", false
	case v.Node.Kind != yaml.ScalarNode:
		d.Wrong(v, "", "must be %s, not %s", wants, kindOf(v.Node))
		return "", false
	case tag == "!!str":
		return d.expanded(v)
	case tag == "!!timestamp" || plain && (tag == "!!int" || tag == "!!float"):
		return v.Node.Value, true
	}
	hint := ""
	if !plain {
		hint = "put it in quotes"
	}
	d.Wrong(v, hint, "must be %s, not %s", wants, kindOf(v.Node))
	return "", false
}

func (d *Decoder) expanded(v Value) (string, bool) {
	text, err := d.expand(v.Node.Value)
	if strings.Contains(v.Node.Value, "${") {
		m := d.marks[v.Path]
		m.Raw = v.Node.Value
		d.marks[v.Path] = m
	}
	if err != nil {
		d.Fail(v, err)
		return "", false
	}
	return text, true
}

// IsNull reports whether a node holds nothing.
func IsNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// kindOf names what a node is, never what it says.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return "nothing"
	}
	return "text"
}
