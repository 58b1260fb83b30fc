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
	d := &decoder{marks: make(map[string]mark), faulty: make(map[string]bool), whole: c}
	limit := d.standalone(name, data)
	for i := range d.problems {
		// The limit was read as the only one of a list, which nobody wrote.
		d.problems[i].Path = strings.TrimPrefix(strings.TrimPrefix(d.problems[i].Path, theLimit), ".")
	}
	d.finish()
	if len(d.problems) > 0 {
		return tallygate.Limit{}, (*Problems)(&d.problems)
	}
	return limit, nil
}

// ParseEvent reads one event that stands outside of the file: a JSON object with the
// keys of an entry of events, under the given id, which the object may repeat. It is
// held against the configuration as ParseLimit holds a limit; no event of the file may
// have its id or its code. Its limits have names that begin with the event's.
func (c *Config) ParseEvent(id string, data []byte) (*Event, []tallygate.Limit, error) {
	d := &decoder{marks: make(map[string]mark), faulty: make(map[string]bool), whole: c}
	e := &Event{Active: true}
	if node := d.object(data); node != nil {
		only := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}}
		list := []Event{}
		(*Event).standalone(e, id, d, only, &list)
		d.checkEventList(list, c.Events, d.known(c))
		d.checkLimits(c, d.known(c))
	}
	for i := range d.problems {
		d.problems[i].Path = strings.TrimPrefix(strings.TrimPrefix(d.problems[i].Path, "events"+theLimit), ".")
		d.problems[i].Path = strings.TrimPrefix(strings.TrimPrefix(d.problems[i].Path, theLimit), ".")
	}
	d.finish()
	if len(d.problems) > 0 {
		return nil, nil, (*Problems)(&d.problems)
	}
	return e, c.limitsOf(e), nil
}

// standalone reads the only event of a list that nobody wrote.
func (e *Event) standalone(id string, d *decoder, list *yaml.Node, into *[]Event) {
	node := list.Content[0]
	if node.Kind == yaml.MappingNode {
		node.Content = append([]*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: "id"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: id}}, withoutID(d, node.Content, id)...)
	}
	e.codec().decode(d, value{node, index("events", 0)})
	*into = append(*into, *e)
}

// withoutID leaves out the id that the object gives, which must be the one it is
// called by.
func withoutID(d *decoder, content []*yaml.Node, id string) []*yaml.Node {
	var rest []*yaml.Node
	for i := 0; i+1 < len(content); i += 2 {
		if content[i].Value != "id" {
			rest = append(rest, content[i], content[i+1])
		} else if content[i+1].Value != id {
			d.report(mark{}, join(index("events", 0), "id"), fmt.Sprintf("is not %q, which the event is called by", id), "leave it out")
		}
	}
	return rest
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

// theLimit is the path of a limit that stands alone.
const theLimit = "[0]"

func (d *decoder) standalone(name string, data []byte) (limit tallygate.Limit) {
	if err := nameFault(name); err != nil {
		d.report(mark{}, join(theLimit, "name"), err.Error(), "")
		return limit
	}
	node := d.object(data)
	if node == nil {
		return limit
	}
	var list []tallygate.Limit
	only := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{node}}
	limits(&list, tallygate.Dimensions, nobody).decode(d, value{only, ""})
	if at := join(theLimit, "name"); list[0].Name != "" && list[0].Name != name {
		d.wrongAt(at, "leave it out", "is not %q, which the limit is called by", name)
	}
	for _, other := range d.whole.AllLimits() {
		if other.Name == name {
			d.wrongAt(join(theLimit, "name"), "", "%q is the name of a limit in the configuration file", name)
		}
	}
	d.checkLimits(d.whole, d.known(d.whole))
	list[0].Name = name
	return list[0]
}

// object returns JSON as the node that the same text in a file would be, or nil after
// a problem. JSON is YAML in all but a few corners, such as escapes and tabs, where
// a YAML parser would refuse what is right.
func (d *decoder) object(data []byte) *yaml.Node {
	if !json.Valid(data) {
		d.report(mark{}, theLimit, "is not JSON", "")
		return nil
	}
	r := json.NewDecoder(bytes.NewReader(data))
	r.UseNumber()
	node, err := d.node(r, theLimit)
	switch {
	case err != nil:
		d.report(mark{}, theLimit, fmt.Sprintf("is not JSON: %v", err), "")
	case len(d.problems) == 0:
		return node
	}
	return nil
}

// isProse reports whether what stands there is for people: a ${ in it is code that they
// shall read, and no reference.
func isProse(path string) bool {
	key, _ := strings.CutPrefix(path, theLimit+".")
	return key == "markdown" || key == "system_message" || strings.HasPrefix(key, "prompts[")
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
