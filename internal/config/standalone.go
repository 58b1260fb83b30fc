package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

// ParseLimit reads one limit that stands outside of the file: a JSON object with the
// keys of an entry of limits. It gets the given name, which the object may repeat. It
// is held against the configuration as if it stood in the file: what it speaks of must
// be there, and no limit of the file may have its name. ${…} references are refused,
// since whoever sends a limit is not whoever wrote the file. The error is a *Problems
// whose places are paths in the object.
func (c *Config) ParseLimit(name string, data []byte) (tallygate.Limit, error) {
	d, k := c.beside()
	limit := tallygate.Limit{Quantity: unsaid}
	if err := nameFault(name); err != nil {
		d.report(mark{}, "name", err.Error(), "")
	} else if node := d.object(data); node != nil {
		oneLimit(&limit, tallygate.Dimensions, nobody).decode(d, value{node, ""})
		if limit.Name != "" && limit.Name != name {
			d.wrongAt("name", "leave it out", "is not %q, which the limit is called by", name)
		}
		for _, other := range c.AllLimits() {
			if other.Name == name {
				d.wrongAt("name", "", "%q is the name of a limit in the configuration file", name)
			}
		}
		d.checkLimits(c, k)
	}
	d.finish()
	if len(d.problems) > 0 {
		return tallygate.Limit{}, (*Problems)(&d.problems)
	}
	limit.Name = name
	return limit, nil
}

// ParseEvent reads one event that stands outside of the file: a JSON object with the
// keys of an entry of events, under the given id, which the object may repeat. It is
// held against the configuration as ParseLimit holds a limit; no event of the file may
// have its id or its code. Its limits have names that begin with the event's.
func (c *Config) ParseEvent(id string, data []byte) (*Event, []tallygate.Limit, error) {
	d, k := c.beside()
	e := &Event{Active: true}
	if node := d.object(data); node != nil {
		e.codecOf(id).decode(d, value{node, ""})
		seen := newTaken(c.Events)
		d.checkEvent(e, "", k, seen)
		d.checkLimits(c, k)
	}
	d.finish()
	if len(d.problems) > 0 {
		return nil, nil, (*Problems)(&d.problems)
	}
	return e, c.limitsOf(e), nil
}

// beside returns a decoder of what stands beside the file, and the names that it may
// speak of: those of the file, of which nothing is wrong.
func (c *Config) beside() (*decoder, *known) {
	file := &decoder{whole: c}
	return &decoder{marks: make(map[string]mark), faulty: make(map[string]bool), whole: c}, file.known(c)
}

// limitsOf are the limits of an event that is not in the file, each about it and with
// a name that no other has.
func (c *Config) limitsOf(e *Event) []tallygate.Limit {
	taken := make(map[string]bool)
	for _, l := range c.AllLimits() {
		taken[l.Name] = true
	}
	var out []tallygate.Limit
	for _, l := range e.Limits {
		l.Match[tallygate.ByEvent] = []string{e.ID}
		if l.Name == "" {
			l.Name = subject(&l, tallygate.Dimensions, "") + ": " + c.bound(&l)
		}
		for name, n := l.Name, 2; taken[l.Name]; n++ {
			l.Name = fmt.Sprintf("%s (%d)", name, n)
		}
		taken[l.Name] = true
		out = append(out, l)
	}
	return out
}

// object returns JSON as the node that the same text in a file would be, or nil after
// a problem. JSON is YAML in all but a few corners, such as escapes and tabs, where
// a YAML parser would refuse what is right.
func (d *decoder) object(data []byte) *yaml.Node {
	if !json.Valid(data) {
		d.report(mark{}, "", "is not JSON", "")
		return nil
	}
	r := json.NewDecoder(bytes.NewReader(data))
	r.UseNumber()
	node, err := d.node(r, "")
	switch {
	case err != nil:
		d.report(mark{}, "", fmt.Sprintf("is not JSON: %v", err), "")
	case len(d.problems) == 0:
		return node
	}
	return nil
}

// isProse reports whether what stands there is for people: a ${ in it is code that they
// shall read, and no reference.
func isProse(path string) bool {
	return path == "markdown" || path == "system_message" || strings.HasPrefix(path, "prompts[")
}

// node reads the next value. The decoder's marks are filled in when it is decoded.
func (d *decoder) node(r *json.Decoder, path string) (*yaml.Node, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	scalar := func(tag, text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text} }
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return d.array(r, path)
		}
		return d.members(r, path)
	case json.Number:
		if strings.ContainsAny(token.String(), ".eE") {
			return scalar("!!float", token.String()), nil
		}
		return scalar("!!int", token.String()), nil
	case bool:
		return scalar("!!bool", fmt.Sprint(token)), nil
	case string:
		if isProse(path) {
			return scalar("!!str", escapeRefs(token)), nil
		}
		if strings.Contains(token, "${") {
			d.report(mark{}, path, "has a reference, which only the configuration file may", "")
		}
		return scalar("!!str", token), nil
	}
	return scalar("!!null", ""), nil
}

func (d *decoder) array(r *json.Decoder, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for r.More() {
		item, err := d.node(r, index(path, len(n.Content)))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := r.Token() // the bracket
	return n, err
}

func (d *decoder) members(r *json.Decoder, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	seen := make(map[string]bool)
	for r.More() {
		key, err := r.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if at := join(path, name); seen[name] {
			d.report(mark{}, at, "is there twice", "")
		}
		seen[name] = true
		member, err := d.node(r, join(path, name))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, member)
	}
	_, err := r.Token() // the brace
	return n, err
}
