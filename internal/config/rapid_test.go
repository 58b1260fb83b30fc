package config

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// TestAnyTextSurvivesPrinting draws names, keys and numbers that YAML could take
// for something else, and reads back what Print writes of them.
func TestAnyTextSurvivesPrinting(t *testing.T) {
	parsed := 0
	rapid.Check(t, func(r *rapid.T) {
		odd := rapid.SampledFrom([]string{"~", "null", "1", "1.5", "0x1", "true", "<<", "=", "2026-01-01", "- a", "a: b", "#", "a #b", "!x", "&x", "*", "|", ">", "%", "@", "'", `"`, "${", "$${", "$", "{a}", "[", "?", "é", "\U0001F600", "x,y"})
		word := rapid.OneOf(odd, rapid.StringN(1, 20, -1))
		key := rapid.StringMatching(`[!-~]{8,20}`)
		m := func(pairs ...any) *yaml.Node {
			n := &yaml.Node{Kind: yaml.MappingNode}
			for _, p := range pairs {
				switch p := p.(type) {
				case string:
					p = escapeRefs(p)
					n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: p})
				case *yaml.Node:
					n.Content = append(n.Content, p)
				}
			}
			return n
		}
		l := func(items ...*yaml.Node) *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode, Content: items} }
		model := word.Draw(r, "model")
		file := m(
			"data", word.Draw(r, "data"),
			"max_body", formatNumber(rapid.Int64Min(1).Draw(r, "max_body"), sizes[:6]...),
			"keep_alive", rapid.SampledFrom([]string{"0s", "1ns", "1h0m1s", "2562047h47m16.854775807s", "1.5h"}).Draw(r, "keep_alive"),
			"resources", l(m(
				"name", word.Draw(r, "name"), "endpoint", "https://"+rapid.StringMatching(`[a-z0-9.-]{1,10}(:[0-9]{1,6})?(/[ -~]{0,6}){0,3}`).Draw(r, "endpoint"),
				"key", key.Draw(r, "key"), "region", word.Draw(r, "region"),
				"deployments", l(m("name", word.Draw(r, "deployment"), "model", model, "base", word.Draw(r, "base"),
					"tpm", formatNumber(rapid.Int64Range(1, maxCount).Draw(r, "tpm"), counts[0], counts[1]))),
			)),
			"callers", l(m(
				"name", word.Draw(r, "caller"), "group", word.Draw(r, "group"),
				"keys", l(textNode(key.Draw(r, "key 1")), textNode(key.Draw(r, "key 2"))),
				"models", l(textNode(model)),
			)),
		)
		var b bytes.Buffer
		d, err := yaml.NewDumper(&b)
		if err != nil {
			r.Fatal(err)
		}
		if err := d.Dump(file); err != nil {
			r.Fatal(err)
		}
		if c, err := Parse("t.yaml", b.Bytes(), exampleEnv()); err == nil {
			parsed++
			reparse(t, c)
		}
	})
	if parsed < 3 { // about one in six does
		t.Errorf("only %d of the drawn files parsed", parsed)
	}
}
