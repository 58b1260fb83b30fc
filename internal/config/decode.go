package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// codec is how one setting is read from the file, written back, and described.
type codec struct {
	// decode reads v into the place the codec was made for, or reports why not.
	decode func(d *decoder, v value)
	// encode returns what Print shows; nil leaves the setting out.
	encode func(p *printer) *yaml.Node
	// schema describes it to editors.
	schema func() schema
}

// field is one key of a section.
type field struct {
	key      string
	codec    codec
	required bool
	doc      string
}

// fields is what a section may hold, in the order it is printed.
type fields []field

// value is a node of the file under its path, such as "callers[2].key".
type value struct {
	node *yaml.Node
	path string
}

// mark is a place in the file.
type mark struct {
	line, column int
	// raw is the text as written when it holds references: what messages quote.
	raw string
}

// decoder carries a file through its reading: it collects every problem instead
// of stopping at the first.
type decoder struct {
	file string
	refs
	marks    map[string]mark // by path, of everything read
	problems []Problem
	notes    []Problem
}

func (d *decoder) report(m mark, path, message, hint string) {
	d.problems = append(d.problems, d.problem(m, path, message, hint))
}

func (d *decoder) problem(m mark, path, message, hint string) Problem {
	return Problem{File: d.file, Line: m.line, Column: m.column, Path: path, Message: message, Hint: hint}
}

// wrong reports a problem with v.
func (d *decoder) wrong(v value, hint, format string, args ...any) {
	d.report(mark{line: v.node.Line, column: v.node.Column}, v.path, fmt.Sprintf(format, args...), hint)
}

// fail reports err, a fault or several joined, about v.
func (d *decoder) fail(v value, err error) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			d.fail(v, one)
		}
		return
	}
	hint := ""
	if f, ok := errors.AsType[*fault](err); ok {
		hint = f.hint
	}
	d.wrong(v, hint, "%s", err)
}

// finish puts the problems and notes in order and makes sure that none of them
// shows what a reference stood for. Messages are written so that they never do;
// this is the second lock on the same door.
func (d *decoder) finish() {
	values := make([]string, 0, len(d.hidden))
	for v := range d.hidden {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int { // longest first: one may hold another
		return len(b) - len(a)
	})
	var pairs []string
	for _, v := range values {
		pairs = append(pairs, v, d.hidden[v])
	}
	hide := strings.NewReplacer(pairs...)
	for _, list := range [][]Problem{d.problems, d.notes} {
		for i := range list {
			list[i].Message, list[i].Hint = hide.Replace(list[i].Message), hide.Replace(list[i].Hint)
		}
		inOrder(list)
	}
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

// section reads a mapping whose keys are known.
func (d *decoder) section(v value, fs fields) {
	for key, item := range d.pairs(v) {
		i := slices.IndexFunc(fs, func(f field) bool { return f.key == key.Value })
		if i < 0 {
			d.unknown(value{key, item.path}, fs)
			continue
		}
		fs[i].codec.decode(d, item)
	}
	for _, f := range fs {
		if path := join(v.path, f.key); f.required && !d.has(path) {
			d.wrong(v, "", "has no %s", f.key)
		}
	}
}

// pairs returns the keys of a mapping with their values, each key once. The paths
// of the values are noted. A section without content counts as empty.
func (d *decoder) pairs(v value) func(yield func(*yaml.Node, value) bool) {
	return func(yield func(*yaml.Node, value) bool) {
		if !d.enter(v) || isNull(v.node) {
			return
		}
		if v.node.Kind != yaml.MappingNode {
			d.wrong(v, "", "must be a section of keys and values, not %s", kindOf(v.node))
			return
		}
		lines := make(map[string]int)
		for i := 0; i+1 < len(v.node.Content); i += 2 {
			key, val := v.node.Content[i], v.node.Content[i+1]
			switch {
			case key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge":
				d.wrong(value{key, v.path}, "write the keys out", "has a YAML merge key (<<), which is not supported")
				continue
			case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0 || strings.Contains(key.Value, "${"):
				d.wrong(value{key, v.path}, "references work in values only", "has a key that is not plain text")
				continue
			}
			item := value{val, join(v.path, key.Value)}
			if line, ok := lines[key.Value]; ok {
				d.wrong(value{key, item.path}, "", "is there twice, first on line %d", line)
				continue
			}
			lines[key.Value] = key.Line
			d.marks[item.path] = mark{line: val.Line, column: val.Column}
			if !yield(key, item) {
				return
			}
		}
	}
}

// unknown reports a key that the section does not have.
func (d *decoder) unknown(key value, fs fields) {
	hint := ""
	switch key.node.Value {
	case "identity", "events", "database", "leases", "money", "zone", "sinks", "prices":
		hint = "not available in this version"
	default:
		known := make([]string, len(fs))
		for i, f := range fs {
			known[i] = f.key
		}
		if hint = suggest(key.node.Value, known); hint == "" {
			hint = "the keys here are " + strings.Join(known, ", ")
		}
	}
	d.wrong(key, hint, "unknown key")
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
// one. Numbers and booleans count only where the setting wants them: plain.
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

// quote returns text for a message: the reference it came from, if it did.
func (d *decoder) quote(path, text string) string {
	if raw := d.marks[path].raw; raw != "" {
		text = raw
	}
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// has says whether the file has a setting at path.
func (d *decoder) has(path string) bool {
	_, ok := d.marks[path]
	return ok
}

// join is the path of a key in the section at path.
func join(path, key string) string {
	for i := range len(key) {
		if c := key[i]; c != '_' && c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return fmt.Sprintf("%s[%q]", path, key)
		}
	}
	if path == "" || key == "" {
		return path + key
	}
	return path + "." + key
}

// index is the path of item i in the list at path.
func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

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
