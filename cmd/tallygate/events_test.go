package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/event"
)

// A code that is made up can be one, and is another one each time.
func TestNewCode(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		code := newCode()
		if !event.ValidCode(code) || seen[code] {
			t.Fatalf("the code %q is no code, or came twice", code)
		}
		seen[code] = true
	}
}

// A flag replaces the limits of its kind, keeps what else they said about the same
// period, and leaves those of other kinds alone.
func TestSetLimits(t *testing.T) {
	const was = `[{"tokens":"5M","per":"event","warn":"50%"},{"tokens":1000,"per":"minute","each":"attendee"},` +
		`{"tokens":1000,"per":"day","models":["gpt-4o"]},{"requests":9,"per":"day"}]`
	const others = `{"each":"attendee","per":"minute","tokens":1000},{"models":["gpt-4o"],"per":"day","tokens":1000},{"per":"day","requests":9}`
	for _, test := range []struct{ name, value, want string }{
		{"tokens", "6M", `[` + others + `,{"per":"event","tokens":"6M","warn":"50%"}]`},
		{"tokens", "6M, 100/ hour ", `[` + others + `,{"per":"event","tokens":"6M","warn":"50%"},{"per":"hour","tokens":100}]`},
		{"tokens", "", `[` + others + `]`},
		{"tokens-per-attendee", "7/day", `[{"per":"event","tokens":"5M","warn":"50%"},{"models":["gpt-4o"],"per":"day","tokens":1000},{"per":"day","requests":9},{"each":"attendee","per":"day","tokens":7}]`},
		{"tokens", "6M,7M", ""}, {"tokens", "/day", ""}, {"tokens", "5/", ""},
	} {
		d, err := readDefinition([]byte(`{"limits":` + was + `}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range eventLimitFlags {
			if f.name == test.name {
				err = f.set(d, test.value)
			}
		}
		got, _ := json.Marshal(d["limits"])
		if (err != nil) != (test.want == "") || err == nil && string(got) != test.want {
			t.Errorf("--%s %q: %v\n%s, want\n%s", test.name, test.value, err, got, test.want)
		}
	}
}

// The window is as the flags say it, in the zone of the event: hours are those of the
// clock that everybody has, and days those of the calendar.
func TestWindow(t *testing.T) {
	for _, test := range []struct {
		about      string
		w          window
		d          definition
		start, end string
	}{
		{"a time stays as it is written", window{start: "2026-12-01T09:00", end: "2026-12-01"}, definition{"zone": "Asia/Tokyo"}, "2026-12-01T09:00", "2026-12-01"},
		{"hours", window{start: "2026-12-01T09:00", span: "8h"}, definition{"zone": "Asia/Tokyo"}, "2026-12-01T09:00", "2026-12-01T17:00:00+09:00"},
		{"days over the end of summer time", window{start: "2026-10-24T09:00", span: "2d"}, definition{"zone": "Europe/Stockholm"}, "2026-10-24T09:00", "2026-10-26T09:00:00+01:00"},
		{"hours over the end of summer time", window{start: "2026-10-24T09:00", span: "48h"}, definition{"zone": "Europe/Stockholm"}, "2026-10-24T09:00", "2026-10-26T08:00:00+01:00"},
		{"a span from the start that is there", window{span: "90m"}, definition{"zone": "UTC", "start": "2026-12-01T09:00:00Z", "end": "x"}, "2026-12-01T09:00:00Z", "2026-12-01T10:30:00Z"},
		{"no change", window{}, definition{"start": "a", "end": "b"}, "a", "b"},
	} {
		if err := test.w.set(test.d, time.UTC); err != nil || test.d["start"] != test.start || test.d["end"] != test.end {
			t.Errorf("%s: %v, %v to %v", test.about, err, test.d["start"], test.d["end"])
		}
	}
	for _, wrong := range []struct {
		w window
		d definition
	}{
		{window{start: "tomorrow"}, definition{}}, {window{end: "9:00"}, definition{}}, {window{span: "8h"}, definition{}},
		{window{start: "now", span: "-1h"}, definition{}}, {window{start: "now", span: "0d"}, definition{}},
		{window{start: "now", end: "now", span: "1h"}, definition{}}, {window{}, definition{"zone": "Local"}},
	} {
		if err := wrong.w.set(wrong.d, time.UTC); exitCode(err) != exitUsage {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// Where the zone's name is not known, times have the offset of this machine's clock.
func TestWindowWithoutZone(t *testing.T) {
	d := definition{}
	w := window{start: "2026-12-01T09:00"}
	if err := w.set(d, time.Local); err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 12, 1, 9, 0, 0, 0, time.Local).Format(time.RFC3339); d["start"] != want {
		t.Errorf("%v, want %s", d["start"], want)
	}
}

// A file's values keep their spelling: what YAML takes for a date or another number
// reaches the gateway as it was written.
func TestFileDefinition(t *testing.T) {
	for text, want := range map[string]string{
		"name: A\nstart: 2026-12-01\ntokens: 200k\nseats: 007\nmoney: 1.50\nactive: FALSE\nchat: ~": `{"active":false,"chat":null,"money":1.50,"name":"A","seats":"007","start":"2026-12-01","tokens":"200k"}`,
		`[{"name": "A", "models": ["a*", "b"]}]`:                                                    `{"models":["a*","b"],"name":"A"}`,
		"":                                                                                          "", "name: A\n---\nname: B": "", "# nothing": "", "- a\n- b": "", "just text": "", "a: &x 1\nb: *x": "", "a: 1\na: 2": "", "{": "", "? {a: b}\n: c": "",
	} {
		d, err := fileDefinition(strings.NewReader(text), "-")
		if want == "" {
			if exitCode(err) != exitUsage {
				t.Errorf("%q: %v, %v", text, d, err)
			}
			continue
		}
		if got, _ := json.Marshal(d); err != nil || string(got) != want {
			t.Errorf("%q: %v\n%s, want\n%s", text, err, got, want)
		}
	}
}

// Whatever a file holds becomes JSON or is refused.
func FuzzFileDefinition(f *testing.F) {
	for _, seed := range []string{"name: A\nlimits: [{tokens: 5M, per: day}]", `{"name":"A"}`, "- {a: 0x1F, b: .inf, c: 1e999}", "---\n---\n", "!!binary x", "a: !!int x", "%", "? a"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := fileDefinition(bytes.NewReader(data), "-")
		if err != nil {
			return
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("%q is no JSON: %v", data, err)
		}
		if _, err := readDefinition(text); err != nil {
			t.Fatalf("%q became %s: %v", data, text, err)
		}
	})
}

// Flags are read as people write them.
func TestEventFlags(t *testing.T) {
	name := filepath.Join(t.TempDir(), "roster")
	if err := os.WriteFile(name, []byte("\ufeffann@example.com\r\n\r\nbob, cy\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flag, value, want string
	}{
		{"models", " gpt-4o*, o3 ,", `["gpt-4o*","o3"]`},
		{"roster", "@" + name, `["ann@example.com","bob","cy"]`},
		{"roster", "ann,bob", `["ann","bob"]`},
		{"organizer", "Dr. Ann O'Neill <ann@example.com>", `{"email":"ann@example.com","name":"Dr. Ann O'Neill"}`},
		{"organizer", "ann@example.com", `{"email":"ann@example.com"}`},
		{"organizer", "The team", `{"name":"The team"}`},
		{"organizer", "Ann <ann@example.com", ""},
		{"max-tokens", "512", `512`}, {"max-tokens", "2k", `"2k"`}, {"code", "123456", `"123456"`},
		{"markdown", "@nothing-there", ""},
		{"prompts", "Haiku: Write: a haiku\n\n <b>: x\r\n", `[{"text":"Write: a haiku","title":"Haiku"},{"text":"x","title":"<b>"}]`},
		{"prompts", "[{title: A, text: b}]", `[{"text":"b","title":"A"}]`},
		{"prompts", "- title: A\n  text: |\n    b\n    c\n", `[{"text":"b\nc\n","title":"A"}]`},
		{"prompts", "[{title: A", ""}, {"prompts", "no title", ""}, {"prompts", "@nothing-there", ""},
		{"system-message", "Be brief: <b>", `"Be brief: <b>"`},
	} {
		for _, f := range eventFlags {
			if f.name != test.flag {
				continue
			}
			v, err := f.read(test.value)
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if e.Encode(v); (err != nil) != (test.want == "") || err == nil && strings.TrimSpace(b.String()) != test.want {
				t.Errorf("--%s %q: %v, %s, want %s", test.flag, test.value, err, &b, test.want)
			}
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

// Only a yes is a yes.
func TestConsent(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, " YES \n": true, "yes": true, "n\n": false, "\n": false, "": false, "yep\n": false} {
		var words bytes.Buffer
		if err := consent(strings.NewReader(answer), &words, "Delete it?"); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
		if !strings.HasPrefix(words.String(), "Delete it? [y/N] ") {
			t.Errorf("asked %q", words.String())
		}
	}
}
