package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// scanText scans text as a body is scanned.
func scanText(text []byte) (*Request, error) {
	q := &Request{body: &buffer{b: text}}
	s := newScanner(text)
	defer s.close()
	return q, q.scan(s)
}

// texts are JSON texts and near misses that have caught parsers before.
var texts = []string{
	`{}`, `[]`, ` { } `, `null`, `true`, `false`, `0`, `-0`, `""`, `{"a":1}`, `{"a":1,"b":2}`, `[1,2,3]`, ``, ` `, `{`, `}`, `[`, `]`,
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{"a":1 "b":2}`, `[1,]`, `[,1]`, `[1 2]`, `{a:1}`, `{'a':1}`, `{1:1}`, `{"a":1}}`, `{} {}`, `{}x`,
	`nul`, `nulll`, `True`, `tru`, `NaN`, `Infinity`, `-`, `+1`, `01`, `-01`, `1.`, `.5`, `1.5`, `1e`, `1e+`, `1e5`, `1E-5`, `1e+05`, `0e0`, `0x10`, `1_0`, `--1`, `1.5.5`, `00`,
	`"\u0041"`, `"\u004"`, `"\u00`, `{"a`, `{"a\x":1}`, `[{"a":1 "b":2}]`, `[{"a":1`, `"\u00zz"`, `"\ud800"`, `"\ud800\udc00"`, `"\udc00"`, `"\ud800\u0041"`, `"\ud800x"`, `"\uD83D\uDE00"`, `"\x41"`, `"\`, `"\"`, `"\\"`, `"\/\b\f\n\r\t"`,
	"\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\n\"", "\"\t\"", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\xf0\x9f\x98\x80\"", "\"\xe0\x80\xaf\"", "\"\xef\xbf\xbd\"",
	"\xef\xbb\xbf{}", "{}\x00", "\x00{}", "{\"a\"\x0b:1}", "{\"a\":\u00a01}", "/*c*/{}", "{}//c", "\"é日本😀\"", "\"aaaaaaa\xc3\"", "\"aaaaaaaé\"", "\"aaaaaaaa\"", "\"aaaaaaa\"",
	`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"":1,"":2}`, `{"a":{"b":1,"b":2}}`, `[{"b":1,"b":2}]`, `{"a":{"x":1},"b":{"x":1}}`, `{"a":1,"A":2}`, `{"é":1,"\u00e9":2}`, `{"😀":1,"\ud83d\ude00":2}`, `{"a\/":1,"a/":2}`,
	`{"model":"cheap","model":"expensive"}`, `{"model":"a","mod\u0065l":"b"}`,
	`{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"n":2}`,
	`{"k0":0,"k1":0,"k2":0,"k3":0,"k4":0,"k5":0,"k6":0,"k7":0,"k8":0,"k9":0,"ka":0,"kb":0,"kc":0,"kd":0,"ke":0,"kf":0,"kg":0,"kh":{"k0":1},"k0":1}`,
	`{"k0":0,"k1":0,"k2":0,"k3":0,"k4":0,"k5":0,"k6":0,"k7":0,"k8":0,"k9":0,"ka":0,"kb":0,"kc":0,"kd":0,"k\u0065":0,"kf":0,"kg":0,"kh":0,"ke":1}`,
	strings.Repeat("[", 30) + strings.Repeat("]", 30), strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20),
}

// The scanner takes what jsontext takes, and refuses what it refuses: duplicate
// keys at any level and invalid UTF-8 included.
func TestScanAgreesWithJSONText(t *testing.T) {
	for _, text := range texts {
		checkScan(t, []byte(text))
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(checkScan)
}

func checkScan(t *testing.T, text []byte) {
	t.Helper()
	if nested(text) > maxDepth {
		return
	}
	q, err := scanText(text)
	if valid := jsontext.Value(text).IsValid(); valid != (err == nil) {
		t.Fatalf("%q: jsontext says valid is %v, the scanner %v", text, valid, err)
	}
	if err != nil || !q.peek.object {
		return
	}
	for name, want := range members(t, text) {
		f := fieldOf([]byte(name))
		if f == FieldNone || name == "dataSources" {
			continue
		}
		at := q.peek.spans[f]
		if got := string(text[at.from:at.to]); got != want {
			t.Fatalf("%q: %s is %q, jsontext says %q", text, name, got, want)
		}
	}
}

// members returns the top-level members of an object as jsontext sees them.
func members(t *testing.T, text []byte) map[string]string {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if _, err := d.ReadToken(); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		name := key.String()
		value, err := d.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(value)
	}
	return all
}

// nested bounds the depth of text from above.
func nested(text []byte) (deepest int) {
	depth := 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		}
	}
	return deepest
}

// Nesting is allowed up to 512 levels, and one more is refused instead of
// exhausting the stack.
func TestScanDepth(t *testing.T) {
	for _, c := range []struct {
		open, close string
	}{{"[", "]"}, {`{"a":`, "}"}} {
		for n, ok := range map[int]bool{maxDepth: true, maxDepth + 1: false, 1 << 20: false} {
			_, err := scanText([]byte(strings.Repeat(c.open, n) + "1" + strings.Repeat(c.close, n)))
			if ok != (err == nil) {
				t.Errorf("%d levels of %q: %v", n, c.open, err)
			}
		}
	}
	// Depth is what is open at once, not how much there is.
	if _, err := scanText([]byte("[" + strings.Repeat("[[],{}],", 2000) + "0]")); err != nil {
		t.Errorf("many shallow arrays: %v", err)
	}
}

// Objects of many keys find a duplicate wherever it is, escaped or not, and only
// where there is one, with inner objects of many keys in between.
func TestScanManyKeys(t *testing.T) {
	object := func(n int, extra string) string {
		var b strings.Builder
		b.WriteByte('{')
		for i := range n {
			fmt.Fprintf(&b, `"property_%06d_name":`, i)
			if i%7 == 3 && n > 100 {
				b.WriteString(`{"a":{},"b":[{"property_000000_name":1}]}`)
			} else {
				b.WriteByte('0')
			}
			b.WriteByte(',')
		}
		return b.String() + extra + "}"
	}
	for _, n := range []int{1, 15, 16, 17, 18, 31, 32, 33, 64, 65, 1000, 5000} {
		if _, err := scanText([]byte(object(n, `"last":0`))); err != nil {
			t.Errorf("%d different keys: %v", n, err)
		}
		inner := object(40, `"last":0`)
		if _, err := scanText([]byte(object(n, `"inner":`+inner+`,"inner2":`+inner))); err != nil {
			t.Errorf("%d different keys around large objects: %v", n, err)
		}
		for _, twice := range []int{0, n / 2, n - 1} {
			key := fmt.Sprintf("property_%06d_name", twice)
			for _, again := range []string{key, `\u0070` + key[1:]} {
				_, err := scanText([]byte(object(n, `"inner":`+inner+`,"`+again+`":1`)))
				if err == nil || !strings.Contains(err.Error(), "twice") {
					t.Errorf("%d keys with %s again as %s: %v", n, key, again, err)
				}
			}
		}
	}
}

// BenchmarkScanKeys scans objects of nothing but keys. What a key costs must not
// grow with how many there are, but for what memory costs.
func BenchmarkScanKeys(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			keys := map[string]int{}
			for i := range n {
				keys[fmt.Sprintf("k%d", i)] = i
			}
			text, _ := json.Marshal(keys)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := scanText(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is wrong with a body is said with its place and what was expected there.
func TestScanMessages(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"a" 1}`, `The body is not valid JSON: expected ':' behind a key at offset 5, found '1'.`},
		{`{"a":1`, `The body is not valid JSON: expected ',' or '}' behind an object's member at offset 6, found the end of the body.`},
		{"{\n  \"a\": 1,\n}", `The body is not valid JSON: expected a key in double quotes in line 3, column 1, found '}'.`},
		{"{\n  \"a\": 1,\n  \"a\": 2}", `The body has the key "a" twice in one object, again in line 3, column 3. Give it once.`},
		{"\"\xff\"", `The body is not valid JSON: a string is not valid UTF-8 at offset 1, found a byte that is not UTF-8.`},
		{`{"a":"\ud800"}`, `The body is not valid JSON: a \u escape is half of a surrogate pair at offset 6, found '\\'.`},
		{`{"a":"x`, `The body is not valid JSON: a string has no closing quote at offset 7, found the end of the body.`},
		{`{} x`, `The body is not valid JSON: expected nothing more behind the value at offset 3, found 'x'.`},
		{`{"a":tru}`, `The body is not valid JSON: expected true at offset 5, found 't'.`},
		{`{"a":01}`, `The body is not valid JSON: a number must not begin with 0 at offset 5, found '0'.`},
		{"\ufeff{}", `The body is not valid JSON: expected a value at offset 0, found '\ufeff'.`},
	} {
		_, err := scanText([]byte(c.text))
		if err == nil {
			t.Errorf("%q was taken", c.text)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", c.text, diff)
		}
	}
}
