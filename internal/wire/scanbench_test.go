package wire

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// Chat400 is a chat request of about 400 bytes.
const Chat400 = `{"model":"gpt-4o","messages":[{"role":"system","content":"You are a helpful assistant that answers in one sentence."},{"role":"user","content":"What is the tallest mountain of the world, and who was the first to climb it? Please give the year as well, and the name of the expedition's leader."}],"temperature":0.7,"max_tokens":256,"stream":true,"stream_options":{"include_usage":true},"user":"u-1f0c3","top_p":1,"n":1}`

// BenchmarkScan scans bodies of several kinds, next to what jsontext takes to check
// them.
func BenchmarkScan(b *testing.B) {
	turn := func(content string) string { return `{"role":"user","content":"` + content + `"},` }
	chat := func(turns string) string {
		return `{"model":"m","messages":[` + strings.TrimSuffix(turns, ",") + `],"max_tokens":5}`
	}
	tool := `{"type":"function","function":{"name":"get_weather","description":"Tells the weather of a city.","parameters":{"type":"object","properties":{"city":{"type":"string","description":"The city's name."},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"],"additionalProperties":false},"strict":true}},`
	for _, c := range []struct{ name, body string }{
		{"small", Chat400},
		{"turns", chat(strings.Repeat(turn("What is the tallest mountain of the world, and who climbed it?"), 500))},
		{"document", chat(turn(strings.Repeat(`the quick brown fox jumps over the lazy dog, and back again.\n`, 2000)))},
		{"japanese", chat(turn(strings.Repeat("日本語のテキスト、", 4000)))},
		{"image", chat(turn("data:image/png;base64," + strings.Repeat("QUJD", 100_000)))},
		{"tools", `{"model":"m","tools":[` + strings.TrimSuffix(strings.Repeat(tool, 100), ",") + `]}`},
		{"tokens", `{"model":"m","input":[` + strings.Repeat("15339,1917,0,", 5000) + `1]}`},
	} {
		text := []byte(c.body)
		b.Run(c.name+"/ours", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s := newScanner(text)
				if err := new(Request).scan(s); err != nil {
					b.Fatal(err)
				}
				s.close()
			}
		})
		b.Run(c.name+"/jsontext", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if !jsontext.Value(text).IsValid() {
					b.Fatal("not valid")
				}
			}
		})
	}
}
