package config

import (
	"bytes"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
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
					p = tree.EscapeRefs(p)
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
			"max_body", tree.FormatNumber(rapid.Int64Min(1).Draw(r, "max_body"), tree.Sizes[:6]...),
			"keep_alive", rapid.SampledFrom([]string{"0s", "1ns", "1h0m1s", "2562047h47m16.854775807s", "1.5h"}).Draw(r, "keep_alive"),
			"resources", l(m(
				"name", word.Draw(r, "name"), "endpoint", "https://"+rapid.StringMatching(`[a-z0-9.-]{1,10}(:[0-9]{1,6})?(/[ -~]{0,6}){0,3}`).Draw(r, "endpoint"),
				"key", key.Draw(r, "key"), "region", word.Draw(r, "region"),
				"deployments", l(m("name", word.Draw(r, "deployment"), "model", model, "base", word.Draw(r, "base"),
					"tpm", tree.FormatNumber(rapid.Int64Range(1, tree.MaxCount).Draw(r, "tpm"), tree.Counts[0], tree.Counts[1]))),
			)),
			"callers", l(m(
				"name", word.Draw(r, "caller"), "group", word.Draw(r, "group"),
				"keys", l(tree.TextNode(key.Draw(r, "key 1")), tree.TextNode(key.Draw(r, "key 2"))),
				"models", l(tree.TextNode(model)),
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

// TestAnyLimitSurvivesPrinting draws limits of every kind in every section. Each has
// a name of its own, and a period, length and zone that go together.
func TestAnyLimitSurvivesPrinting(t *testing.T) {
	parsed := 0
	rapid.Check(t, func(r *rapid.T) {
		text := `
currency: SEK
zone: ` + rapid.SampledFrom([]string{"UTC", "Asia/Kathmandu"}).Draw(r, "zone") + `
limits: ` + drawLimits(r) + `
resources: [{name: r, endpoint: "https://r", key: azure-key-1, deployments: [{name: gpt-4o, limits: ` + drawLimits(r) + `}, {name: o3}]}]
models: {gpt-4o: {limits: ` + drawLimits(r) + `, max_tokens: ` + drawCap(r) + `}}
groups: [{name: g, limits: ` + drawLimits(r) + `, max_tokens: ` + drawCap(r) + `}]
callers:
  - {name: a, key: good-key-1, group: G, limits: ` + drawLimits(r) + `}
  - {name: b, key: good-key-2, max_tokens: ` + drawCap(r) + `, max_tokens_per_minute_in_k: ` + rapid.SampledFrom([]string{"30", "-1", "0.5", "{O3: 0, gpt-4o: 7}"}).Draw(r, "in k") + `}
`
		c, err := Parse("t.yaml", []byte(text), exampleEnv())
		if err != nil {
			if strings.Contains(err.Error(), "403 is for budgets") || strings.Contains(err.Error(), "zone: means nothing") {
				return // drawn together, but not for each other
			}
			r.Fatalf("%v\n%s", err, text)
		}
		parsed++
		reparse(t, c)
		names := make(map[string]bool)
		for _, l := range c.AllLimits() {
			if l.Name == "" || names[l.Name] {
				r.Fatalf("%q is the name of two limits or none\n%s", l.Name, text)
			}
			names[l.Name] = true
			if (l.Zone != nil) != calendar(l.Period) || (l.Period == tallygate.Sliding) != (l.Length > 0) || (l.Period == 0) != (l.Quantity == tallygate.Concurrent) {
				r.Fatalf("%+v does not hold together\n%s", l, text)
			}
		}
	})
	if parsed < 10 { // about half of them do
		t.Errorf("only %d of the drawn files parsed", parsed)
	}
}

// drawLimits draws a list of limits that are right alone, wherever they stand.
func drawLimits(r *rapid.T) string {
	pick := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(r, label) }
	var list []string
	for range rapid.IntRange(0, 3).Draw(r, "limits") {
		if rapid.IntRange(0, 4).Draw(r, "concurrent") == 0 {
			list = append(list, "{concurrent: 5, each: key}")
			continue
		}
		list = append(list, "{"+pick("amount", "requests: 0", "tokens: 1.5k", "prompt_tokens: 7", "completion_tokens: 1_000k", "money: 0.07", "money: 12 SEK")+
			", per: "+pick("per", "1s", "minute", "1m", "59m1s", "60m", "hour", "day", "week", "month", "year", "ever")+
			pick("zone", "", "", "", ", zone: America/St_Johns")+
			pick("each", "", ", each: key", ", each: [key]")+
			pick("warn", "", ", warn: 0", ", warn: 100%", ", warn: 7")+
			pick("dry", "", ", dry_run: true", ", dry_run: false")+
			pick("answer", "", "", "", ", answer: 403", ", answer: 429")+"}")
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func drawCap(r *rapid.T) string {
	return rapid.SampledFrom([]string{"0", "null", "4k", "512", "{cap: 1}", "{cap: 0, over: reject}", "{over: reject, cap: 77}"}).Draw(r, "cap")
}
