package jsontext

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Each fault names its place, and what is wrong there.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		what string
	}{
		{`"abc`, 4, "no closing quote"},
		{`"a` + "\n" + `b"`, 2, "must be escaped"},
		{`"12345678` + "\xff" + `"`, 9, "not valid UTF-8"},
		{`"\x"`, 1, "unknown escape"},
		{`"\u12g4"`, 1, "four hexadecimal digits"},
		{`"\ud83d!"`, 1, "half of a surrogate pair"},
	} {
		end, _, wrong := String([]byte(c.text), 0)
		if end != -1 || wrong == nil || wrong.At != c.at || !strings.Contains(wrong.What, c.what) {
			t.Errorf("%q: %d, %+v, want %q at %d", c.text, end, wrong, c.what, c.at)
		}
	}
	for text, at := range map[string]int{"-": 1, "01": 0, "1.": 2, "1e+": 3} {
		if end, wrong := Number([]byte(text), 0); end != -1 || wrong == nil || wrong.At != at {
			t.Errorf("%q: %d, %+v, want a fault at %d", text, end, wrong, at)
		}
	}
}

// What was cut off is closed, so that what came of it can be read.
func TestMend(t *testing.T) {
	for cut, want := range map[string]string{
		`{"a":[1,{"b":"c`: `{"a":[1,{"b":"c"}]}`, `{"a":"b\u00`: `{"a":"b"}`, `[]`: `[]`, ``: ``,
	} {
		if got := Mend([]byte(cut)); string(got) != want {
			t.Errorf("%s becomes %s, want %s", cut, got, want)
		}
	}
}

// Reading allocates for escapes alone.
func TestNoAllocations(t *testing.T) {
	text := []byte(`{"model":"gpt-4o","messages":[{"role":"user","content":"Grüße"}],"n":-1.5e3}`)
	if n := testing.AllocsPerRun(100, func() {
		for k, v := range Members(text) {
			if v[0] == '"' {
				_, _, _ = String(v, 0)
			}
			_ = Text(v)
			_ = len(k)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Strings are unescaped, and checked, as encoding/json does.
func FuzzText(f *testing.F) {
	for _, s := range []string{`"a\n\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\\\"\/\b\f\r\t"`, `"12345678Grüße 日本語"`, "\"\x00\"", `"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := Text(raw)
		if len(raw) == 0 || raw[0] != '"' {
			return
		}
		end, escaped, wrong := String(raw, 0)
		if (wrong == nil) != (end > 0) || wrong != nil && (wrong.At < 0 || wrong.At > len(raw)) {
			t.Fatalf("%q: ends at %d, %+v", raw, end, wrong)
		}
		var want string
		decoded := json.Unmarshal(raw, &want) == nil && len(bytes.TrimSpace(raw)) == len(raw)
		// Bytes that are no UTF-8 stay as they are here.
		if decoded && utf8.Valid(raw) && string(got) != want {
			t.Errorf("%q gives %q, want %q", raw, got, want)
		}
		switch whole := wrong == nil && end == len(raw); {
		case whole && !decoded:
			t.Errorf("%q is taken, and encoding/json does not take it", raw)
		case whole && (escaped != bytes.Contains(raw, []byte{'\\'}) || Unquote(raw[1:end-1]) != want):
			t.Errorf("%q: escaped %v, unquoted %q, want %q", raw, escaped, Unquote(raw[1:end-1]), want)
		case !whole && decoded && utf8.Valid(raw) && !bytes.Contains(raw, []byte(`\u`)):
			t.Errorf("%q is refused: %+v", raw, wrong)
		}
	})
}

// Numbers are checked as encoding/json does.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-0.5e+10", "01", "1.", "-", "12x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
			return
		}
		end, wrong := Number(raw, 0)
		if whole := wrong == nil && end == len(raw); whole != (json.Valid(raw) && !bytes.ContainsAny(raw, " \n\r\t")) {
			t.Errorf("%q: ends at %d, %+v; encoding/json says %v", raw, end, wrong, json.Valid(raw))
		}
	})
}

// Members and elements of valid JSON are those of encoding/json; of anything else they
// are what came before.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{`{"a":1,"\u0062":[{"c":"]"}]}`, ` [ 1 , "]" , {} ] `, `{"a"`, `[1,`, `{"a":{"b":`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		members := make(map[string][]byte)
		n := 0
		for k, v := range Members(b) {
			members[string(k)] = v
			n++
		}
		var elements [][]byte
		for v := range Elements(b) {
			elements = append(elements, v)
		}
		if !json.Valid(b) || !utf8.Valid(b) {
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(b, &object) == nil && len(object) == n {
			for k, v := range object {
				if !bytes.Equal(bytes.TrimSpace(v), members[k]) {
					t.Errorf("member %q is %q, want %q", k, members[k], v)
				}
			}
		}
		var array []json.RawMessage
		if json.Unmarshal(b, &array) == nil {
			for i, v := range array {
				if len(array) != len(elements) || !bytes.Equal(bytes.TrimSpace(v), elements[i]) {
					t.Fatalf("elements %q, want %q", elements, array)
				}
			}
		}
	})
}
