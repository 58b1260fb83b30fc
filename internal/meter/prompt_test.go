package meter

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/catalog"
)

// prompts are requests with the tokens they count, for gpt-4o unless base is set.
// Figures with a text in them name it: its tokens are added.
var prompts = []struct {
	name, base string
	op         API
	body       string
	texts      []string // counted whole, each
	fixed      int64
}{
	{"one message", "", Chat, `{"messages":[{"role":"user","content":"Hello there"}]}`, []string{"user", "Hello there"}, 6},
	{"a name", "", Chat, `{"messages":[{"role":"system","name":"bot","content":"Be kind."},{"role":"user","content":"Hi"}]}`, []string{"system", "bot", "Be kind.", "user", "Hi"}, 10},
	{"the oldest model", "gpt-35-turbo-0301", Chat, `{"messages":[{"role":"user","name":"ann","content":"Hi"}]}`, []string{"user", "ann", "Hi"}, 6},
	{"parts count as one text", "", Chat, `{"messages":[{"role":"user","content":[{"type":"text","text":"Token"},{"type":"text","text":"ization"}]}]}`, []string{"user", "Tokenization"}, 6},
	{"calls", "", Chat, `{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"4 degrees"}]}`,
		[]string{"assistant", "weather", `{"city":"Oslo"}`, "tool", "4 degrees"}, 9},
	{"old calls", "", Chat, `{"messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}}]}`, []string{"assistant", "f", "{}"}, 6},
	{"tools", "", Chat, `{"messages":[],"tools":[{"type":"function","function":{"name":"weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string","description":"Where."},"unit":{"type":"string","enum":["C","F"]}}}}}]}`,
		[]string{"weather:Tells the weather.", "city:string:Where", "unit:string:", "C", "F"}, 3 + 7 + 3 + 3 + 3 - 3 + 3 + 3 + 12},
	{"functions, old model", "gpt-4", Chat, `{"messages":[],"functions":[{"name":"f","description":"d"}]}`, []string{"f:d"}, 3 + 10 + 12},
	{"a schema", "", Chat, `{"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}`, []string{`{"name":"x"}`}, 3},
	{"a picture elsewhere", "", Chat, `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`, []string{"user"}, 6 + 765},
	{"a picture in low detail", "", Chat, `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"low"}}]}]}`, []string{"user"}, 6 + 85},
	{"completion", "", Text, `{"prompt":"Hello there"}`, []string{"Hello there"}, 0},
	{"completions", "", Text, `{"prompt":["Hello there","You"],"suffix":"end"}`, []string{"Hello there", "You", "end"}, 0},
	{"tokens", "", Text, `{"prompt":[1,2,3]}`, nil, 3},
	{"lists of tokens", "", Vectors, `{"input":[[1,2,3],[4,5,6,7]]}`, nil, 7},
	{"embedding", "text-embedding-3-small", Vectors, `{"input":"你好, wörld"}`, []string{"你好, wörld"}, 0},
	{"response", "", Events, `{"input":"Hello there","instructions":"Be kind."}`, []string{"Hello there", "Be kind."}, 11},
	{"response of items", "", Events, `{"input":[{"role":"user","content":[{"type":"input_text","text":"Hi"},{"type":"input_image","image_url":"https://x/y.png","detail":"low"}]},{"type":"function_call_output","call_id":"c","output":"4 degrees"}],"tools":[{"type":"function","name":"f","description":"d"},{"type":"web_search"}]}`,
		[]string{"user", "Hi", "4 degrees", "f:d"}, 3 + 85 + 3 + 3 + 7 + 12},
	{"speech", "", Media, `{"input":"Hello there","voice":"alloy"}`, []string{"Hello there"}, 0},
	{"unknown model", "no-such-model", Vectors, `{"input":"Hello there"}`, []string{"Hello there"}, 0},
	{"nothing", "", Chat, `{}`, nil, 0},
	{"no JSON", "", Chat, `--boundary`, nil, 0},
	{"wrong types", "", Chat, `{"messages":{"role":1},"tools":"x","functions":[1,null]}`, nil, 3 + 2*7 + 12 + 2},
}

// Prompts count by the published formulas.
func TestPrompt(t *testing.T) {
	m := newMeter(t)
	for _, c := range prompts {
		base := c.base
		if base == "" {
			base = "gpt-4o"
		}
		want := c.fixed
		for _, s := range c.texts {
			want += int64(m.encoding(base).CountString(s))
		}
		if got := m.Prompt(c.op, base, []byte(c.body)); got != want {
			t.Errorf("%s: %d tokens, want %d", c.name, got, want)
		}
	}
}

// Pictures count by tiles or patches, as the model does it.
func TestPictureTokens(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		model string
		w, h  int
		low   bool
		want  int64
	}{
		{"gpt-4o", 1024, 1024, false, 765},
		{"gpt-4o", 2048, 4096, false, 1105},
		{"gpt-4o", 512, 512, false, 255},
		{"gpt-4o", 4096, 8192, true, 85},
		{"gpt-4o", 1, 1, false, 255},
		{"gpt-4o-mini", 1024, 1024, false, 25501},
		{"o1", 1024, 1024, false, 675},
		{"gpt-5", 1024, 1024, false, 630},
		{"gpt-4.1-mini", 1024, 1024, false, 1659}, // 1024 patches
		{"gpt-4.1-mini", 1800, 2400, true, 2353},  // 1452 patches after shrinking
		{"gpt-4.1-mini", 65536, 1, false, 2489},   // 1536 patches and no more
		{"o4-mini", 32, 32, false, 2},
	} {
		model, ok := c.Lookup(p.model)
		if !ok || model.Image == nil {
			t.Fatalf("%s takes no pictures", p.model)
		}
		if got := pictureTokens(model.Image, p.w, p.h, p.low); got != p.want {
			t.Errorf("%s, %d×%d, low %v: %d tokens, want %d", p.model, p.w, p.h, p.low, got, p.want)
		}
	}
}

// The size of a picture is read from its data URL, whatever its kind; what cannot
// be read has the usual size.
func TestPictureSize(t *testing.T) {
	picture := image.NewPaletted(image.Rect(0, 0, 640, 30), color.Palette{color.Black, color.White})
	url := func(kind string, encode func(*bytes.Buffer)) string {
		var b bytes.Buffer
		encode(&b)
		return "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes())
	}
	webp := func(form, rest string) string {
		return url("webp", func(b *bytes.Buffer) {
			head := "RIFF\x00\x00\x00\x00WEBP" + form + "\x00\x00\x00\x00" + rest
			b.WriteString(head + strings.Repeat("\x00", 40))
		})
	}
	for name, c := range map[string]struct {
		url  string
		w, h int
	}{
		"png":           {url("png", func(b *bytes.Buffer) { png.Encode(b, picture) }), 640, 30},
		"jpeg":          {url("jpeg", func(b *bytes.Buffer) { jpeg.Encode(b, picture, nil) }), 640, 30},
		"gif":           {url("gif", func(b *bytes.Buffer) { gif.Encode(b, picture, nil) }), 640, 30},
		"webp lossy":    {webp("VP8 ", "\x00\x00\x00\x9d\x01\x2a\x80\x02\x1e\x00"), 640, 30},
		"webp lossless": {webp("VP8L", "\x2f\x7f\x42\x07\x00"), 640, 30},
		"webp extended": {webp("VP8X", "\x00\x00\x00\x00\x7f\x02\x00\x1d\x00\x00"), 640, 30},
		"elsewhere":     {"https://example.com/a.png", usualSide, usualSide},
		"no picture":    {"data:image/png;base64,AAAA", usualSide, usualSide},
		"no base64":     {"data:image/png;base64,\x00\x01", usualSide, usualSide},
		"cut":           {"data:image/png;base64,iVBORw0KGgo=", usualSide, usualSide},
		"empty":         {"", usualSide, usualSide},
	} {
		if w, h := pictureSize([]byte(c.url)); w != c.w || h != c.h {
			t.Errorf("%s: %d×%d, want %d×%d", name, w, h, c.w, c.h)
		}
	}
}
