package tree

import (
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Schema is a JSON Schema as encoding/json writes it.
type Schema map[string]any

// SectionSchema describes a section with these keys.
func SectionSchema(fs Fields) Schema {
	properties, required := Schema{}, []string{}
	for _, f := range fs {
		s := f.Codec.Schema()
		s["description"] = f.Doc
		if n := f.Codec.Encode(&Printer{Secret: textNodeOf}); n != nil && n.Kind == yaml.ScalarNode && n.Value != "" {
			s["default"] = plainValue(n)
		}
		properties[f.Key] = s
		if f.Required {
			required = append(required, f.Key)
		}
	}
	s := Schema{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["type"], s["required"] = "object", required
	}
	return s
}

func textNodeOf(s Secret) *yaml.Node { return TextNode(s.String()) }

// plainValue is a scalar as JSON has it.
func plainValue(n *yaml.Node) any {
	if n.Tag != "" {
		return n.Value
	}
	if n.Value == "true" || n.Value == "false" {
		return n.Value == "true"
	}
	if i, err := strconv.Atoi(n.Value); err == nil {
		return i
	}
	return n.Value
}
