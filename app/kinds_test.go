package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/config"
)

// Whoever asks is told what each model does: as the catalogue knows its underlying
// model, as the name lets one guess, or as the configuration says.
func TestKindsOfModels(t *testing.T) {
	g := startGateway(t, three(), "")
	text := *g.config.Load()
	endpoint, _, _ := strings.Cut(text[strings.Index(text, "endpoint: "):], "\n")
	g.configure(strings.Replace(text, "resources:\n", `resources:
  - name: media
    `+endpoint+`
    key: `+resourceKey+`
    deployments: [{name: dall-e-3}, {name: whisper}, {name: tts}, {name: painter, base: dall-e-3}, {name: our-whisper}, {name: acme}, {name: acme-dalle},
      {name: gpt-realtime-mini}, {name: sora-2}, {name: gpt-audio}]
`, 1) + "models: {acme: {kind: image}, acme-dalle: {kind: chat}}\n")
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	var session struct {
		Models []struct {
			Name, Kind, Base string
			Capabilities     []string
		}
	}
	if err := json.Unmarshal([]byte(g.do("GET", "/api/v1/session", "").body), &session); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"gpt-4o": "chat", "text-embedding-3-small": "embedding", "dall-e-3": "image", "whisper": "transcription", "tts": "speech",
		"painter": "image", "our-whisper": "transcription", "acme": "image", "acme-dalle": "chat",
		"gpt-realtime-mini": "realtime", "sora-2": "video", "gpt-audio": "chat",
	}
	for _, m := range session.Models {
		if kind, ok := want[m.Name]; ok && m.Kind != kind {
			t.Errorf("%s is told to be of kind %q, want %q", m.Name, m.Kind, kind)
		}
		if (m.Base == "dall-e-3") != (m.Name == "painter") || slices.Contains(m.Capabilities, "audio") != (m.Name == "gpt-audio") {
			t.Errorf("%+v", m)
		}
		delete(want, m.Name)
	}
	if len(want) > 0 {
		t.Errorf("nothing is told of %v", want)
	}
}

// What the configuration can say a model does is what the catalogue can.
func TestKindsAgree(t *testing.T) {
	if !slices.Equal(config.Kinds(), catalog.Kinds()) {
		t.Errorf("the configuration has %q, the catalogue %q", config.Kinds(), catalog.Kinds())
	}
}

// A model of sound that is known by its name alone may be paid by tokens, so what it
// may use of them is held.
func TestGuessedSoundIsHeld(t *testing.T) {
	g := startEvery(t, "")
	g.configure(strings.Replace(*g.config.Load(), "{name: whisper", "{name: whisper, model: our-whisper, base: our-whisper", 1))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	a := g.post("/openai/deployments/our-whisper/audio/transcriptions?api-version=2025-04-01-preview", formOf("@file", wave(12.5)), "Content-Type", form)
	if a.status != 200 {
		t.Fatal(a.status, a.body)
	}
	if e := g.entries(); len(e) != 1 || e[0].Hold.Prompt == 0 || e[0].Hold.Completion == 0 {
		t.Errorf("held %+v", e)
	}
}
