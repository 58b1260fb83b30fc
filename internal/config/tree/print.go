package tree

import "go.yaml.in/yaml/v4"

// Printer writes a Config as the file that would give it.
type Printer struct {
	Secret func(Secret) *yaml.Node
}

// Section writes what fs holds, less what is left out.
func (p *Printer) Section(fs Fields) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fs {
		if v := f.Codec.Encode(p); v != nil {
			n.Content = append(n.Content, PlainNode(f.Key), v)
		}
	}
	return n
}

// TextNode is s as text, in quotes where YAML would read something else.
func TextNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: EscapeRefs(s)}
	return n
}

// PlainNode is s as it stands.
func PlainNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s}
}

// KeyNode is a free key: text, whatever else it may look like (1, true). Nothing in
// it is escaped, because keys hold no references.
func KeyNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}
