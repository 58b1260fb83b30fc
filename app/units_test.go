package app_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/sqlite"
)

// The limits of what is neither a token nor money, small enough to be used up.
const pieceLimits = "  - {name: listening, seconds: 30, per: day, each: caller}\n  - {name: drawing, images: 5, per: day, each: caller}\n" +
	"  - {name: speaking, characters: 100, per: day, each: caller}\n"

// Sound, pictures and speech are held, refused and settled in their own units, cost what
// their kind does, are counted in reports and metrics, and the limits go on from all of it
// after a restart and after a reload.
func TestLimitsOfSoundPicturesAndSpeech(t *testing.T) {
	const dated = "?api-version=2025-04-01-preview"
	g := startEvery(t, pieceLimits)
	path := func(model, op string) string { return "/openai/deployments/" + model + "/" + op + dated }
	listen := func(seconds float64, format string) answer {
		return g.upload(teamKey, path("whisper", "audio/transcriptions"), formOf("@file", wave(seconds), "response_format", format))
	}
	draw := func(body string) answer { return g.post(path("dall-e-3", "images/generations"), body) }
	speak := func(text string) answer {
		return g.post(path("tts", "audio/speech"), `{"input":"`+text+`","voice":"alloy"}`)
	}
	expect := func(what string, a answer, status int, says string) {
		t.Helper()
		if a.status != status || !strings.Contains(a.message(), says) {
			t.Errorf("%s: %d %.300s, want %d saying %q", what, a.status, a.body, status, says)
		}
	}
	full := func(when string) {
		t.Helper()
		expect(when+", more sound", listen(12.5, "json"), 429, `"listening"`)
		expect(when+", more pictures", draw(`{"prompt":"a cat","n":4}`), 429, `"drawing"`)
		expect(when+", more speech", speak(strings.Repeat("x", 60)), 429, `"speaking"`)
	}
	expect("sound longer than the limit", listen(40, "json"), 400, "may use up to 40 seconds of sound")
	expect("more pictures than the limit", draw(`{"prompt":"a cat","n":6}`), 400, "up to 6 images, more than the limit \"drawing\" (5 images a day) allows at all. Ask for fewer with n.")
	expect("longer speech than the limit", speak(strings.Repeat("x", 101)), 400, "up to 101 characters")
	expect("sound", listen(12.5, "json"), 200, "")
	expect("sound as text", listen(12.5, "text"), 200, "")
	expect("sound longer than the limit, of few bytes", g.upload(teamKey, path("whisper", "audio/transcriptions"),
		formOf("@file", strings.Repeat("\xff\xf3\x14\xc4"+strings.Repeat("\x00", 20), 2000))), 400, "up to 48 seconds of sound")
	expect("pictures", draw(`{"prompt":"a cat","n":2,"size":"1024x1792","quality":"hd"}`), 200, "")
	expect("speech", speak(strings.Repeat(`\u00e9`, 59)+"😀"), 200, "")
	full("at once")
	expect("a chat", g.post(chatPath, chat("hi", `"max_tokens":5`)), 200, "")
	g.stop()
	g.start()
	full("after a restart")
	g.configure(strings.ReplaceAll(*g.config.Load(), "per: day, each: caller}", "per: week, each: [caller, model]}"))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	full("after a reload that counts them by the week and the model")

	metrics := scrape(g)
	for _, line := range []string{
		`tallygate_audio_seconds_total{deployment="one/whisper",model="whisper"}`, `tallygate_images_total{deployment="one/dall-e-3",model="dall-e-3"}`,
		`tallygate_characters_total{deployment="one/tts",model="tts"}`,
	} {
		if strings.Contains(metrics, line) { // those of before the restart are gone
			t.Errorf("%s is counted again", line)
		}
	}
	g.stop()
	s, err := sqlite.Open(t.Context(), filepath.Join(g.dir, app.StoreFile), sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table, err := s.Usage(t.Context(), ledger.Query{By: []string{"model"}, Where: map[string][]string{"outcome": {"answered"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]ledger.Row{
		"whisper":  {Requests: 2, Seconds: 26, Cost: 2600},
		"dall-e-3": {Requests: 1, Images: 2, Cost: 240_000},
		"tts":      {Requests: 1, Characters: 60, Cost: 900},
	}
	for _, r := range table.Rows {
		w, ok := want[r.By[0]]
		if ok && (r.Requests != w.Requests || r.Seconds != w.Seconds || r.Images != w.Images || r.Characters != w.Characters || r.Cost != w.Cost || r.Total != 0) {
			t.Errorf("%s: %+v, want %+v", r.By[0], r, w)
		}
		delete(want, r.By[0])
	}
	if len(want) > 0 || table.Total.Unpriced != 0 {
		t.Errorf("there is none of %v; %d are unpriced", want, table.Total.Unpriced)
	}
}

// scrape returns the metrics.
func scrape(g *gateway) string {
	g.t.Helper()
	req, _ := http.NewRequest("GET", g.admin+"/metrics", nil)
	req.Header.Set("Api-Key", adminKey)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return string(text)
}

// Metrics have what is no token, where there is any.
func TestMetricsOfPieces(t *testing.T) {
	const dated = "?api-version=2025-04-01-preview"
	g := startEvery(t, "")
	g.post(chatPath, chat("hi", `"max_tokens":5`))
	if m := scrape(g); strings.Contains(m, "tallygate_images_total") || strings.Contains(m, "tallygate_characters_total") || strings.Contains(m, "tallygate_audio_seconds_total") {
		t.Error("there are metrics of pieces that nobody used")
	}
	g.upload(teamKey, "/openai/deployments/whisper/audio/transcriptions"+dated, formOf("@file", wave(12.5)))
	g.post("/openai/deployments/dall-e-3/images/generations"+dated, `{"prompt":"a cat","n":2}`)
	g.post("/openai/deployments/tts/audio/speech"+dated, `{"input":"hello","voice":"alloy"}`)
	m := scrape(g)
	for _, line := range []string{
		`tallygate_audio_seconds_total{deployment="one/whisper",model="whisper"} 13`, `tallygate_images_total{deployment="one/dall-e-3",model="dall-e-3"} 2`,
		`tallygate_characters_total{deployment="one/tts",model="tts"} 5`,
	} {
		if !strings.Contains(m, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}

// What has no tokens is refused all the same by a limit of tokens that forbids them, or
// that is used up.
func TestNoTokensNoWay(t *testing.T) {
	const dated = "?api-version=2025-04-01-preview"
	g := startEvery(t, "  - {name: none, tokens: 0, per: day}\n")
	for path, body := range map[string]string{
		"tts/audio/speech": `{"input":"hello","voice":"alloy"}`, "dall-e-3/images/generations": `{"prompt":"a cat"}`,
		"gpt-4o/chat/completions": chat("hi"),
	} {
		if a := g.post("/openai/deployments/"+path+dated, body); a.status != 429 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := g.upload(teamKey, "/openai/deployments/whisper/audio/transcriptions"+dated, formOf("@file", wave(1))); a.status != 429 {
		t.Errorf("sound: %d %s", a.status, a.body)
	}
	for _, e := range g.entries() {
		if e.Counted || e.Outcome != tallygate.Refused {
			t.Errorf("%+v", e)
		}
	}
}
