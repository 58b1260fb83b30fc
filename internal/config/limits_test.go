package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
)

// org is a file with two models, three callers and two groups for limits to be about.
const org = `
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}, {name: o3}]}
callers:
  - {name: ann, key: good-key-1, group: red, models: [gpt-4o]}
  - {name: bob, key: good-key-2, group: Blue}
  - {name: cat, key: good-key-3}
`

// TestLimitProblems has every mistake that a limit can make by itself.
func TestLimitProblems(t *testing.T) {
	f := func(limit, want string) {
		t.Helper()
		lines := strings.Split(want, "\n")
		for i, line := range lines {
			place, message, _ := strings.Cut(line, " ")
			column, key, _ := strings.Cut(place, ":")
			if key != "" {
				key = "." + key
			}
			lines[i] = "t.yaml:2:" + column + ": limits[0]" + key + ": " + message
		}
		fails(t, nothing, "limits:\n- "+limit+org, strings.Join(lines, "\n"))
	}
	const periods = "is not one of: minute, hour, day, week, month, year, event, ever, nor a time from 1s to 1h"

	f(`{}`, `3 bounds none of requests, tokens, prompt_tokens, completion_tokens, money, seconds, images, characters, concurrent (such as {tokens: 100k, per: minute})`)
	f(`5`, `3 must be a section of keys and values, not a number`)
	f(`{tokens: 1, requests: 1, per: minute}`, `3 bounds both requests and tokens (write them as two limits)`)
	f(`{tokns: 1, per: minute}`, `4:tokns unknown key (did you mean "tokens"?)`)
	f(`{tokens: 1}`, `3 has no per (such as per: minute, or per: month)`)
	f(`{tokens: 1, pre: day}`, `15:pre unknown key (did you mean "per"?)`)
	f(`{tokens: -5, per: minute}`, `12:tokens must not be negative`)
	f(`{tokens: 1.5, per: minute}`, `12:tokens is not a number such as 600000, 600k or 1.5M: it does not come out whole`)
	f(`{tokens: 99999999999999999999, per: minute}`, `12:tokens is too large`)
	f(`{tokens: 1_099_511_627_777, per: minute}`, `12:tokens must be at most 1099511627776`)
	f(`{concurrent: 5, per: minute}`, `24:per requests on their way at the same time are not counted in periods (remove it)`)
	f(`{concurrent: 5, zone: UTC, warn: 80%}`, "25:zone means nothing: only the hour, day, week, month and year begin in a zone (remove it)\n"+
		"36:warn means nothing: a warning goes out once in a period, and there is none (remove it)")

	f(`{tokens: 1, per: 60}`, `20:per has no unit (20s is twenty seconds)`)
	f(`{tokens: 1, per: 500ms}`, `20:per must be whole seconds from 1s to 1h (longer ones are of the calendar: day, week, month, year)`)
	f(`{tokens: 1, per: 24h}`, `20:per must be whole seconds from 1s to 1h (longer ones are of the calendar: day, week, month, year)`)
	f(`{tokens: 1, per: Monthly}`, "20:per "+periods+` (did you mean "month"?)`)
	f(`{tokens: 1, per: daily}`, "20:per "+periods+` (did you mean "day"?)`)
	f(`{tokens: 1, per: hours}`, "20:per "+periods+` (did you mean "hour"?)`)
	f(`{tokens: 1, per: fortnight}`, "20:per "+periods)
	f(`{tokens: 1, per: [day]}`, `20:per must be a period such as minute, month or 30m, not a list`)

	f(`{tokens: 1, per: day, zone: Europe/Stokholm}`, `31:zone is not a time zone such as Europe/Stockholm (did you mean "Europe/Stockholm"?)`)
	f(`{tokens: 1, per: day, zone: tokyo}`, `31:zone is not a time zone such as Europe/Stockholm (did you mean "Asia/Tokyo"?)`)
	f(`{tokens: 1, per: day, zone: Local}`, `31:zone is not a time zone such as Europe/Stockholm`)
	f(`{tokens: 1, per: day, zone: ""}`, `31:zone is not a time zone such as Europe/Stockholm`)
	f(`{tokens: 1, per: day, zone: ../../etc/passwd}`, `31:zone is not a time zone such as Europe/Stockholm`)
	f(`{tokens: 1, per: 60m, zone: UTC}`, `31:zone means nothing: only the hour, day, week, month and year begin in a zone (remove it)`)
	f(`{tokens: 1, per: ever, zone: UTC}`, `32:zone means nothing: only the hour, day, week, month and year begin in a zone (remove it)`)

	f(`{money: 5.0000001, per: day}`, `11:money has more than six decimals`)
	f(`{money: 5 SEK, per: day}`, `11:money is not in the gateway's currency (currency is USD, one for the whole gateway)`)
	f(`{money: EUR 5, per: day}`, `11:money is not an amount such as 500, 0.01 or 500 EUR`)
	f(`{money: 5 usd, per: day}`, `11:money is not an amount such as 500, 0.01 or 500 EUR`)
	f(`{money: 5k, per: day}`, `11:money is not an amount such as 500, 0.01 or 500 EUR`)
	f(`{money: 1e3, per: day}`, `11:money is not an amount such as 500, 0.01 or 500 EUR`)
	f(`{money: .inf, per: day}`, `11:money is not an amount such as 500, 0.01 or 500 EUR`)
	f(`{money: -0.01, per: day}`, `11:money must not be negative`)
	f(`{money: 1_099_511_627_776.01, per: day}`, `11:money is too large`)
	f(`{money: 99999999999999999999, per: day}`, `11:money is too large`)

	f(`{tokens: 1, per: day, warn: 101%}`, `31:warn must be from 0% to 100%`)
	f(`{tokens: 1, per: day, warn: 8.5%}`, `31:warn is not a share such as 80%: it does not come out whole`)
	f(`{tokens: 1, per: day, warn: often}`, `31:warn is not a share such as 80%`)
	f(`{tokens: 1, per: day, dry_run: 1}`, `34:dry_run must be true or false`)
	f(`{tokens: 1, per: day, answer: 402}`, `33:answer must be 429 or 403`)
	f(`{tokens: 1, per: minute, answer: 403}`, `36:answer 403 is for budgets; this refusal is over soon, and its 429 says when (remove it)`)
	f(`{concurrent: 1, answer: 403}`, `27:answer 403 is for budgets; this refusal is over soon, and its 429 says when (remove it)`)
	f(`{tokens: 1, per: day, each: user}`, `31:each "user" is not one of: key, caller, group, event, attendee, model, deployment`)
	f(`{tokens: 1, per: day, each: [caler, key, key]}`, "32:each[0] \"caler\" is not one of: key, caller, group, event, attendee, model, deployment (did you mean \"caller\"?)\n"+
		"44:each[2] is there twice")
	f(`{tokens: 1, per: day, name: ""}`, `31:name must not be empty`)
}

// TestLimitThatMatchesNothing has every way in which a limit can be about nobody.
func TestLimitThatMatchesNothing(t *testing.T) {
	f := func(limit, want string) {
		t.Helper()
		fails(t, nothing, "limits:\n- "+limit+org, "t.yaml:2:"+want)
	}
	f(`{tokens: 1, per: day, callers: [ann, anna]}`, `40: limits[0].callers[1]: "anna" matches no caller (did you mean "ann"?)`)
	f(`{tokens: 1, per: day, callers: ["x*"]}`, `35: limits[0].callers[0]: "x*" matches no caller`)
	f(`{tokens: 1, per: day, groups: [green]}`, `34: limits[0].groups[0]: "green" matches no group`)
	f(`{tokens: 1, per: day, models: [gpt4o]}`, `34: limits[0].models[0]: "gpt4o" matches no model (did you mean "gpt-4o"?)`)
	f(`{tokens: 1, per: day, models: [gpt-5*]}`, `34: limits[0].models[0]: "gpt-5*" matches no model`)
	f(`{tokens: 1, per: day, deployments: [a/gpt4o]}`, `39: limits[0].deployments[0]: "a/gpt4o" matches no deployment (did you mean "a/gpt-4o"?)`)
	f(`{tokens: 1, per: day, deployments: [gpt-4o]}`, `39: limits[0].deployments[0]: "gpt-4o" matches no deployment (deployments are named RESOURCE/NAME)`)

	f(`{tokens: 1, per: day, callers: [ann], groups: [blue]}`, `3: limits[0]: can match nothing: none of its callers is in its groups`)
	f(`{tokens: 1, per: day, callers: [cat], groups: ["*e*"]}`, `3: limits[0]: can match nothing: none of its callers is in its groups`)
	f(`{tokens: 1, per: day, callers: [ann], models: [o3]}`, `3: limits[0]: can match nothing: its callers may use none of its models`)
	f(`{tokens: 1, per: day, groups: [red], models: [o*]}`, `3: limits[0]: can match nothing: its callers may use none of its models`)
	f(`{tokens: 1, per: day, models: [o3], deployments: [a/gpt*]}`, `3: limits[0]: can match nothing: its deployments serve none of its models`)
	f(`{tokens: 1, per: day, callers: [ann], deployments: [a/o3]}`, `3: limits[0]: can match nothing: its callers may use no model that its deployments serve`)

	const events = "can match nothing: the callers of this file take part in no event"
	f(`{tokens: 1, per: event, callers: [ann]}`, `20: limits[0].per: `+events)
	f(`{tokens: 1, per: day, each: attendee, callers: [ann]}`, `31: limits[0].each: `+events)
	f(`{tokens: 1, per: day, each: [model, event], callers: [ann]}`, `31: limits[0].each: `+events)
	f(`{tokens: 1, per: day, events: [e*], callers: [ann]}`, `33: limits[0].events: `+events)

	for _, right := range []string{
		`{tokens: 1, per: day, callers: [ANN], groups: [RED], models: [GPT*], deployments: [A/*]}`,
		`{tokens: 1, per: event, events: [summer-*], each: [event, attendee], groups: [red]}`,
		`{tokens: 1, per: day, callers: [ann, bob], models: [o3]}`, // bob may
	} {
		mustParse(t, "limits:\n- "+right+org, nothing)
	}
	// A fallback's deployment serves what is asked of the model that falls back to it.
	mustParse(t, "models: {gpt-4o: {fallback: [o3]}}\nlimits:\n- {tokens: 1, per: day, callers: [ann], deployments: [a/o3]}"+org, nothing)
	// Callers of a group also come from elsewhere, and may then use any model.
	mustParse(t, "groups: [{name: green}]\nlimits:\n- {tokens: 1, per: day, groups: [green], models: [o3]}"+org, nothing)
}

// TestLimitsOfASection has what a limit must not say because of where it stands.
func TestLimitsOfASection(t *testing.T) {
	fails(t, nothing, `
groups:
  - {name: red, limits: [{tokens: 1, per: day, groups: [red]}, {tokens: 2, per: day, each: group}, {tokens: 3, per: day, callers: [bob]}]}
models:
  gpt-4o: {limits: [{tokens: 1, per: day, models: [gpt-4o]}, {tokens: 1, per: day, each: [caller, model]}, {tokens: 1, per: day, deployments: [a/o3]}]}
resources:
  - name: a
    endpoint: https://a.example
    key: azure-key-1
    deployments:
      - {name: gpt-4o, limits: [{tokens: 1, per: day, deployments: [a/gpt-4o]}, {tokens: 1, per: day, each: deployment}]}
      - {name: o3, limits: [{tokens: 1, per: day, callers: [ann]}]}
callers:
  - name: ann
    key: good-key-1
    group: red
    models: [gpt-4o]
    limits:
      - {tokens: 1, per: day, callers: [ann]}
      - {tokens: 1, per: day, groups: [red]}
      - {tokens: 1, per: day, each: caller}
      - {tokens: 1, per: day, each: [group]}
      - {tokens: 1, per: event}
      - {tokens: 1, per: day, each: attendee}
      - {tokens: 1, per: day, models: [o3]}
  - {name: bob, key: good-key-2}
`, `
t.yaml:3:56: groups[0].limits[0].groups: the limits of a group are about it alone (remove it)
t.yaml:3:92: groups[0].limits[1].each: the limits of a group have one count for it as it is
t.yaml:3:100: groups[0].limits[2]: can match nothing: none of its callers is in its groups
t.yaml:5:51: models.gpt-4o.limits[0].models: the limits of a model are about it alone (remove it)
t.yaml:5:90: models.gpt-4o.limits[1].each: the limits of a model have one count for it as it is
t.yaml:5:108: models.gpt-4o.limits[2]: can match nothing: its deployments serve none of its models
t.yaml:11:68: resources[0].deployments[0].limits[0].deployments: the limits of a deployment are about it alone (remove it)
t.yaml:11:109: resources[0].deployments[0].limits[1].each: the limits of a deployment have one count for it as it is
t.yaml:12:29: resources[0].deployments[1].limits[0]: can match nothing: its callers may use no model that its deployments serve
t.yaml:19:40: callers[0].limits[0].callers: the limits of a caller are about it alone (remove it)
t.yaml:20:39: callers[0].limits[1].groups: the limits of a caller are about it alone, whatever its group (remove it)
t.yaml:21:37: callers[0].limits[2].each: the limits of a caller have one count for it as it is
t.yaml:22:37: callers[0].limits[3].each: the limits of a caller have one count for it as it is
t.yaml:23:26: callers[0].limits[4].per: can match nothing: the callers of this file take part in no event
t.yaml:24:37: callers[0].limits[5].each: can match nothing: the callers of this file take part in no event
t.yaml:25:9: callers[0].limits[6]: can match nothing: its callers may use none of its models`)
}

// TestAllLimits has limits in every section: complete, in order, and named.
func TestAllLimits(t *testing.T) {
	c := mustParse(t, `
currency: EUR
models:
  gpt-4o: {limits: [{requests: 10, per: 10s}]}
groups:
  - {name: Red, limits: [{tokens: 1500, per: hour}, {tokens: 1M, per: year, each: caller}]}
limits:
  - {tokens: 200k, per: minute, each: caller}
  - {tokens: 200k, per: minute, each: caller, dry_run: true}
  - {money: 0.5, per: month, groups: [red], models: [o3]}
  - {requests: 7, per: event, events: [summer], each: [event, attendee]}
  - {name: "ann: 100k tokens a minute", concurrent: 3}
  - {requests: 60, per: ever}
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o, limits: [{prompt_tokens: 5, per: 1h}]}, {name: o3}, {name: GPT-4o, model: gpt-4o, base: gpt-4o, limits: [{prompt_tokens: 5, per: 1h}]}]}
callers:
  - {name: ann, key: good-key-1, group: red, limits: [{tokens: 100k, per: minute}, {tokens: 100k, per: minute}]}
`, nothing)
	type row struct{ Name, Caller, Group, Model, Deployment string }
	var got []row
	for _, l := range c.AllLimits() {
		of := func(d tallygate.Dimension) string { return strings.Join(l.Match[d], ",") }
		got = append(got, row{l.Name, of(tallygate.ByCaller), of(tallygate.ByGroup), of(tallygate.ByModel), of(tallygate.ByDeployment)})
	}
	want := []row{
		{Name: "each caller: 200k tokens a minute"},
		{Name: "each caller: 200k tokens a minute (2)"},
		{Name: "group red, o3: 0.50 EUR a month", Group: "red", Model: "o3"},
		{Name: "event summer, each event and attendee: 7 requests for the event"},
		{Name: "ann: 100k tokens a minute"},
		{Name: "everyone: 60 requests in all"},
		{Name: "group Red: 1500 tokens an hour", Group: "Red"},
		{Name: "group Red, each caller: 1M tokens a year", Group: "Red"},
		{Name: "ann: 100k tokens a minute (2)", Caller: "ann"},
		{Name: "ann: 100k tokens a minute (3)", Caller: "ann"},
		{Name: "gpt-4o: 10 requests in 10s", Model: "gpt-4o"},
		{Name: "a/gpt-4o: 5 prompt tokens in 1h", Deployment: "a/gpt-4o"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if c.Callers[0].Group != "Red" {
		t.Errorf("the caller's group is spelt %q, want as its section has it", c.Callers[0].Group)
	}
	if all := c.AllLimits(); len(c.Callers[0].Limits[0].Match[tallygate.ByCaller]) != 0 || len(all) != len(want) {
		t.Error("AllLimits changed the configuration")
	}
}

// TestLimitNames holds names to be of one limit each, wherever it stands.
func TestLimitNames(t *testing.T) {
	fails(t, nothing, `
limits:
  - {name: x, tokens: 1, per: day}
  - {name: x, tokens: 1, per: day}
models: {gpt-4o: {limits: [{name: x, tokens: 1, per: day}, {name: X, tokens: 1, per: day}]}}
`+org, `
t.yaml:4:12: limits[1].name: "x" is already taken on line 3
t.yaml:5:35: models.gpt-4o.limits[0].name: "x" is already taken on line 3`)
	fails(t, nothing, `
resources:
  - name: a
    endpoint: https://a.example
    key: azure-key-1
    deployments:
      - {name: o3, limits: [{name: x, tokens: 1, per: day}]}
      - {name: o3, limits: [{name: x, tokens: 1, per: day}]}
      - {name: o4, limits: [{name: x, tokens: 1, per: day}]}
      - {name: o5, limits: [{name: y, tokens: 1, per: day}, {name: y, tokens: 2, per: day}]}
callers: [{name: a, key: good-key-1}]
`, `
t.yaml:9:36: resources[0].deployments[2].limits[0].name: "x" is already taken on line 7
t.yaml:10:68: resources[0].deployments[3].limits[1].name: "y" is already taken on line 10`)

	// A name that is made up stays a name, however long what it is made of.
	long := strings.Repeat("é", 60)
	c := mustParse(t, "limits: [{tokens: 1, per: day, callers: ["+long+"]}]\n"+strings.Replace(rest, "name: search", "name: "+long, 1), nothing)
	if want := strings.Repeat("é", 36) + "…: 1 tokens a day"; c.Limits[0].Name != want {
		t.Errorf("name = %q, want %q", c.Limits[0].Name, want)
	}
}

// TestLimitOfNothingIsRemarked tells that 0 forbids, which not everyone means by it.
func TestLimitOfNothingIsRemarked(t *testing.T) {
	c := mustParse(t, "limits:\n- {tokens: 0, per: day}\n- {money: 0 USD, per: day}"+org, nothing)
	want := []string{
		"t.yaml:2:12: limits[0].tokens: a limit of 0 forbids everything that it is about",
		"t.yaml:3:11: limits[1].money: a limit of 0 forbids everything that it is about",
	}
	if diff := cmp.Diff(want, notes(c)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if l := c.Limits[0]; l.Amount != 0 || l.Warn != 0 {
		t.Errorf("limit = %+v, want nothing to warn of", l)
	}
}

func notes(c *config.Config) []string {
	var list []string
	for _, n := range c.Notes {
		list = append(list, n.String())
	}
	return list
}

// TestLimitDefaults has what a limit is when it does not say.
func TestLimitDefaults(t *testing.T) {
	f := func(limit string, warn int, zone string) {
		t.Helper()
		l := mustParse(t, "zone: Asia/Tokyo\nlimits:\n- "+limit+org, nothing).Limits[0]
		if l.Warn != warn || l.Zone.String() != zone || (l.Zone == nil) != (zone == "UTC") {
			t.Errorf("%s warns at %d in %v, want %d in %s", limit, l.Warn, l.Zone, warn, zone)
		}
	}
	f("{tokens: 5, per: day}", 80, "Asia/Tokyo")
	f("{tokens: 5, per: hour}", 80, "Asia/Tokyo")
	f("{tokens: 5, per: ever}", 80, "UTC")
	f("{tokens: 5, per: event}", 80, "UTC")
	f("{money: 5, per: minute}", 80, "UTC") // money is always a budget
	f("{tokens: 5, per: minute}", 0, "UTC")
	f("{tokens: 5, per: 60m, warn: 50%}", 50, "UTC")
	f("{concurrent: 5}", 0, "UTC")
	f("{tokens: 5, per: day, warn: 0, zone: Asia/Tokyo}", 0, "Asia/Tokyo")
}
