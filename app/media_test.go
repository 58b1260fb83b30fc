package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// What is not text has its price too: sound by the second that the service, else the
// transcript, else the file tells, pictures each by their call, speech at its hold. None
// of it is free, and none costs more than was held.
func TestWhatIsNoTextCosts(t *testing.T) {
	const dated = "?api-version=2025-04-01-preview"
	list := filepath.Join(t.TempDir(), "prices.yaml")
	if err := os.WriteFile(list, []byte("currency: USD\nprices:\n  - {model: gpt-image-1, call: 0.04}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := startEvery(t, "prices: {file: "+list+"}\n")
	path := func(model, op string) string { return "/openai/deployments/" + model + "/" + op + dated }
	sound := func(format string) string { return formOf("@file", wave(12.5), "response_format", format) }
	rows := []struct {
		name, path, body string
		fault            *simulator.Fault
		source           tallygate.Source
		cost             tallygate.Money // 0: that of the hold
	}{
		{"sound", path("whisper", "audio/transcriptions"), sound("json"), nil, tallygate.Exact, 1300},
		{"sound, its length in the transcript", path("whisper", "audio/translations"), sound("verbose_json"), nil, tallygate.Estimated, 1300},
		{"sound as text", path("whisper", "audio/transcriptions"), sound("text"), nil, tallygate.Estimated, 1300},
		{"sound as subtitles", path("whisper", "audio/translations"), sound("vtt"), nil, tallygate.Estimated, 1300},
		{"pictures", path("gpt-image-1", "images/generations"), `{"prompt":"a cat","n":10}`, nil, tallygate.Exact, 400_000},
		{"changed pictures", path("gpt-image-1", "images/edits"), formOf("@image", "\x89PNG", "prompt", "a dog", "n", "10"), nil, tallygate.Exact, 400_000},
		{"pictures without usage", path("gpt-image-1", "images/generations"), `{"prompt":"a cat","n":3}`, &simulator.Fault{Kind: simulator.NoUsage}, tallygate.Held, 120_000},
		{"speech", path("gpt-4o-mini-tts", "audio/speech"), `{"input":"` + strings.Repeat("word ", 800) + `","voice":"alloy"}`, nil, tallygate.Held, 0},
		{"an answer in br", path("gpt-4o", "chat/completions"), chat("hi", `"max_tokens":100`), &simulator.Fault{Kind: simulator.Alter, Encoding: "br"}, tallygate.Held, 0},
	}
	for _, c := range rows {
		g.sim.ClearFaults()
		if c.fault != nil {
			g.fault(*c.fault)
		}
		header := []string{"Content-Type", "application/json"}
		if strings.HasPrefix(c.body, "--x") {
			header[1] = form
		}
		if a := g.post(c.path, c.body, header...); a.status != 200 {
			t.Fatalf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	for i, e := range g.entries() {
		if c := rows[i]; e.Usage.Source != c.source || e.Pricing != tallygate.Listed || e.Cost == 0 || e.Cost > e.Hold.Cost || c.cost > 0 && e.Cost != c.cost {
			t.Errorf("%s: %+v costs %s (%s), held for %s", c.name, e.Usage, e.Cost, e.Pricing, e.Hold.Cost)
		}
	}
}

// What the service says of the length of sound counts, whatever the file looks like.
func TestSoundByTheSecond(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"text":"hi","usage":{"type":"duration","seconds":25200}}`)
	}, "")
	g.configure(strings.ReplaceAll(*g.config.Load(), "{name: gpt-4o-mini}", "{name: gpt-4o-mini, base: whisper}"))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	if a := g.upload(teamKey, "/openai/deployments/gpt-4o-mini/audio/transcriptions?api-version=2025-04-01-preview", formOf("@file", "abc")); a.status != 200 {
		t.Fatal(a.body)
	}
	if e := g.one(); e.Usage.Seconds != 25_200 || e.Cost != 2_520_000 || e.Usage.Source != tallygate.Exact || e.Pricing != tallygate.Listed || e.Hold.Cost == 0 {
		t.Errorf("%+v costs %s, held for %s", e.Usage, e.Cost, e.Hold.Cost)
	}
}

// The longest that sound can be is not what the first file says when there are several,
// nor nothing when it comes as a plain field.
func TestSoundBehindAnotherFile(t *testing.T) {
	g := startEvery(t, "")
	opus, short := "OggS"+strings.Repeat("\x00", 200_000), wave(0.01)
	path := "/openai/deployments/whisper/audio/transcriptions?api-version=2025-04-01-preview"
	for _, body := range []string{
		formOf("@file", opus), formOf("@x", short, "@file", opus), formOf("@file", opus, "@x", short), formOf("@file", short, "@File", opus), formOf("file", opus),
	} {
		g.post(path, body, "Content-Type", form)
	}
	for i, e := range g.entries() {
		if e.Hold.Seconds < 400 {
			t.Errorf("%d: held for %d seconds", i, e.Hold.Seconds)
		}
	}
}
