package config

import (
	_ "embed"
	"encoding/json"
	"strconv"

	"go.yaml.in/yaml/v4"
)

//go:embed example.yaml
var example []byte

// Example returns a commented configuration to start from. The caller owns it.
func Example() []byte { return append([]byte(nil), example...) }

// schema is a JSON Schema as encoding/json writes it.
type schema map[string]any

// Schema returns the JSON Schema (draft 2020-12) of the file, for editors. It
// knows keys, types and defaults; what Parse checks beyond that (names that must
// match, keys that must differ) it does not.
func Schema() []byte {
	s := sectionSchema(Default().fields())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Tallygate configuration"
	s["type"] = "object"
	s["anyOf"] = []schema{{"required": []string{"resources"}}, {"required": []string{"azure_tables"}}}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps of strings and numbers: cannot fail
	}
	return append(text, '\n')
}

func sectionSchema(fs fields) schema {
	properties, required := schema{}, []string{}
	for _, f := range fs {
		s := f.codec.schema()
		s["description"] = f.doc
		if n := f.codec.encode(&printer{secret: textNodeOf}); n != nil && n.Kind == yaml.ScalarNode && n.Value != "" {
			s["default"] = plainValue(n)
		}
		properties[f.key] = s
		if f.required {
			required = append(required, f.key)
		}
	}
	s := schema{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["type"], s["required"] = "object", required
	}
	return s
}

func textNodeOf(s Secret) *yaml.Node { return textNode(s.String()) }

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
