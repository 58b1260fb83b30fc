package tokenizer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The golden files hold the answers of OpenAI's own tokenizer, so that equality is
// tested without it: testdata/digests.golden the number of tokens and their digest for
// whole documents, testdata/tokens.golden all tokens of short texts, to see at a
// glance what has changed.

// goldenTexts are short texts, each for one rule of the patterns or one thing that
// tokenizers are known to get wrong.
var goldenTexts = []string{
	"", " ", "a", "Hello, world!", "hello world", "\n", "\r\n", "\n \n", "\n\t\n", "\n\n\n", " \n \n x", "a \n b", "a\n  b", "a  b", "a   ", "   a", "\t\ta",
	"\t\t\ta", " \u00a0 a", "\u00a0a", "\u3000\u3000漢字", "\u0085\u2028\u2029x", "\u200b\ufeffBOM", "\ufeff", "\x7f", "\x00\x00", "\x00a",
	"I'm you're it's we'll they'd I've don't", "I'M YOU'RE IT'S WE'LL THEY'D I'VE DON'T", "it'ſ IT'ſx", "'s't'm", "''s", "'", "'x", "x'", "'re", "'r", "'rE 'Ll",
	"don’t", "o'clock", "l'Homme", "rock'n'roll", "SHOUT's", "ª's", "HTTPServer", "HTTPServers", "parseHTTPURL2Json", "aBcDeF", "ABCdef'sGHI", "ÀÉÎõü", "ǅungla", "ǅABC",
	"ªABC", "ªABCd", "ABCªDEF", "ABCªDEFg", "中ABC", "ABC中", "\u0301a", "\u0301A", "\u0301AB", "!\u0301", "!!\u0301", " \u0301", "  \u0301a", "1\u0301", "e\u0301E\u0301",
	"ABC\u0301DEF", "\u0301\u0301", ".\u0301ABC", "\u0301ABC中d", "_name", "__init__", "#include", "$PATH", "@user", "/usr/local/bin", "a/b/c", "//\n/x", "!\n!", "--\r\n--",
	"!/\n/\r/", " !", "  !", " !!\n\n", "http://example.com/?q=1&r=%20", "<|endoftext|>", "<|im_start|>user", "<|endofprompt|><|fim_prefix|>", "1", "12", "123", "1234",
	"1234567890", " 1234567", "1,234,567.89", "3.14159", "٣٤٥٦", "Ⅷ½²㊄", "1a2b3c", "0x7FFF", "v1.2.3-rc.4", "😀", "👩🏽‍💻", "👨‍👩‍👧‍👦", "🇸🇪🇯🇵", "❤️‍🔥", "1️⃣", "é vs e\u0301",
	"你好，世界", "東京都", "ｶﾀｶﾅ", "カタカナ", "한국어", "Привет, мир", "ΕΛΛΗΝΙΚΆ", "שָׁלוֹם", "مرحبا", "नमस्ते", "สวัสดี", "\U0010FFFF", "\uFFFD", "\ue000", "\U00011de0\U00016ff4",
	"\xff", "a\xffb", "\xe4\xbd", "\xe4\xbda", "\xf0\x9f\x98\x80\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\xc3\xc3\xa9",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "----------------------------------------", "                                        x", "========\n========\n",
	"\t\n\t\n\t\tfoo", "if (x) {\n\t\treturn;\n\t}\n", "indivisibility antidisestablishmentarianism", "zqxjkvbpygfwmucldrhsnioate", "SolidGoldMagikarp", " davidjl",
}

// seededDocuments are batches of random texts, named by their seed.
func seededDocuments() (names []string, texts [][]string) {
	for seed := range 10 {
		r := random(1000 + seed)
		batch := make([]string, 200)
		for i := range batch {
			batch[i] = anyText(&r)
		}
		names = append(names, fmt.Sprintf("random texts %d", seed))
		texts = append(texts, batch)
	}
	return names, texts
}

// digest describes the tokens of texts in one line.
func digest(texts []string, encode func(text string) []uint32) string {
	sum, total := sha256.New(), 0
	for _, text := range texts {
		tokens := encode(text)
		total += len(tokens)
		binary.Write(sum, binary.LittleEndian, uint32(len(tokens)))
		binary.Write(sum, binary.LittleEndian, tokens)
	}
	return fmt.Sprintf("%d tokens, sha256 %s", total, hex.EncodeToString(sum.Sum(nil)[:16]))
}

// digests returns digests.golden as encode gives it.
func digests(t *testing.T, encode func(kind int, text string) []uint32) string {
	names, texts := seededDocuments()
	for _, d := range corpus(t) {
		names, texts = append(names, d.name), append(texts, []string{d.text})
	}
	var b strings.Builder
	for i, name := range names {
		for kind, encoding := range encodingNames {
			line := digest(texts[i], func(text string) []uint32 { return encode(kind, text) })
			fmt.Fprintf(&b, "%s, %s: %s\n", name, encoding, line)
		}
	}
	return b.String()
}

// tokens returns tokens.golden as encode gives it.
func tokens(encode func(kind int, text string) []uint32) string {
	var b strings.Builder
	for _, text := range goldenTexts {
		fmt.Fprintf(&b, "%+q\n", text)
		for kind, encoding := range encodingNames {
			fmt.Fprintf(&b, "\t%s %d\n", encoding, encode(kind, text))
		}
	}
	return b.String()
}

// The tokens of every golden text are those that OpenAI's own tokenizer gave.
func TestGolden(t *testing.T) {
	ours := func(kind int, text string) []uint32 {
		return testEncoding(t, encodingNames[kind]).Encode(nil, []byte(text))
	}
	files := map[string]func(func(int, string) []uint32) string{
		"testdata/tokens.golden":  tokens,
		"testdata/digests.golden": func(encode func(int, string) []uint32) string { return digests(t, encode) },
	}
	for name, render := range files {
		if *update {
			n := startNode(t)
			reference := render(func(kind int, text string) []uint32 { return n.ask(t, kind, text) })
			if err := os.WriteFile(name, []byte(reference), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(render(ours), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// For every document (the long ones in one encoding), Count, CountString and a Counter agree with Encode, and Decode
// gives back the text.
func TestCorpusRoundTrip(t *testing.T) {
	for _, d := range corpus(t) {
		for _, name := range encodingNames {
			if len(d.text) > 50_000 && name != "cl100k_base" {
				continue
			}
			e := testEncoding(t, name)
			text := []byte(d.text)
			all := e.Encode(nil, text)
			if n := e.Count(text); n != len(all) {
				t.Errorf("%s, %s: Count is %d, Encode gives %d tokens", name, d.name, n, len(all))
			}
			if n := e.CountString(d.text); n != len(all) {
				t.Errorf("%s, %s: CountString is %d, Encode gives %d tokens", name, d.name, n, len(all))
			}
			back, err := e.Decode(all)
			if err != nil || !slices.Equal(back, appendLossy(nil, text)) {
				t.Errorf("%s, %s: Decode of Encode is not the text (error %v)", name, d.name, err)
			}
			r := random(len(text))
			c := e.NewCounter()
			for rest := text; len(rest) > 0; {
				n := min(len(rest), 1+r.below(1+r.below(300)))
				c.Write(rest[:n])
				rest = rest[n:]
			}
			if n := c.Count(); n != len(all) {
				t.Errorf("%s, %s: a Counter gives %d, Encode %d tokens", name, d.name, n, len(all))
			}
		}
	}
}
