package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tallygate/tallygate"
)

// around is the configuration that limits of these tests stand beside.
const around = `
currency: EUR
zone: Europe/Stockholm
resources:
  - {name: a, endpoint: "https://a.openai.azure.com", key: resource-key, deployments: [{name: gpt-4o}]}
groups: [{name: product}]
callers: [{name: search-team, key: key-of-search-team, group: product}]
limits: [{name: all, requests: 10, per: minute}]
`

func standing(t testing.TB) *Config {
	t.Helper()
	c, err := Parse("gateway.yaml", []byte(around), Env{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A limit that stands alone is read as the same entry of the file would be, with the
// file's zone and the warning of budgets.
func TestParseLimit(t *testing.T) {
	c := standing(t)
	for _, test := range []struct {
		name, data string
		want       tallygate.Limit
	}{
		{"rate", `{"tokens":"100k","per":"minute","each":["caller"],"callers":["search-team"]}`, tallygate.Limit{
			Quantity: tallygate.Tokens, Amount: 100_000, Period: tallygate.Sliding, Length: time.Minute,
			Each: []tallygate.Dimension{tallygate.ByCaller}, Match: [tallygate.Dimensions][]string{tallygate.ByCaller: {"search-team"}},
		}},
		{"budget", "{\n\t\"name\": \"budget\",\n\t\"money\": \"12.50 EUR\", \"per\": \"month\", \"answer\": 403, \"warn\": \"60%\"}", tallygate.Limit{
			Quantity: tallygate.Cost, Amount: 12_500_000, Period: tallygate.Month, Zone: c.Zone, Warn: 60, Forbid: true,
		}},
		{"a 😀 / \"name\"", `{"requests":5,"per":"day","zone":"Asia\/Tokyo","dry_run":true}`, tallygate.Limit{
			Amount: 5, Period: tallygate.Day, Zone: mustZone(t, "Asia/Tokyo"), Warn: 80, DryRun: true,
		}},
	} {
		test.want.Name = test.name
		got, err := c.ParseLimit(test.name, []byte(test.data))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		zones := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
		if diff := cmp.Diff(test.want, got, zones, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// What is wrong with a limit that stands alone is said by its path in the object,
// without a file or a line, and all of it at once.
func TestParseLimitProblems(t *testing.T) {
	c := standing(t)
	for _, test := range []struct{ name, data, want string }{
		{"x", ``, "is not JSON"},
		{"x", `{"tokens":1,"per":"minute"} {}`, "is not JSON"},
		{"x", "tokens: 1\nper: minute", "is not JSON"},
		{"x", `[]`, "must be a section of keys and values, not a list"},
		{"x", `null`, "bounds none of requests, tokens"},
		{"x", `{}`, "bounds none of requests, tokens"},
		{"x", `{"tokens":1,"tokens":2,"per":"minute"}`, "tokens: is there twice"},
		{"x", `{"tokns":1,"per":"minute"}`, `tokns: unknown key (did you mean "tokens"?)`},
		{"x", `{"tokens":1,"requests":2,"per":"minute"}`, "bounds both requests and tokens (write them as two limits)"},
		{"x", `{"tokens":true,"per":"minute"}`, "tokens: must be a number, not true or false"},
		{"x", `{"tokens":-1,"per":"minute"}`, "tokens: "},
		{"x", `{"tokens":1e30,"per":"minute"}`, "tokens: "},
		{"x", `{"tokens":1}`, "has no per (such as per: minute, or per: month)"},
		{"x", `{"concurrent":3,"per":"minute"}`, "per: requests on their way"},
		{"x", `{"tokens":1,"per":"fortnight"}`, "per: "},
		{"x", `{"tokens":1,"per":"month","zone":"Mars/Olympus"}`, "zone: "},
		{"x", `{"tokens":1,"per":"minute","callers":["serch-team"]}`, `callers[0]: "serch-team" matches no caller (did you mean "search-team"?)`},
		{"x", `{"tokens":1,"per":"minute","groups":["other"]}`, `groups[0]: "other" matches no group`},
		{"x", `{"tokens":1,"per":"minute","models":["gpt-5"]}`, `models[0]: "gpt-5" matches no model`},
		{"x", `{"money":"5 USD","per":"month"}`, "money: is not in the gateway's currency"},
		{"x", `{"tokens":1,"per":"minute","name":"y"}`, `name: is not "x"`},
		{"all", `{"tokens":1,"per":"minute"}`, `name: "all" is the name of a limit in the configuration file`},
		{"", `{"tokens":1,"per":"minute"}`, "name: must not be empty"},
		{"x", `{"tokens":"${env:HOME}","per":"${file:/etc/passwd}"}`, "per: has a reference, which only the configuration file may\ntokens: has a reference"},
		{"x", `{"tokens":"lots","per":"never"}`, "per: "},
	} {
		_, err := c.ParseLimit(test.name, []byte(test.data))
		problems, ok := errors.AsType[*Problems](err)
		switch {
		case !ok:
			t.Errorf("%s %s: %v is no *Problems", test.name, test.data, err)
		case !strings.Contains(err.Error(), test.want):
			t.Errorf("%s %s: %q, want %q", test.name, test.data, err, test.want)
		case (*problems)[0].Line != 0 || (*problems)[0].File != "" || strings.HasPrefix(err.Error(), "["):
			t.Errorf("%s %s: %+v has a place in a file", test.name, test.data, (*problems)[0])
		}
	}
}

// Foreign bytes are a limit that the file could hold as well, or a problem.
func FuzzParseLimit(f *testing.F) {
	c := standing(f)
	for _, seed := range []string{
		`{"tokens":"100k","per":"minute","each":["caller"],"callers":["search-team"],"warn":"80%"}`,
		`{"money":"5 EUR","per":"month","zone":"Asia/Tokyo"}`, `{"concurrent":3}`, `[[[]]]`, `{"name":{"name":null}}`, `{"per":"\ud83d\ude00"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := c.ParseLimit("x", data)
		if problems, ok := errors.AsType[*Problems](err); err != nil && (!ok || len(*problems) == 0) {
			t.Fatalf("%v", err)
		}
		if err == nil && (got.Name != "x" || got.Amount < 0 || got.Quantity > tallygate.Concurrent || got.Quantity != tallygate.Concurrent && got.Period == 0) {
			t.Fatalf("%+v", got)
		}
	})
}

// What is wrong with an event that stands alone is said by its path in the object, also
// in its limits, and its id is the one that it is called by.
func TestParseEventProblems(t *testing.T) {
	c := standing(t)
	const times = `"name":"Lab","code":"lab-2026","start":"2026-12-01","end":"2026-12-02"`
	for _, test := range []struct{ id, data, want string }{
		{"lab", `[]`, "must be a section of keys and values, not a list"},
		{"lab", `{` + times + `,"limits":[{"requests":1,"per":"day"},{"tokens":1,"per":"never"}]}`, "limits[1].per: "},
		{"lab", `{` + times + `,"limits":[{"tokens":1,"per":"day","each":["event"]}]}`, "limits[0].each: "},
		{"lab", `{` + times + `,"id":"other"}`, `id: is not "lab", which the event is called by (leave it out)`},
		{"lab", `{` + times + `,"id":{}}`, "id: must be text, not a section"},
		{"No Id", `{` + times + `}`, "id: is not an id"},
		{"lab", `{` + times + `,"organizer":{"nme":"x"}}`, "organizer.nme: unknown key"},
		{"lab", `{` + times + `,"models":["gpt-5"]}`, `models[0]: "gpt-5" matches no model`},
		{"lab", `{"name":"Lab","code":"lab-2026","start":"2026-12-02","end":"2026-12-01"}`, "end: the event ends before it starts"},
		{"lab", `{` + times + `,"chat":"${env:HOME}"}`, "chat: has a reference, which only the configuration file may"},
		{"lab", `{` + times + `,"prompts":[{"title":"a"}]}`, "prompts[0]: has no text"},
	} {
		_, _, err := c.ParseEvent(test.id, []byte(test.data))
		problems, ok := errors.AsType[*Problems](err)
		if !ok || !strings.Contains(err.Error(), test.want) || (*problems)[0].Line != 0 {
			t.Errorf("%s %s: %v, want %s", test.id, test.data, err, test.want)
		}
	}
	e, limits, err := c.ParseEvent("lab", []byte(`{`+times+`,"id":"lab","limits":[{"requests":5,"per":"day","each":"attendee"}],"markdown":"${x}"}`))
	if err != nil || e.ID != "lab" || e.Markdown != "${x}" || len(limits) != 1 || limits[0].Name != "event lab, each attendee: 5 requests a day" {
		t.Errorf("%+v, %+v, %v", e, limits, err)
	}
}
