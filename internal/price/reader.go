package price

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reader carries a file through its reading: it collects every problem instead of
// stopping at the first.
type reader struct {
	file     string
	problems []problem
}

// problem is one thing that is wrong; line 0 is the file as a whole.
type problem struct {
	line, column int
	text         string
}

// fail reports what is wrong with the setting at path.
func (r *reader) fail(n *yaml.Node, path, hint, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	if hint != "" {
		text += " (" + hint + ")"
	}
	r.problems = append(r.problems, problem{n.Line, n.Column, text})
}

func (r *reader) whole(format string, args ...any) {
	r.problems = append(r.problems, problem{text: fmt.Sprintf(format, args...)})
}

// err returns all problems in the file's order, or nil when there are none.
func (r *reader) err() error {
	slices.SortStableFunc(r.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	var errs []error
	for i, p := range r.problems {
		switch {
		case i == maxProblems:
			return errors.Join(append(errs, fmt.Errorf("%s: and %d more", r.file, len(r.problems)-i))...)
		case p.line == 0:
			errs = append(errs, fmt.Errorf("%s: %s", r.file, p.text))
		default:
			errs = append(errs, fmt.Errorf("%s:%d:%d: %s", r.file, p.line, p.column, p.text))
		}
	}
	return errors.Join(errs...)
}

// plain refuses what would make the meaning of a file depend on another place in it.
func (r *reader) plain(n *yaml.Node, path string) bool {
	if n.Kind == yaml.AliasNode {
		r.fail(n, path, "write the value out", "is a YAML alias (*), which is not supported")
		return false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		r.fail(n, path, "remove the !", "has a YAML tag, which is not supported")
		return false
	}
	return true
}

// section returns the values of a mapping by their keys, each of which must be known
// and there once, and whether n is a mapping.
func (r *reader) section(n *yaml.Node, path string, known ...string) (map[string]*yaml.Node, bool) {
	if !r.plain(n, path) {
		return nil, false
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, path, "", "must be a section of keys and values: %s", strings.Join(known, ", "))
		return nil, false
	}
	fields := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		switch {
		case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0:
			r.fail(key, path, "", "has a key that is not plain text")
		case !slices.Contains(known, key.Value):
			r.fail(key, fmt.Sprintf("%.200s", at), cmp.Or(didYouMean(key.Value, known), "the keys here are "+strings.Join(known, ", ")), "unknown key")
		case fields[key.Value] != nil:
			r.fail(key, at, "", "is there twice, first on line %d", fields[key.Value].Line)
		default:
			fields[key.Value] = value
		}
	}
	return fields, true
}

// items returns the items of a list; nil has none.
func (r *reader) items(n *yaml.Node, path string) []*yaml.Node {
	if n == nil || !r.plain(n, path) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n, path, "begin each item with - or write [a, b]", "must be a list")
		return nil
	}
	return n.Content
}

// scalar returns the text of a value as it is written, and whether it is one.
func (r *reader) scalar(n *yaml.Node, path string) (string, bool) {
	switch {
	case !r.plain(n, path):
		return "", false
	case n.Kind != yaml.ScalarNode:
		r.fail(n, path, "", "must be a single value")
		return "", false
	case isNull(n):
		r.fail(n, path, "give it a value or remove the line", "has no value")
		return "", false
	}
	return n.Value, true
}

// name reads a name that check finds nothing wrong with; nil is none.
func (r *reader) name(n *yaml.Node, path string, check func(string) error) string {
	if n == nil {
		return ""
	}
	s, ok := r.scalar(n, path)
	if !ok {
		return ""
	}
	err := checkName(s)
	if n.ShortTag() != "!!str" {
		err = errors.New("must be text: put it in quotes")
	}
	if err == nil && check != nil {
		err = check(s)
	}
	if err != nil {
		r.fail(n, path, "", "%v", err)
	}
	return s
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }
