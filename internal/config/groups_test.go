package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
)

func TestGroups(t *testing.T) {
	fails(t, nothing, `
groups:
  - {name: red, wieght: 2}
  - {name: Red}
  - {name: "r*"}
  - {max_tokens: -1}
  - {name: blue, max_tokens: {over: reject}, weight: 0, batch: maybe}
  - {name: pink, max_tokens: {cap: 1, over: refuse}}
`+org, `
t.yaml:3:17: groups[0].wieght: unknown key (did you mean "weight"?)
t.yaml:4:12: groups[1].name: "Red" is already taken on line 3
t.yaml:5:12: groups[2].name: must not hold a * (in limits and models * stands for any text)
t.yaml:6:5: groups[3]: has no name
t.yaml:6:18: groups[3].max_tokens: must not be negative
t.yaml:7:30: groups[4].max_tokens: has no cap
t.yaml:7:54: groups[4].weight: must be at least 1
t.yaml:7:64: groups[4].batch: must be true or false
t.yaml:8:45: groups[5].max_tokens.over: "refuse" is not one of: clamp, reject`)

	// A group may wait for callers, and callers need no section of their group; but
	// beside others that have one it is remarked on, since it may be a slip.
	c := mustParse(t, "groups: [{name: green}]"+org, nothing)
	if diff := cmp.Diff([]string{`t.yaml:1:17: groups[0].name: no caller of this file is in the group "green"`,
		`t.yaml:5:41: callers[0].group: "red" is not under groups, so it has no settings of its own`,
		`t.yaml:6:41: callers[1].group: "Blue" is not under groups, so it has no settings of its own`}, notes(c)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// A group that is misspelt in a caller is remarked on once, with the one that was
// probably meant.
func TestMisspeltGroup(t *testing.T) {
	c := mustParse(t, `
groups: [{name: product}]
callers:
  - {name: a, key: good-key-1, group: Product}
  - {name: b, key: good-key-2, group: produkt}
  - {name: c, key: good-key-3, group: produkt}
resources: [{name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}]}]
`, nothing)
	want := []string{`t.yaml:5:39: callers[1].group: "produkt" is not under groups, so it has no settings of its own (did you mean "product"?)`}
	if diff := cmp.Diff(want, notes(c)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestGroupsSpeakForTheirCallers lets a group say what its callers do not.
func TestGroupsSpeakForTheirCallers(t *testing.T) {
	c := mustParse(t, `
groups: [{name: red, weight: 3, batch: true, max_tokens: 100}]
callers:
  - {name: a, key: good-key-1, group: RED}
  - {name: b, key: good-key-2, group: red, weight: 1, batch: false, max_tokens: 50}
  - {name: c, key: good-key-3, group: blue}
  - {name: d, key: good-key-4, group: BLUE, batch: true}
resources: [{name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}]}]
`, nothing)
	type row struct {
		Group  string
		Weight int
		Batch  bool
		Cap    int64
	}
	var got []row
	for _, who := range c.Callers {
		got = append(got, row{who.Group, who.Weight, who.Batch, who.MaxTokens.Tokens})
	}
	want := []row{{"red", 3, true, 0}, {"red", 1, false, 50}, {"blue", 1, false, 0}, {"blue", 1, true, 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("callers (-want +got):\n%s", diff)
	}
}

func TestMaxTokens(t *testing.T) {
	f := func(written string, want tallygate.Cap) {
		t.Helper()
		got := mustParse(t, strings.Replace(rest, "search-key", "search-key, max_tokens: "+written, 1), nothing).Callers[0].MaxTokens
		if got != want {
			t.Errorf("max_tokens: %s = %+v, want %+v", written, got, want)
		}
	}
	f("512", tallygate.Cap{Tokens: 512})
	f("4k", tallygate.Cap{Tokens: 4000})
	f("0", tallygate.Cap{})
	f("null", tallygate.Cap{})
	f("{cap: 4096}", tallygate.Cap{Tokens: 4096})
	f("{cap: 4096, over: clamp}", tallygate.Cap{Tokens: 4096})
	f("{over: reject, cap: 4096}", tallygate.Cap{Tokens: 4096, Reject: true})
	f("{cap: 0, over: reject}", tallygate.Cap{})
	bad := func(written, want string) {
		t.Helper()
		fails(t, nothing, strings.Replace(rest, "search-key", "search-key, max_tokens: "+written, 1), "t.yaml:5:49: callers[0].max_tokens"+want)
	}
	bad("0.5", ": is not a number such as 600000, 600k or 1.5M: it does not come out whole")
	bad("-1", ": must not be negative")
	bad("many", ": is not a number such as 600000, 600k or 1.5M")
	bad("[1]", ": must be a number, not a list")
	bad("9999999999999", ": must be at most 1099511627776")
	bad("{over: reject}", ": has no cap")
}

func TestShares(t *testing.T) {
	f := func(model, want string) {
		t.Helper()
		fails(t, nothing, "models:\n  gpt-4o: "+model+org, want)
	}
	f(`{reserve: {red: 60%, blue: 41%}}`, `t.yaml:2:21: models.gpt-4o.reserve: reserves 101% of the room`)
	f(`{reserve: {re: 60%, red: 10, RED: 10%}}`, `
t.yaml:2:22: models.gpt-4o.reserve.re: there is no group of this name (did you mean "red"?)
t.yaml:2:40: models.gpt-4o.reserve.RED: "RED" is already taken on line 2`)
	f(`{reserve: {red: 0%, "*": 10%, blue: 101}, batch_share: 0}`, `
t.yaml:2:27: models.gpt-4o.reserve.red: must be from 1% to 100%
t.yaml:2:31: models.gpt-4o.reserve["*"]: must not hold a * (in limits and models * stands for any text)
t.yaml:2:47: models.gpt-4o.reserve.blue: must be from 1% to 100%
t.yaml:2:66: models.gpt-4o.batch_share: must be from 1% to 100%`)
	f(`{reserve: [red]}`, `t.yaml:2:21: models.gpt-4o.reserve: must be a section of keys and values, not a list`)

	m := mustParse(t, "models:\n  gpt-4o: {reserve: {RED: 60%, blue: \"40 %\"}, batch_share: 55}"+org, nothing).Models[0]
	if diff := cmp.Diff(map[string]int{"red": 60, "Blue": 40}, m.Reserve); diff != "" || m.BatchShare != 55 {
		t.Errorf("batch_share = %d, reserve (-want +got):\n%s", m.BatchShare, diff)
	}
}

// TestPowerProxyLimits reads max_tokens_per_minute_in_k as PowerProxy means it.
func TestPowerProxyLimits(t *testing.T) {
	caller := func(models, limit string) string {
		return strings.Replace(org, "models: [gpt-4o]", models+"max_tokens_per_minute_in_k: "+limit, 1)
	}
	f := func(limit string, want ...string) {
		t.Helper()
		var got []string
		for _, l := range mustParse(t, caller("", limit), nothing).AllLimits() {
			got = append(got, l.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("max_tokens_per_minute_in_k: %s gives (-want +got):\n%s", limit, diff)
		}
	}
	f("30", "ann, each model: 30k tokens a minute")
	f("1.5", "ann, each model: 1500 tokens a minute")
	f("0", "ann, each model: 0 tokens a minute")
	f("-3", "ann, each model: 0 tokens a minute")
	f("{GPT-4o: 30, o3: 0.02}", "ann, GPT-4o: 30k tokens a minute", "ann, o3: 20 tokens a minute")
	f("1, limits: [{requests: 5, per: day}]", "ann: 5 requests a day", "ann, each model: 1k tokens a minute")

	c := mustParse(t, caller("", "{gpt-4o: 0, o3: -0.5}"), nothing)
	if diff := cmp.Diff([]string{
		`t.yaml:5:83: callers[0].max_tokens_per_minute_in_k.gpt-4o: 0 and less allow nothing: every request gets a 429`,
		`t.yaml:5:90: callers[0].max_tokens_per_minute_in_k.o3: 0 and less allow nothing: every request gets a 429`,
	}, notes(c)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	bad := func(models, limit, want string) {
		t.Helper()
		fails(t, nothing, caller(models, limit), want)
	}
	const at = `callers[0].max_tokens_per_minute_in_k`
	bad("", "0.0001", `t.yaml:5:74: `+at+`: is not a number of thousands such as 30 or 0.02: it does not come out whole`)
	bad("", "30k", `t.yaml:5:74: `+at+`: is not a number of thousands such as 30 or 0.02`)
	bad("", "2_000_000_000", `t.yaml:5:74: `+at+`: is too large (30 is thirty thousand)`)
	bad("", "[30]", `t.yaml:5:74: `+at+`: must be a number of thousands, not a list`)
	bad("", "{gpt-4o: 30}", `t.yaml:5:74: `+at+`: says nothing of the model "o3", which the caller may use (add it, or name the caller's models in models)`)
	bad("", "{gpt-4o: 30, o3: 3, 03: 3}", `t.yaml:5:94: `+at+`.03: no deployment serves this model (did you mean "o3"?)`)
	bad("", "{gpt-4o: 30, o3: 3, O3: 3}", `t.yaml:5:94: `+at+`.O3: "O3" is already taken on line 5`)
	bad("models: [gpt-4o], ", "{gpt-4o: 30, o3: 3}", `t.yaml:5:105: `+at+`.o3: the caller may not use this model`)
	bad("models: [gpt-4o], ", "{gpt-4o: many}", `t.yaml:5:101: `+at+`.gpt-4o: is not a number of thousands such as 30 or 0.02`)
	mustParse(t, caller("models: [gpt-4o], ", "{gpt-4o: 30}"), nothing)
}

// TestNamesThatLimitsMatch keeps names apart that limits could not: by case, or
// with a glob's star.
func TestNamesThatLimitsMatch(t *testing.T) {
	fails(t, nothing, `
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}, {name: "*"}, {name: x, model: "x*"}]}
  - {name: A, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}]}
models: {"*": {}}
callers:
  - {name: Ann, key: good-key-1, group: "*"}
  - {name: ann, key: good-key-2}
  - {name: "a*", key: good-key-3}
`, `
t.yaml:3:101: resources[0].deployments[1].name: must not hold a * (in limits and models * stands for any text)
t.yaml:3:124: resources[0].deployments[2].model: must not hold a * (in limits and models * stands for any text)
t.yaml:4:12: resources[1].name: "A" is already taken on line 3
t.yaml:5:10: models["*"]: must not hold a * (in limits and models * stands for any text)
t.yaml:7:41: callers[0].group: must not hold a * (in limits and models * stands for any text)
t.yaml:8:12: callers[1].name: "ann" is already taken on line 7
t.yaml:9:12: callers[2].name: must not hold a * (in limits and models * stands for any text)`)
}

// TestDeploymentType only remarks on a type that is probably misspelt.
func TestDeploymentType(t *testing.T) {
	f := func(sku string, want ...string) {
		t.Helper()
		c := mustParse(t, strings.Replace(rest, "name: gpt-4o", "name: gpt-4o, sku: "+sku, 1), nothing)
		if diff := cmp.Diff(want, notes(c)); diff != "" {
			t.Errorf("sku: %s: notes (-want +got):\n%s", sku, diff)
		}
	}
	f("GlobalStandard")
	f("SomethingNew")
	f("global_standard", `t.yaml:3:118: resources[0].deployments[0].sku: is no deployment type that is known, so prices may not be found (did you mean "GlobalStandard"?)`)
}
