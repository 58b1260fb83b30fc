package config

import (
	_ "embed"
	"encoding/json"

	"github.com/tallygate/tallygate/internal/config/tree"
)

//go:embed example.yaml
var example []byte

// Example returns a commented configuration to start from. The caller owns it.
func Example() []byte { return append([]byte(nil), example...) }

// Schema returns the JSON Schema (draft 2020-12) of the file, for editors. It
// knows keys, types and defaults; what Parse checks beyond that (names that must
// match, keys that must differ) it does not.
func Schema() []byte {
	s := tree.SectionSchema(Default().fields())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Tallygate configuration"
	s["type"] = "object"
	s["anyOf"] = []tree.Schema{{"required": []string{"resources"}}, {"required": []string{"azure_tables"}}}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps of strings and numbers: cannot fail
	}
	return append(text, '\n')
}
