package tokenizer

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Many goroutines that share a Set and its encodings get the same answers as one.
func TestConcurrentUse(t *testing.T) {
	var s Set
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 20 {
				e, err := s.Encoding(encodingNames[(i+k)%len(encodingNames)])
				if err != nil {
					t.Error(err)
					return
				}
				text := []byte(strings.Repeat("Hello wörld, it's 12345 \xff", 1+k))
				if got, want := e.Count(text), len(e.Encode(nil, text)); got != want {
					t.Errorf("%s: Count is %d, Encode gives %d tokens", e.Name(), got, want)
				}
			}
		})
	}
	wg.Wait()
}

// Encodings that differ in special tokens alone are one; an unknown name is refused with the known ones.
func TestEncodingNames(t *testing.T) {
	for alias, name := range map[string]string{"o200k_harmony": "o200k_base", "p50k_edit": "p50k_base"} {
		if e := testEncoding(t, alias); e != testEncoding(t, name) || e.Name() != name {
			t.Errorf("%s is %s, want %s", alias, e.Name(), name)
		}
	}
	for _, name := range []string{"", "gpt-4o", "O200K_BASE", "o200k_base "} {
		if _, err := testSet.Encoding(name); err == nil || !strings.Contains(err.Error(), "cl100k_base") {
			t.Errorf("Encoding(%q): error %v, want one that names the encodings", name, err)
		}
	}
}

// Decode refuses a token that no text has: special ones and numbers beyond.
func TestDecodeUnknownToken(t *testing.T) {
	for name, unknown := range map[string][]uint32{
		"o200k_base": {199998, 199999, 200018, none}, "cl100k_base": {100256, 100257, 1 << 31},
		"p50k_base": {50256, 50281}, "r50k_base": {50256, 50257},
	} {
		for _, token := range unknown {
			_, err := testEncoding(t, name).Decode([]uint32{0, token})
			if err == nil || !strings.Contains(err.Error(), fmt.Sprint(token)) {
				t.Errorf("%s: Decode of %d: error %v, want one that names it", name, token, err)
			}
		}
	}
}

// Every token of a vocabulary is found again by its bytes.
func TestVocabularyFindsEveryToken(t *testing.T) {
	for name, size := range map[string]int{"o200k_base": 199998, "cl100k_base": 100256, "p50k_base": 50281, "r50k_base": 50256} {
		v := testEncoding(t, name).vocabulary
		if n := len(v.starts) - 1; n != size {
			t.Errorf("%s has %d tokens, want %d", name, n, size)
		}
		for rank := range uint32(len(v.starts) - 1) {
			token := v.token(rank)
			if len(token) == 0 {
				continue
			}
			if got := v.find(token, 0, len(token)); got != rank {
				t.Fatalf("%s: %q has rank %d, want %d", name, token, got, rank)
			}
			if len(token) > 1 && v.findJoined(token, 0, len(token)) != rank {
				t.Fatalf("%s: %q is not found as a pair", name, token)
			}
		}
	}
}

// A file that is cut or is something else is an error, not a panic.
func TestCorruptVocabulary(t *testing.T) {
	for i := range 12 {
		if _, err := loadVocabulary(p50kFile[:len(p50kFile)*i/12], -1); err == nil {
			t.Errorf("%d twelfths of a file load without an error", i)
		}
	}
	if _, err := loadVocabulary(p50kFile, 60000); err == nil {
		t.Error("more tokens than the file has load without an error")
	}
	if _, err := loadVocabulary("garbage", -1); err == nil {
		t.Error("garbage loads without an error")
	}
}

// Ill-formed bytes become as many U+FFFD as the Unicode Standard recommends.
func TestLossy(t *testing.T) {
	for text, want := range map[string]string{
		"\xff": "\uFFFD", "a\x80b": "a\uFFFDb", "\xe4\xbd": "\uFFFD", "\xe4\xbda": "\uFFFDa", "\xf0\x9f\x98": "\uFFFD", "\xed\xa0\x80": "\uFFFD\uFFFD\uFFFD",
		"\xc0\xaf": "\uFFFD\uFFFD", "\xe0\x80\x80": "\uFFFD\uFFFD\uFFFD", "\xf0\x80\x80\x41": "\uFFFD\uFFFD\uFFFDA", "\xf4\x91\x92\x93\xff\x41\x80\xbf\x42": "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA\uFFFD\uFFFDB",
		"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41": "\uFFFD\uFFFD\uFFFD\uFFFDA", "é你😀": "é你😀",
	} {
		if got := string(appendLossy(nil, []byte(text))); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
