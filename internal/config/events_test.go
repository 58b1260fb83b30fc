package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
	"github.com/tallygate/tallygate/internal/event"
)

// head is a configuration that events can be added to.
const eventsHead = `
zone: Europe/Stockholm
resources:
  - {name: one, endpoint: https://one.openai.azure.com, key: k-0123456789, deployments: [{name: gpt-4o}]}
callers: [{name: c, key: c-0123456789}]
events:
`

func parseEvents(events string) (*config.Config, error) {
	return config.Parse("t.yaml", []byte(eventsHead+events), tree.Env{})
}

// An event's times are those of its zone's clock, or of the offset they give; its id
// follows from its name, and its limits are about it.
func TestEvents(t *testing.T) {
	c, err := parseEvents(`
  - name: "My Event, 2026!"
    code: myevent2026
    start: 2026-12-01T09:00
    end: 2026-12-01T17:00:00-05:00
    zone: Asia/Tokyo
    models: [gpt-4o]
    max_tokens: {cap: 512, over: reject}
    limits: [{tokens: 1M, per: event}, {requests: 50, per: day, each: attendee}]
    organizer: {name: Ann, email: ann@example.com}
    allow: [images, data_sources]
  - {name: Bridge, code: 5f0c1c59-7f3a-4F0E-8a30-8a2f0c9d1f2e, start: 2023-12-01, end: 2023-12-02}
  - {name: Plain, code: plain-code, start: 2026-12-01, end: 2026-12-02, active: false}
`)
	if err != nil {
		t.Fatal(err)
	}
	e := c.Events[0]
	if e.ID != "my-event-2026" || !e.Start.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) ||
		!e.End.Equal(time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)) || !e.Active || e.Code.Reveal() != "myevent2026" ||
		e.MaxTokens != (tallygate.Cap{Tokens: 512, Reject: true}) || e.Allow != tallygate.ReachImages|tallygate.ReachData {
		t.Errorf("read %+v", e)
	}
	if p := c.Events[2]; p.Active || p.Allow != 0 || !p.Start.Equal(time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("in the file's zone: %+v", p)
	}
	for _, l := range c.AllLimits() {
		if len(l.Match[tallygate.ByEvent]) != 1 || l.Match[tallygate.ByEvent][0] != "my-event-2026" {
			t.Errorf("%s is about %v", l.Name, l.Match)
		}
	}
	again, err := config.Parse("t.yaml", []byte(eventsHead+`  - {name: x, code: code-of-x, start: 2026-12-01T09:00, end: 2026-12-01T09:00}`), tree.Env{})
	if err != nil || again.Events[0].ID != "x" {
		t.Errorf("an event of an instant: %v", err)
	}
	short, err := config.Parse("t.yaml", []byte(eventsHead+`  - {name: x, code: code-of-x, start: 2026-12-01T09:00Z, end: 2026-12-01T10:00+01:00}`), tree.Env{})
	if err != nil || !short.Events[0].Start.Equal(short.Events[0].End) {
		t.Errorf("times with an offset and without seconds: %v", err)
	}
}

// What an event suggests is taken as it stands, markup and marks of direction too, and
// printed so that it is read again.
func TestPrompts(t *testing.T) {
	const title, text = "<b>\u200fשיר</b> 🎉", "</script><img src=x onerror=alert(1)>\n${env:HOME}\u202e ${"
	body, err := json.Marshal(map[string]any{"name": "x", "code": "code-of-x", "start": "2026-12-01", "end": "2026-12-02", "system_message": "${" + text,
		"prompts": []map[string]string{{"title": title, "text": text}, {"title": "2", "text": "3"}}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := parseEvents("  - " + strings.ReplaceAll(string(body), "${", "$${") + "\n")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		e := c.Events[0]
		if !slices.Equal(e.Prompts, []config.Prompt{{Title: title, Text: text}, {Title: "2", Text: "3"}}) || e.SystemMessage != "${"+text {
			t.Errorf("%q, %q", e.Prompts, e.SystemMessage)
		}
		var printed bytes.Buffer
		if err := c.Print(&printed); err != nil {
			t.Fatal(err)
		}
		if c, err = config.Parse("again.yaml", printed.Bytes(), tree.Env{}); err != nil {
			t.Fatalf("%v in\n%s", err, &printed)
		}
	}
}

// What is wrong with an event is said with its line, and its code never.
func TestEventProblems(t *testing.T) {
	for _, test := range []struct{ event, want string }{
		{"{name: a, start: 2026-12-02T00:00, end: 2026-12-01T00:00}", "events[0].end: the event ends before it starts"},
		{"{name: a, start: 2026-03-29T02:30, end: 2026-12-01T00:00}", "does not exist: the clocks of Europe/Stockholm leap over it"},
		{"{name: a, start: soon, end: 2026-12-01T00:00}", "is not a time such as 2026-12-01T09:00"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, zone: Europe/Stokholm}", "Europe/Stockholm"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: secret/code}", "is not an event code"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: short}", "is not an event code"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: 5f0c1c59-7f3a-4f0e-8a30-8a2f0c9d1f2g}", "is not an event code"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: 5f0c1c59-7f3a-4f0e-8a308a2f0c9d1f2e-1}", "is not an event code"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, models: [gpt-5]}", "matches no model"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, chat: gpt-5}", "no deployment serves this model"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, allow: [tools, image]}", `events[0].allow[1]: "image" is not one of: tools, images, files, data_sources (did you mean "images"?)`},
		{"{name: '!!', start: 2026-12-01, end: 2026-12-02}", "makes no id"},
		{"{name: a, id: A B, start: 2026-12-01, end: 2026-12-02}", "is not an id"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, logo: 'javascript:alert(1)'}", "is not an address"},
		{"{name: a, start: 2026-12-01}", "has no end"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: Hi}]}", "events[0].prompts[0]: has no text"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: ' ', text: x}]}", "events[0].prompts[0].title: must not be empty"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: {title: Hi, text: x}}", "must be a list"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [" + strings.Repeat("{title: Hi, text: x},", 13) + "]}", "events[0].prompts: are 13; there may be 12 at most"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: " + strings.Repeat("é", 41) + ", text: x}]}", "has 41 characters; 40 is the most"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: x, text: " + strings.Repeat("é", 10<<10) + "}]}", "…\" has 10240 characters; 2000 is the most"},
		{`{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: "a\nb", text: x}]}`, "must be one line"},
		{`{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: "a\u202eb", text: x}]}`, "changes the direction"},
		{`{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, prompts: [{title: a, text: "x\0"}]}`, "events[0].prompts[0].text: holds a control character"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, system_message: " + strings.Repeat("x", 4001) + "}", "has 4001 characters; 4000 is the most"},
		{`{name: a, start: 2026-12-01, end: 2026-12-02, code: code-of-a, system_message: "\e[2J"}`, "events[0].system_message: holds a control character"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: samecode1}\n  - {name: b, start: 2026-12-01, end: 2026-12-02, code: samecode1}", "events[1].code: the event on line 7 has the same code"},
		{"{name: a, start: 2026-12-01, end: 2026-12-02, code: samecode1}\n  - {name: b, start: 2026-12-01, end: 2026-12-02, code: SameCode1}", "events[1].code: the event on line 7 has the same code but for upper and lower case (give it another)"},
		{"{name: Lab, start: 2026-12-01, end: 2026-12-02}\n  - {name: lab, start: 2026-12-01, end: 2026-12-02}", `t.yaml:8:12: events[1].name: makes the id "lab", which is already taken by the event on line 7`},
		{"{name: Lab, start: 2026-12-01, end: 2026-12-02}\n  - {id: lab, name: Other, start: 2026-12-01, end: 2026-12-02}", `t.yaml:8:10: events[1].id: "lab" is already taken by the event on line 7`},
		{"{name: a, start: 2026-12-01, end: 2026-12-02}", "t.yaml:7:5: events[0].code: nobody can get in: the event has no code, and there is no identity provider to sign in with (give it a code, "},
	} {
		_, err := parseEvents("  - " + test.event + "\n")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.event, err, test.want)
			continue
		}
		if !strings.Contains(err.Error(), "t.yaml:") || strings.Contains(err.Error(), "secret/code") || strings.Contains(strings.ToLower(err.Error()), "samecode1") {
			t.Errorf("%s: %v", test.event, err)
		}
	}
}

// An event that is not in the file is read and checked as one that is, and its
// limits have names of their own.
func TestParseEvent(t *testing.T) {
	c, err := parseEvents("  - {name: a, code: in-the-file, start: 2026-12-01, end: 2026-12-02}\n")
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"name":"B","code":"another-code","start":"2026-12-01T09:00","end":"2026-12-01T17:00","models":["gpt-4o"],"max_tokens":256,
		"limits":[{"tokens":"1M","per":"event"},{"requests":5,"per":"day","each":"attendee"},{"requests":5,"per":"day","each":"attendee"}]}`
	e, limits, err := c.ParseEvent("b", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if e.ID != "b" || !e.Active || e.MaxTokens.Tokens != 256 || !e.Start.Equal(time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("read %+v", e)
	}
	const code = "What is ${x}, $${x} and ${env:HOME} in `$${`?"
	text, err := json.Marshal(code)
	if err != nil {
		t.Fatal(err)
	}
	about := fmt.Sprintf(`"markdown":%s,"system_message":%[1]s,"prompts":[{"title":"Code","text":%[1]s}],"name"`, text)
	if p, _, err := c.ParseEvent("b", []byte(strings.Replace(good, `"name"`, about, 1))); err != nil || p.Markdown != code || p.SystemMessage != code || p.Prompts[0].Text != code {
		t.Errorf("text about code: %v, %+v", err, p)
	}
	names := make(map[string]bool)
	for _, l := range limits {
		names[l.Name] = true
		if l.Match[tallygate.ByEvent][0] != "b" || l.Name == "" {
			t.Errorf("limit %+v", l)
		}
	}
	if len(names) != 3 {
		t.Errorf("limits are called %v", names)
	}
	for body, want := range map[string]string{
		strings.Replace(good, "another-code", "in-the-file", 1): "code: the event on line 7 of the configuration file has the same code",
		strings.Replace(good, "another-code", "In-The-File", 1): "but for upper and lower case",
		strings.Replace(good, `"code":"another-code",`, ``, 1):  "code: nobody can get in",
		strings.Replace(good, `"name"`, `"id":"c","name"`, 1):   "is not \"b\"",
		strings.Replace(good, "gpt-4o", "gpt-9", 1):             "matches no model",
		strings.Replace(good, "T17", "T07", 1):                  "ends before it starts",
		strings.Replace(good, `"1M"`, `"-1"`, 1):                "",
		`[]`:                                                    "", `{"name":`: "is not JSON", `{}`: "has no name", `"x"`: "",
		strings.Replace(good, "another-code", "${env:HOME}", 1): "reference",
	} {
		_, _, err := c.ParseEvent("b", []byte(body))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s…: %v, want %q", body, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "another-code") {
			t.Errorf("the code is shown: %v", err)
		}
	}
	if _, _, err := c.ParseEvent("a", []byte(good)); err == nil {
		t.Error("an event under the id of one in the file")
	}
}

// An event without a code is right where people can sign in with an identity provider.
func TestEventWithoutCode(t *testing.T) {
	const signIn = "sign_in: [{name: github, github: true, client_id: c, client_secret: s-0123456789}]\n"
	const event = "  - {name: a, start: 2026-12-01, end: 2026-12-02}\n"
	if _, err := config.Parse("t.yaml", []byte(signIn+eventsHead+event), tree.Env{}); err != nil {
		t.Error(err)
	}
	const broken = "sign_in: [{name: github, github: perhaps}]\n"
	if _, err := config.Parse("t.yaml", []byte(broken+eventsHead+event), tree.Env{}); err == nil || strings.Contains(err.Error(), "nobody can get in") {
		t.Errorf("the consequence of another problem is told: %v", err)
	}
}

// Identity providers and the public address are checked; secrets go only where
// nobody listens.
func TestSignIn(t *testing.T) {
	base := strings.Replace(eventsHead, "events:\n", "", 1)
	good := base + "public_url: https://ai.contoso.com/\nsign_in:\n  - {name: entra, issuer: https://login.example/v2.0, client_id: c, client_secret: s-0123456789, trusted: true}\n  - {name: github, github: true, client_id: c, client_secret: s-0123456789}\n"
	c, err := config.Parse("t.yaml", []byte(good), tree.Env{})
	if err != nil || c.PublicURL != "https://ai.contoso.com" || len(c.SignIn) != 2 || !c.SignIn[0].Trusted || !c.SignIn[1].GitHub {
		t.Fatalf("%+v, %v", c, err)
	}
	for wrong, want := range map[string]string{
		strings.Replace(good, "issuer: https:", "issuer: http:", 1):                  "is not an https address",
		strings.Replace(good, "issuer: https://login.example/v2.0, ", "", 1):         "has no issuer",
		strings.Replace(good, "contoso.com/", "contoso.com/path", 1):                 "is not an address without a path",
		strings.Replace(good, "name: github", "name: entra", 1):                      "already",
		strings.Replace(good, "https://ai.contoso.com/", "ftp://user@ai.contoso", 1): "is not an address",
	} {
		if _, err := config.Parse("t.yaml", []byte(wrong), tree.Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A name makes an id of at most 64 letters, digits and dashes.
func TestEventID(t *testing.T) {
	for name, want := range map[string]string{
		"Spring  Hackathon!": "spring-hackathon", "日本": "", "A/B (2026)": "a-b-2026", strings.Repeat("ab ", 40): strings.TrimSuffix(strings.Repeat("ab-", 22)[:64], "-"),
	} {
		if got := config.EventID(name); got != want || got != "" && !event.ValidID(got) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
