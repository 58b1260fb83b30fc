package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// departs returns how v departs from the schema s.
func departs(t *testing.T, s map[string]any, v any, path string) (faults []string) {
	t.Helper()
	fault := func(format string, args ...any) { faults = append(faults, path+": "+fmt.Sprintf(format, args...)) }
	for word, want := range s {
		switch word {
		case "$schema", "title", "description", "default", "properties":
		case "type":
			if !slices.Contains(words(want), typeOf(v)) && !(typeOf(v) == "integer" && slices.Contains(words(want), "number")) {
				fault("is of type %s, not %v", typeOf(v), want)
			}
		case "enum":
			if n, ok := v.(int); ok {
				v = float64(n) // as JSON has it
			}
			if !slices.Contains(want.([]any), v) {
				fault("is not one of %v", want)
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(want.(string)).MatchString(text) {
				fault("%q does not match %s", text, want)
			}
		case "minLength":
			if text, ok := v.(string); ok && float64(utf8.RuneCountInString(text)) < want.(float64) {
				fault("is too short")
			}
		case "minimum":
			if n, ok := v.(int); ok && float64(n) < want.(float64) {
				fault("is too small")
			}
		case "anyOf":
			if !slices.ContainsFunc(want.([]any), func(s any) bool { return len(departs(t, s.(map[string]any), v, path)) == 0 }) {
				fault("fits none of %v", want)
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				faults = append(faults, departs(t, want.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i))...)
			}
		case "required":
			object, _ := v.(map[string]any)
			for _, key := range words(want) {
				if _, ok := object[key]; !ok {
					fault("has no %s", key)
				}
			}
		case "additionalProperties":
			object, _ := v.(map[string]any)
			properties, _ := s["properties"].(map[string]any)
			for key, item := range object {
				at := tree.Join(path, key)
				if sub, ok := properties[key].(map[string]any); ok {
					faults = append(faults, departs(t, sub, item, at)...)
				} else if sub, ok := want.(map[string]any); ok {
					faults = append(faults, departs(t, sub, item, at)...)
				} else {
					faults = append(faults, at+": unknown key")
				}
			}
		default:
			t.Fatalf("the schema says %q, which this test does not know", word)
		}
	}
	return faults
}

// words is a schema's word or list of words.
func words(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var list []string
	for _, w := range v.([]any) {
		list = append(list, w.(string))
	}
	return list
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case int, int64, uint64:
		return "integer"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

func TestSchemaAcceptsAndRefuses(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		got := conforms(t, Schema(), []byte(text))
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the schema on %s (-want +got):\n%s", text, diff)
		}
	}
	f(string(example))
	const resources = "\nresources: [{name: a, endpoint: https://a, key: '${env:K}', deployments: [{name: a, tpm: 600k, rpm: 60}]}]"
	f("max_body: 100MB\nkeep_alive: 1h30m\npassthrough: {off: '${env:OFF}'}\nmodels: {a: }\ncallers:" + resources)
	f("colour: red"+resources, "colour: unknown key")
	f("log: {level: loud}"+resources, "log.level: is not one of [debug info warn error]")
	f("listen: 8080"+resources, "listen: is of type integer, not string")
	f("keep_alive: soon"+resources, `keep_alive: "soon" does not match ^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$|^0$|\$\{`)
	f("{}", ": fits none of [map[required:[resources]] map[required:[azure_tables]]]")
	f("azure_tables: {connection_string: '${env:C}'}")
	f("resources: [{name: a}]", "resources[0]: has no deployments", "resources[0]: has no endpoint", "resources[0]: has no key")
}

// TestSchemaAndDecoderAgreeOnKeys asks the decoder for its keys at every section
// that the schema has, by giving it one that does not exist.
func TestSchemaAndDecoderAgreeOnKeys(t *testing.T) {
	var s map[string]any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	sections := 0
	var walk func(s map[string]any, wrap func(string) string)
	walk = func(s map[string]any, wrap func(string) string) {
		if properties, ok := s["properties"].(map[string]any); ok {
			sections++
			_, err := Parse("t.yaml", []byte(wrap("{qqqqqqqqqqqq: 1}")), exampleEnv())
			_, hint, _ := strings.Cut(fmt.Sprint(err), "unknown key (the keys here are ")
			hint, _, _ = strings.Cut(hint, ")")
			got := strings.Split(hint, ", ")
			slices.Sort(got)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(properties)), got); diff != "" {
				t.Errorf("keys of %s (-schema +decoder):\n%s", wrap("…"), diff)
			}
			for key, sub := range properties {
				sub := sub.(map[string]any)
				if sub["description"] == "" {
					t.Errorf("%s has no description", wrap(key))
				}
				walk(sub, func(in string) string { return wrap("{" + key + ": " + in + "}") })
			}
		}
		if items, ok := s["items"].(map[string]any); ok {
			walk(items, func(in string) string { return wrap("[" + in + "]") })
		}
		if alternatives, ok := s["anyOf"].([]any); ok {
			for _, sub := range alternatives {
				walk(sub.(map[string]any), wrap)
			}
		}
		if any, ok := s["additionalProperties"].(map[string]any); ok {
			walk(any, func(in string) string { return wrap("{x: " + in + "}") })
		}
	}
	walk(s, func(in string) string { return in })
	if sections != 35 {
		t.Errorf("the schema has %d sections, want 35", sections)
	}
}

func TestSchemaShowsDefaults(t *testing.T) {
	var s struct {
		Schema     string `json:"$schema"`
		Properties map[string]struct {
			Default    any
			Properties map[string]struct{ Default any }
		}
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Schema != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("$schema = %q", s.Schema)
	}
	got := []any{
		s.Properties["listen"].Default, s.Properties["max_body"].Default, s.Properties["keep_alive"].Default,
		s.Properties["passthrough"].Properties["off"].Default, s.Properties["log"].Properties["level"].Default,
		s.Properties["admin"].Properties["key"].Default,
	}
	if diff := cmp.Diff([]any{":8080", "100MB", "15s", false, "info", nil}, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}
