package eventedit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/console"
)

// File reads the JSON or YAML of one event.
func File(stdin io.Reader, name string) (Definition, error) {
	data, err := console.ReadFile(stdin, name)
	if err != nil {
		return nil, console.Usagef("--from: %w", err)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	var doc yaml.Node
	if err == nil {
		err = loader.Load(&doc)
	}
	if err != nil {
		return nil, console.Usagef("--from: %s is neither YAML nor JSON: %w", name, err)
	}
	if err := loader.Load(new(yaml.Node)); len(doc.Content) == 0 || !errors.Is(err, io.EOF) {
		return nil, console.Usagef("--from: %s does not hold one event, and nothing else", name)
	}
	value, err := plainValue(doc.Content[0])
	if err != nil {
		return nil, console.Usagef("--from: %s:%w", name, err)
	}
	if all, ok := value.([]any); ok && len(all) == 1 {
		value = all[0] // as it stands in the list of a configuration
	}
	d, ok := value.(map[string]any)
	if !ok {
		return nil, console.Usagef("--from: %s is not one event: it has no keys such as name and start", name)
	}
	return d, nil
}

// plainValue is a YAML value in JSON's terms. Scalars keep their spelling, because the
// gateway reads 200k and 2026-12-01 by itself.
func plainValue(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if _, ok := m[key.Value]; ok || key.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("%d: %q is there twice, or is no key", key.Line, console.Printable(key.Value, 64))
			}
			v, err := plainValue(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[key.Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		all := make([]any, len(n.Content))
		for i, item := range n.Content {
			var err error
			if all[i], err = plainValue(item); err != nil {
				return nil, err
			}
		}
		return all, nil
	case yaml.ScalarNode:
		return plainScalar(n), nil
	}
	return nil, fmt.Errorf("%d: an alias; write out what it stands for", n.Line)
}

func plainScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return Number(n.Value)
	}
	return n.Value
}

// Number is s as a number of JSON, or as text where JSON has no such number (200k).
func Number(s string) any {
	if n := json.Number(s); json.Valid([]byte(s)) {
		if _, err := n.Float64(); err == nil {
			return n
		}
	}
	return s
}
