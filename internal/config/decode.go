package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

// value is a node of the file under its path, such as "callers[2].key".
type value struct {
	node *yaml.Node
	path string
}

// decoder carries a file through its reading: it collects every problem instead
// of stopping at the first.
type decoder struct {
	file string
	refs
	whole    *Config         // as far as it was read
	end      mark            // of the file
	marks    map[string]mark // by path, of everything read
	faulty   map[string]bool // paths of settings with a problem, or one in them
	problems []Problem
	untold   int // problems beyond those
	notes    []Problem
	limits   []written                 // every limit of the file
	perModel []perModel                // every max_tokens_per_minute_in_k by model
	zones    map[string]*time.Location // by name, of those looked up
}

// enter notes where v stands and says whether it holds anything to read. It
// refuses what would make the meaning of a file depend on another place in it.
func (d *decoder) enter(v value) bool {
	d.marks[v.path] = mark{line: v.node.Line, column: v.node.Column}
	if v.node.Kind == yaml.AliasNode {
		d.wrong(v, "write the value out", "is a YAML alias (*), which is not supported")
		return false
	}
	if v.node.Style&yaml.TaggedStyle != 0 && v.node.Tag != "!!str" {
		d.wrong(v, "remove the !", "has a YAML tag, which is not supported")
		return false
	}
	return true
}

// section reads a mapping whose keys are known, and says whether v is one.
func (d *decoder) section(v value, fs fields) bool {
	entries, ok := d.entries(v)
	if !ok {
		return false
	}
	values := make(map[string]value)
	for _, e := range entries {
		if slices.ContainsFunc(fs, func(f field) bool { return f.key == e.key.Value }) {
			values[e.key.Value] = e.value
		} else if meant := d.unknown(e, fs); meant != "" {
			d.faulty[join(v.path, meant)] = true // it is there, if misspelt
		}
	}
	// In the order of the table, not of the file: what a setting means may depend on
	// those above it.
	for _, f := range fs {
		if val, ok := values[f.key]; ok {
			f.codec.decode(d, val)
		} else if f.required && d.sound(join(v.path, f.key)) {
			d.wrong(v, "", "has no %s", f.key)
		}
	}
	return true
}

// entry is a key of a mapping and its value.
type entry struct {
	key *yaml.Node
	value
}

// entries returns what is in a mapping, each key once, and notes the places of the
// values. A section without content counts as empty.
func (d *decoder) entries(v value) ([]entry, bool) {
	if !d.enter(v) {
		return nil, false
	}
	if isNull(v.node) {
		return nil, true
	}
	if v.node.Kind != yaml.MappingNode {
		d.wrong(v, "", "must be a section of keys and values, not %s", kindOf(v.node))
		return nil, false
	}
	entries := make([]entry, 0, len(v.node.Content)/2)
	lines := make(map[string]int)
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, val := v.node.Content[i], v.node.Content[i+1]
		if !d.key(value{key, v.path}) {
			continue
		}
		e := entry{key, value{val, join(v.path, key.Value)}}
		if line, ok := lines[key.Value]; ok {
			d.wrong(value{key, e.path}, "", "is there twice, first on line %d", line)
			continue
		}
		lines[key.Value] = key.Line
		d.marks[e.path] = mark{line: val.Line, column: val.Column}
		entries = append(entries, e)
	}
	return entries, true
}

// key says whether a key is plain text, and reports one that is not.
func (d *decoder) key(v value) bool {
	switch {
	case v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!merge":
		d.wrong(v, "write the keys out", "has a YAML merge key (<<), which is not supported")
	case v.node.Kind != yaml.ScalarNode || v.node.Style&yaml.TaggedStyle != 0:
		d.wrong(v, "", "has a key that is not plain text")
	case strings.Contains(v.node.Value, "${"):
		d.wrong(v, "references stand in values only", "has a reference in a key")
	default:
		return true
	}
	return false
}

// unknown reports a key that the section does not have, and returns the one that
// was probably meant.
func (d *decoder) unknown(e entry, fs fields) string {
	at := value{e.key, e.path}
	switch e.key.Value {
	case "identity", "database", "leases", "sinks":
		d.wrong(at, "not available in this version", "unknown key")
		return ""
	}
	known := make([]string, len(fs))
	for i, f := range fs {
		known[i] = f.key
	}
	near := tallygate.Nearest(e.key.Value, known)
	if near == "" {
		d.wrong(at, "the keys here are "+strings.Join(known, ", "), "unknown key")
		return ""
	}
	d.wrong(at, didYouMean(near), "unknown key")
	return near
}

// items returns the items of a list, with their paths. A list without content
// counts as empty.
func (d *decoder) items(v value) []value {
	if !d.enter(v) || isNull(v.node) {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		d.wrong(v, "begin each item with - or write [a, b]", "must be a list, not %s", kindOf(v.node))
		return nil
	}
	list := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		list[i] = value{n, index(v.path, i)}
	}
	return list
}

// scalar returns the text of v with references replaced, and whether there is
// one. A number without quotes counts only where the setting wants one: plain.
func (d *decoder) scalar(v value, wants string, plain bool) (string, bool) {
	if !d.enter(v) {
		return "", false
	}
	tag := v.node.ShortTag()
	switch {
	case isNull(v.node):
		d.wrong(v, "give it a value or remove the line", "has no value")
		return "", false
	case v.node.Kind != yaml.ScalarNode:
		d.wrong(v, "", "must be %s, not %s", wants, kindOf(v.node))
		return "", false
	case tag == "!!str":
		return d.expanded(v)
	case tag == "!!timestamp" || plain && (tag == "!!int" || tag == "!!float"):
		return v.node.Value, true
	}
	hint := ""
	if !plain {
		hint = "put it in quotes"
	}
	d.wrong(v, hint, "must be %s, not %s", wants, kindOf(v.node))
	return "", false
}

func (d *decoder) expanded(v value) (string, bool) {
	text, err := d.expand(v.node.Value)
	if strings.Contains(v.node.Value, "${") {
		m := d.marks[v.path]
		m.raw = v.node.Value
		d.marks[v.path] = m
	}
	if err != nil {
		d.fail(v, err)
		return "", false
	}
	return text, true
}

func isNull(n *yaml.Node) bool {
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
