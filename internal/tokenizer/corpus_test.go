package tokenizer

import (
	"embed"
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"
)

var encodingNames = []string{"o200k_base", "cl100k_base", "p50k_base", "r50k_base"}

// testSet is shared by all tests, as a gateway shares its own: loading is the slow part.
var testSet Set

func testEncoding(t testing.TB, name string) *Encoding {
	t.Helper()
	e, err := testSet.Encoding(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// random is splitmix64, so that seeded texts stay what they are for good.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9E3779B97F4A7C15
	x := uint64(*r)
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

func (r *random) of(choices string) string {
	all := []rune(choices)
	return string(all[r.below(len(all))])
}

//go:embed testdata/*.txt
var testdata embed.FS

type document struct{ name, text string }

// corpus returns the 17 kinds of text that the golden files cover. The long ones are
// made to hurt a tokenizer that backtracks or rescans.
func corpus(t testing.TB) []document {
	t.Helper()
	var all []document
	for _, name := range []string{"english", "code", "chinese", "japanese", "scripts", "emoji", "json"} {
		text, err := testdata.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, document{name, string(text)})
	}
	r := random(1)
	return append(all,
		document{"random unicode", randomUnicode(&r, 20_000)},
		document{"contractions", contractions(&r, 3000)},
		document{"base64", base64.StdEncoding.EncodeToString([]byte(randomBytes(&r, 30_000)))},
		document{"numbers", repeat(3000, func() string { return r.of("0123456789٣४Ⅷ½²") + r.of("0123456789 .,-%\n") })},
		document{"not UTF-8", brokenUTF8(&r, 5000)},
		document{"100 kB of a", strings.Repeat("a", 100_000)},
		document{"100 kB of -", strings.Repeat("-", 100_000)},
		document{"90 kB of mixed spaces", repeat(90_000, func() string { return r.of(" \t\n\r") })},
		document{"100 kB of random letters", repeat(100_000, func() string { return r.of("abcdefghijklmnopqrstuvwxyz") })},
		document{"90 kB of Han without a stop", repeat(30_000, func() string { return string(rune(0x4E00 + r.below(0x51A5))) })},
	)
}

func repeat(n int, f func() string) string {
	var b strings.Builder
	for range n {
		b.WriteString(f())
	}
	return b.String()
}

func randomBytes(r *random, n int) string {
	return repeat(n, func() string { return string([]byte{byte(r.next())}) })
}

func randomUnicode(r *random, n int) string {
	return repeat(n, func() string {
		limit := []int{0x80, 0x800, 0x3000, 0x10000, 0x20000, utf8.MaxRune + 1}[r.below(6)]
		return string(rune(r.below(limit))) // a surrogate becomes U+FFFD
	})
}

func contractions(r *random, n int) string {
	return repeat(n, func() string {
		return r.of("aZ éß'’1 \n") + r.of("''''’`") + r.of("stmdrvlSTMDRVLſkK") + r.of("eElLeElL s.'")
	})
}

// brokenUTF8 is words with what no UTF-8 text has: cut and overlong sequences,
// surrogates, stray continuations, numbers beyond Unicode.
func brokenUTF8(r *random, n int) string {
	broken := []string{"\xff", "\x80", "\xbf\xbf", "\xc0\xaf", "\xc3", "\xe4\xbd", "\xe0\x80\x80", "\xed\xa0\x80", "\xed\xbf",
		"\xf0\x9f\x98", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf0\x9f", "\xf8\x88\x80\x80\x80", "é", "你", "😀"}
	return repeat(n, func() string { return broken[r.below(len(broken))] + r.of("abc  \n'123.") })
}

// anyText returns one of many short texts, each a mix of the kinds that the patterns
// tell apart; now and then it has a long run.
func anyText(r *random) string {
	kinds := []func() string{
		func() string { return r.of("abcdefghijklmnopqrstuvwxyz") },
		func() string { return r.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") },
		func() string { return r.of("éßñçøåœſẞﬁαωжящ") + r.of("ÉÑÇØÅŒΑΩЖЯЩİ") },
		func() string { return r.of("ǅǈʰˢªºᵃ々ーאبकไ한漢字") },
		func() string { return r.of("\u0301\u0308\u20dd\ufe0f\u093e\u064b\u0e31") },
		func() string { return r.of("0123456789٣४๓Ⅷ½²㊄") },
		func() string { return r.of(" \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2028\u202f\u3000") },
		func() string { return r.of(" \n") },
		func() string { return r.of(".,;:!?/\\-_=+*#@$%^&()[]{}<>|~`\"") },
		func() string { return r.of("'’") + r.of("stmdrvlSTMDRVLſ") + r.of("eElL ") },
		func() string { return r.of("。，「」—…€©😀👩\u200d\ufeff\u200b\x00\x7f") },
		func() string { return string(rune(r.below(utf8.MaxRune + 1))) },
		func() string {
			return []string{" the", " function", "ing", "Error", "https://", "return ", "\n\n", "    "}[r.below(8)]
		},
		func() string { return []string{"\xff", "\xc3", "\xe4\xbd", "\xf0\x9f\x98", "\xed\xa0\x80"}[r.below(5)] },
	}
	var b strings.Builder
	for range 1 + r.below(12) {
		kind := kinds[r.below(len(kinds))]
		if r.below(40) == 0 {
			b.WriteString(strings.Repeat(kind(), 1+r.below(600)))
			continue
		}
		for range 1 + r.below(8) {
			b.WriteString(kind())
		}
	}
	return b.String()
}
