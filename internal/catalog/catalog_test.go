package catalog_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/tokenizer"
)

// Names are found exactly, by alias, by date, by fine-tuning; names that only look
// alike are not.
func TestLookup(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"gpt-4o":                         "gpt-4o",
		"GPT-4o":                         "gpt-4o",
		"gpt-4o-2024-08-06":              "gpt-4o",
		"gpt-4o-2024-08-06.ft-a1b2c3":    "gpt-4o",
		"gpt-4o-mini-2024-07-18":         "gpt-4o-mini",
		"chatgpt-4o-latest":              "gpt-4o",
		"gpt-35-turbo":                   "gpt-35-turbo",
		"gpt-35-turbo-0613":              "gpt-35-turbo",
		"gpt-3.5-turbo-0125":             "gpt-35-turbo",
		"gpt-35-turbo-0301":              "gpt-35-turbo-0301",
		"gpt-35-turbo-16k-0613":          "gpt-35-turbo-16k",
		"gpt-4-0613":                     "gpt-4",
		"gpt-4-turbo-2024-04-09":         "gpt-4-turbo",
		"gpt-4-0125-preview":             "gpt-4-turbo",
		"gpt-5-2025-08-07":               "gpt-5",
		"o4-mini-2025-04-16":             "o4-mini",
		"text-embedding-3-small":         "text-embedding-3-small",
		"gpt-4o-but-not-really":          "",
		"gpt-4o-2024-08-06-and-more":     "",
		"":                               "",
		"gpt-4o-":                        "",
		"gpt-4o-9999-99-99":              "",
		strings.Repeat("gpt-4o-", 10000): "",
	} {
		m, ok := c.Lookup(name)
		if ok != (want != "") || ok && m.Name != want {
			t.Errorf("%.60q is %q, %v, want %q", name, m.Name, ok, want)
		}
		if m.Encoding == "" || m.Overhead == nil {
			t.Errorf("%.60q cannot be counted by", name)
		}
	}
	if m, ok := c.Lookup("tomorrows-model"); ok || m.Encoding != "o200k_base" {
		t.Errorf("unknown model: %+v, %v", m, ok)
	}
}

// Models that do not chat are known as what they are, and a name that nobody knows is
// taken for what it says; one that says nothing chats.
func TestKinds(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for kind, names := range map[string]string{
		"image":         "dall-e-2 dall-e-3 gpt-image-1 gpt-image-1-mini gpt-image-1.5 gpt-image-2 gpt-image-1-2025-04-15",
		"speech":        "tts tts-hd tts-001 tts-1 tts-1-hd gpt-4o-mini-tts gpt-4o-mini-tts-2025-12-15",
		"transcription": "whisper whisper-1 whisper-001 gpt-4o-transcribe gpt-4o-mini-transcribe gpt-4o-transcribe-diarize gpt-4o-mini-transcribe-2025-12-15 gpt-transcribe",
		"embedding":     "text-embedding-3-small text-embedding-3-large text-embedding-ada-002",
		"realtime":      "gpt-realtime gpt-realtime-mini gpt-realtime-1.5 gpt-realtime-2.1-mini gpt-4o-realtime-preview gpt-4o-mini-realtime-preview-2024-12-17 gpt-realtime-whisper",
		"video":         "sora sora-2",
		"completion":    "gpt-35-turbo-instruct davinci-002",
		"chat":          "gpt-4o gpt-audio gpt-audio-mini gpt-audio-1.5 model-router computer-use-preview codex-mini gpt-5 gpt-5.1-chat gpt-5.3-chat gpt-5.4-pro gpt-5.5 gpt-chat-latest gpt-5.6-terra gpt-6-sol gpt-6.1-sol gpt-oss-120b",
	} {
		for name := range strings.FieldsSeq(names) {
			if m, ok := c.Lookup(name); !ok || m.Kind != kind {
				t.Errorf("%s is known %v, of kind %q, want %q", name, ok, m.Kind, kind)
			}
		}
	}
	for kind, names := range map[string]string{
		"image":         "my-dalle3 DALL-E-3-eu gpt-image-9 FLUX.1-Kontext-pro stable-diffusion-xl",
		"speech":        "tts-2 my-tts our_tts_eu azure-text-to-speech",
		"transcription": "openai/whisper-large-v3 team-whisper gpt-9-transcribe",
		"embedding":     "embed-v-4-0 our-ada-002",
		"realtime":      "gpt-9-realtime gpt-realtime-whisper-9",
		"video":         "sora-9 my-sora",
		"completion":    "my-turbo-instruct",
		"chat":          "llama-3-70b-instruct attsen gpt-9 mattservice influx flattened",
	} {
		for name := range strings.FieldsSeq(names) {
			if m, ok := c.Lookup(name); ok || m.Kind != kind {
				t.Errorf("%s is known %v, of kind %q, want to guess %q", name, ok, m.Kind, kind)
			}
		}
	}
}

// The data holds together: every encoding exists, every picture formula is one.
func TestData(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	var tokens tokenizer.Set
	for _, m := range c.Models() {
		if _, err := tokens.Encoding(m.Encoding); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if i := m.Image; i != nil && (i.Tile > 0) == (i.Multiplier > 0) {
			t.Errorf("%s: pictures by tiles or by patches, not %+v", m.Name, *i)
		}
		if m.MaxOutput > m.Context && m.Context > 0 {
			t.Errorf("%s: more output than context", m.Name)
		}
		if got, ok := c.Lookup(m.Name); !ok || got.Name != m.Name {
			t.Errorf("%s is found as %q", m.Name, got.Name)
		}
	}
}

// A wrong catalogue is refused with the place that is wrong.
func TestParseRefuses(t *testing.T) {
	const good = `"default":{"encoding":"o200k_base","overhead":{},"image":{}}`
	for text, want := range map[string]string{
		`{`:                                      "unexpected EOF",
		`{"models":[]}`:                          "default",
		`{` + good + `,"x":1}`:                   `unknown field "x"`,
		`{` + good + `,"models":[{"name":"a"}]}`: "encoding",
		`{` + good + `,"models":[{"encoding":"a"}]}`:                                                            "name",
		`{` + good + `,"models":[{"name":"a","encoding":"e"},{"name":"b","encoding":"e","aliases":["A"]}]}`:     `"a" is given twice`,
		`{` + good + `,"models":[{"name":"a","encoding":"e","aliases":["b["]}]}`:                                "alias",
		`{` + good + `,"guesses":[{"kind":"poem"}]}`:                                                            "no kind",
		`{` + good + `,"guesses":[{"kind":"chat","names":["["]}]}`:                                              "guess",
		`{` + good + `,"models":[{"name":"a","encoding":"e","kind":"poem"}]}`:                                   "no kind",
		`{` + good + `,"suffixes":["["]}`:                                                                       "suffix",
		`{` + good + `,"models":[{"name":"a","encoding":"e","overhead":{"message":"x"}}]}`:                      "message",
		`{` + good + `,"models":[{"name":"a","encoding":"e","image":{"multiplier":1.5,"patches":1,"tyle":1}}]}`: "tyle",
	} {
		if _, err := catalog.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

// A wild alias matches, and the longer name wins over it.
func TestWildAlias(t *testing.T) {
	c, err := catalog.Parse([]byte(`{"default":{"encoding":"e","overhead":{},"image":{}},"suffixes":["-v[0-9]"],
		"models":[{"name":"a","aliases":["a*"],"encoding":"e"},{"name":"abc","encoding":"e"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "a", "abx": "a", "abc": "abc", "abc-v2": "abc", "abc-vx": "a"} {
		if m, _ := c.Lookup(name); m.Name != want {
			t.Errorf("%q is %q, want %q", name, m.Name, want)
		}
	}
}
