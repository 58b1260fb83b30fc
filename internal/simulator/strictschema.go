package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// checkStrict says what a schema lacks for structured outputs in strict mode: every
// object in it closed, and every property required. It is empty when nothing is wrong.
func checkStrict(schema json.RawMessage) string {
	var root map[string]any
	if json.Unmarshal(schema, &root) != nil {
		return ""
	}
	return strictAt(root, nil, 0)
}

// maxSchemaDepth bounds how deep a schema is looked into.
const maxSchemaDepth = 64

func strictAt(s map[string]any, path []string, depth int) string {
	if depth > maxSchemaDepth {
		return ""
	}
	properties, _ := s["properties"].(map[string]any)
	if s["type"] == "object" || properties != nil {
		if open, said := s["additionalProperties"].(bool); !said || open {
			return inContext(path) + "'additionalProperties' is required to be supplied and to be false."
		}
		required, _ := s["required"].([]any)
		for _, name := range sortedKeys(properties) {
			if !slices.Contains(required, any(name)) {
				return inContext(path) + "'required' is required to be supplied and to be an array including every key in " +
					"properties. Missing '" + name + "'."
			}
		}
	}
	for _, member := range [...]string{"properties", "$defs", "definitions"} {
		in, _ := s[member].(map[string]any)
		for _, name := range sortedKeys(in) {
			if sub, ok := in[name].(map[string]any); ok {
				if wrong := strictAt(sub, append(slices.Clip(path), member, name), depth+1); wrong != "" {
					return wrong
				}
			}
		}
	}
	if items, ok := s["items"].(map[string]any); ok {
		if wrong := strictAt(items, append(slices.Clip(path), "items"), depth+1); wrong != "" {
			return wrong
		}
	}
	choices, _ := s["anyOf"].([]any)
	for i, choice := range choices {
		if sub, ok := choice.(map[string]any); ok {
			if wrong := strictAt(sub, append(slices.Clip(path), "anyOf", strconv.Itoa(i)), depth+1); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// inContext writes a path as the service does: a tuple of Python.
func inContext(path []string) string {
	b := "In context=("
	for i, step := range path {
		if i > 0 {
			b += ", "
		}
		b += "'" + strings.ToValidUTF8(step, "\ufffd") + "'"
	}
	if len(path) == 1 {
		b += ","
	}
	return b + "), "
}

func sortedKeys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
