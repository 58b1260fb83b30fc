package config

import (
	"io"

	"go.yaml.in/yaml/v4"
)

// printer writes a Config as the file that would give it.
type printer struct {
	secret func(Secret) *yaml.Node
}

// Print writes the effective configuration as YAML: every default filled in,
// every reference resolved, and every key as [redacted].
func (c *Config) Print(w io.Writer) error {
	return c.print(w, func(Secret) *yaml.Node { return textNode(redacted) })
}

func (c *Config) print(w io.Writer, secret func(Secret) *yaml.Node) error {
	p := &printer{secret: secret}
	d, err := yaml.NewDumper(w, yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	if err := d.Dump(p.section(c.fields())); err != nil {
		return err
	}
	return d.Close()
}

// section writes what fs holds, less what is left out.
func (p *printer) section(fs fields) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fs {
		if v := f.codec.encode(p); v != nil {
			n.Content = append(n.Content, plainNode(f.key), v)
		}
	}
	return n
}

// textNode is s as text, in quotes where YAML would read something else.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: escapeRefs(s)}
	return n
}

// plainNode is s as it stands.
func plainNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s}
}

// keyNode is a free key: text, whatever else it may look like (1, true). Nothing in
// it is escaped, because keys hold no references.
func keyNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}
