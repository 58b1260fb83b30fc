package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tallygate/tallygate/internal/api"
)

// asked runs a command that prints JSON, and reads it.
func asked[T any](t *testing.T, args ...string) (v T) {
	t.Helper()
	code, out, words := inProcess(t, args...)
	if code != exitOK {
		t.Fatalf("%s: exit %d, %s", strings.Join(args, " "), code, words)
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// A clone of an event of the configuration file says all that the event does, with a
// name and a code of its own, and has its limits, but not those of others.
func TestCloneOfFile(t *testing.T) {
	startGateway(t, `
currency: EUR
events:
  - {name: Bare, code: bare-code, start: 2030-01-01T09:00, end: 2030-01-01T17:00}
  - name: Full
    code: full-code
    zone: Europe/Stockholm
    start: 2030-01-01T09:00
    end: 2030-01-03T17:00
    active: false
    models: [gpt-4o]
    chat: gpt-4o
    max_tokens: {cap: 2k, over: reject}
    limits:
      - {name: fair, tokens: 100k, per: day, zone: Asia/Tokyo, each: attendee, warn: 50%}
      - {tokens: 5M, per: event, each: [attendee, model], warn: 0%, dry_run: true}
      - {requests: 9, per: 30m, models: ["gpt*"]}
      - {money: 0.5, per: week, answer: 403}
      - {concurrent: 7}
    seats: 20
    domains: [contoso.com]
    roster: [ann@example.com]
    markdown: "# Welcome"
    logo: https://example.com/logo.png
    url: https://example.com
    url_text: More
    organizer: {name: Ann, email: ann@example.com}
    prompts: [{title: Hi, text: "Say hi\nto all"}, {title: Bye, text: "Say: bye"}]
    system_message: Be brief.
    forget_after: 30
limits:
  - {name: of-all, requests: 1000, per: day, events: ["*"]}
  - {name: of-both, requests: 1000, per: day, events: [full, bare]}
  - {name: of-one, requests: 1000, per: day, each: [event, caller], events: [full]}
`)
	if code, _, words := inProcess(t, "limits", "set", "stored", "--requests", "5", "--per", "day", "--events", "full"); code != exitOK {
		t.Fatal(words)
	}
	for id, limits := range map[string]int{"full": 6, "bare": 0} {
		was := asked[api.Event](t, "events", "show", id, "-o", "json")
		is := asked[api.Event](t, "events", "clone", id, "Another "+id, "--start", "2031-01-01T09:00", "-o", "json")
		own := cmpopts.IgnoreFields(api.Event{}, "ID", "Name", "Code", "Origin", "State", "Version", "Definition", "Start", "End", "Page", "Live")
		if diff := cmp.Diff(was, is, own); diff != "" {
			t.Errorf("%s (-it +its clone):\n%s", id, diff)
		}
		if is.Origin != "stored" || is.Name != "Another "+id || is.Code == was.Code || is.Code == "" || is.State != "not started" || is.End.Sub(is.Start) != was.End.Sub(was.Start) {
			t.Errorf("%s: its clone is %+v", id, is)
		}
		var before, after []api.Limit
		for _, l := range asked[api.LimitList](t, "limits", "list", "-o", "json").Limits {
			switch {
			case l.Origin == "file" && cmp.Equal(l.Events, []string{id}):
				before = append(before, l)
			case cmp.Equal(l.Events, []string{is.ID}):
				after = append(after, l)
			}
		}
		alike := cmp.Options{
			cmpopts.IgnoreFields(api.Limit{}, "Name", "Origin", "Events", "Subjects"),
			cmpopts.IgnoreSliceElements(func(dimension string) bool { return dimension == "event" }),
			cmpopts.SortSlices(func(a, b api.Limit) bool { return a.Quantity+string(a.Amount) < b.Quantity+string(b.Amount) }),
		}
		if diff := cmp.Diff(before, after, alike); diff != "" || len(after) != limits {
			t.Errorf("%s has %d limits, want %d (-its +its clone's):\n%s", id, len(after), limits, diff)
		}
	}
}

// Flags change what a clone of the file's event says, as they do with others.
func TestCloneOfFileWithFlags(t *testing.T) {
	startGateway(t, `
sign_in: [{name: github, github: true, client_id: c, client_secret: s-0123456789}]
events:
  - {name: Lab, start: 2030-01-01T09:00, end: 2030-01-01T17:00, limits: [{tokens: 100k, per: day, each: attendee}]}
`)
	is := asked[api.Event](t, "events", "clone", "lab", "Second", "--start", "2031-01-01T09:00", "--for", "2h", "--seats", "3", "--tokens-per-attendee", "7/day", "-o", "json")
	if is.Code != "" || is.Seats != 3 || is.End.Sub(is.Start).Hours() != 2 {
		t.Errorf("%+v", is)
	}
	list := asked[api.LimitList](t, "limits", "list", "--limit", "*second*", "-o", "json")
	if len(list.Limits) != 1 || list.Limits[0].Amount != "7" {
		t.Errorf("%+v", list.Limits)
	}
}

// An event of Azure Tables can be cloned, too: with its model, cap and organiser.
func TestCloneOfTables(t *testing.T) {
	startGateway(t, "callers: [{name: c, key: caller-key-0123456789}]\nazure_tables: {connection_string: '"+proxyTables(t)+"', every: 1s}\n")
	var was api.Event
	if err := poll(func() error {
		all := asked[api.EventList](t, "events", "list", "--codes", "-o", "json").Events
		if len(all) == 0 {
			return errors.New("the tables were not read")
		}
		was = all[0]
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	is := asked[api.Event](t, "events", "clone", was.ID, "Another", "--start", "2031-01-01T09:00", "-o", "json")
	if was.Origin != "azure-tables" || is.Origin != "stored" || is.Code == was.Code || is.Code == "" || is.Organiser.Name != "John Smith" ||
		is.MaxTokens != was.MaxTokens || !cmp.Equal(is.Models, was.Models) || is.End.Sub(is.Start) != time.Hour {
		t.Errorf("%+v\nfrom %+v", is, was)
	}
}
