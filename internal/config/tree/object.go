package tree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Object returns JSON as the node that the same text in a file would be, or nil after
// a problem. JSON is YAML in all but a few corners, such as escapes and tabs, where
// a YAML parser would refuse what is right. References are refused, but in prose, which
// is for people: a ${ there is code that they shall read.
func (d *Decoder) Object(data []byte, prose func(path string) bool) *yaml.Node {
	if !json.Valid(data) {
		d.Report(Mark{}, "", "is not JSON", "")
		return nil
	}
	r := &objectReader{json.NewDecoder(bytes.NewReader(data)), prose}
	r.UseNumber()
	node, err := d.node(r, "")
	switch {
	case err != nil:
		d.Report(Mark{}, "", fmt.Sprintf("is not JSON: %v", err), "")
	case len(d.problems) == 0:
		return node
	}
	return nil
}

// objectReader reads JSON of which some is prose.
type objectReader struct {
	*json.Decoder
	prose func(path string) bool
}

// Node reads the next value. The decoder's marks are filled in when it is decoded.
func (d *Decoder) node(r *objectReader, path string) (*yaml.Node, error) {
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
		if r.prose(path) {
			return scalar("!!str", EscapeRefs(token)), nil
		}
		if strings.Contains(token, "${") {
			d.Report(Mark{}, path, "has a reference, which only the configuration file may", "")
		}
		return scalar("!!str", token), nil
	}
	return scalar("!!null", ""), nil
}

func (d *Decoder) array(r *objectReader, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for r.More() {
		item, err := d.node(r, Index(path, len(n.Content)))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := r.Token() // the bracket
	return n, err
}

func (d *Decoder) members(r *objectReader, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	seen := make(map[string]bool)
	for r.More() {
		key, err := r.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if at := Join(path, name); seen[name] {
			d.Report(Mark{}, at, "is there twice", "")
		}
		seen[name] = true
		member, err := d.node(r, Join(path, name))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, member)
	}
	_, err := r.Token() // the brace
	return n, err
}
