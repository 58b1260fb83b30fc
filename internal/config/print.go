package config

import (
	"io"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Print writes the effective configuration as YAML: every default filled in,
// every reference resolved, and every key as [redacted].
func (c *Config) Print(w io.Writer) error {
	return c.print(w, func(Secret) *yaml.Node { return tree.TextNode(tree.Redacted) })
}

func (c *Config) print(w io.Writer, secret func(Secret) *yaml.Node) error {
	p := &tree.Printer{Secret: secret}
	d, err := yaml.NewDumper(w, yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	if err := d.Dump(p.Section(c.fields())); err != nil {
		return err
	}
	return d.Close()
}
