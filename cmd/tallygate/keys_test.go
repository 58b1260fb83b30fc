package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
)

// What keys generate says to paste is a caller's, its digest is that of the key, and it
// fits a terminal.
func TestKeysGenerate(t *testing.T) {
	for _, args := range [][]string{nil, {"--name", "alice"}, {"-n", "3", "--name", "room.2"}, {"-n", "2"}} {
		code, out, words := inProcess(t, append([]string{"keys", "generate"}, args...)...)
		if code != exitOK || words != "" {
			t.Fatalf("keys generate %q: exit %d, %s", args, code, words)
		}
		keys := regexp.MustCompile(`(?m)^key     (tg-[a-z2-7]{26})$`).FindAllStringSubmatch(out, -1)
		_, paste, _ := strings.Cut(out, "configuration:\n")
		text := "resources: [{name: a, endpoint: https://a.example, key: key-0123456789, deployments: [{name: gpt-4o}]}]\n" +
			"callers:\n  - name: team\n    " + strings.ReplaceAll(strings.TrimSpace(paste), "\n", "\n    ") + "\n"
		cfg, err := config.Parse("t.yaml", []byte(text), config.Env{})
		if err != nil {
			t.Fatalf("keys generate %q: %v\n%s", args, err, text)
		}
		if got := cfg.Callers[0].Keys; len(got) != len(keys) {
			t.Fatalf("keys generate %q: %d keys to paste of\n%s", args, len(got), out)
		}
		for i, k := range cfg.Callers[0].Keys {
			if digest, _ := askDigest(t, keys[i][1]+"\n"); digest != k.Reveal() || k.ID() != digest[7:19] {
				t.Errorf("the digest of %s is %s, pasted is %s", keys[i][1], digest, k.Reveal())
			}
		}
		for line := range strings.SplitSeq(out, "\n") {
			if utf8.RuneCountInString(line) > console.Columns {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
	if _, out, _ := inProcess(t, "keys", "generate", "-n", "2", "--name", "x", "-o", "json"); !strings.Contains(out, `"name": "x-2"`) {
		t.Errorf("as json:\n%s", out)
	}
	for _, args := range [][]string{{"-n", "0"}, {"-n", "10001"}, {"--name", "a b"}, {"--name", "${env:X}"}, {"--name", "no: yaml"}} {
		if code, out, _ := inProcess(t, append([]string{"keys", "generate"}, args...)...); code != exitUsage || out != "" {
			t.Errorf("keys generate %q: exit %d, %s", args, code, out)
		}
	}
}

func askDigest(t *testing.T, in string, args ...string) (out, words string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	run(t.Context(), append([]string{"keys", "digest"}, args...), strings.NewReader(in), &stdout, &stderr)
	return strings.TrimSpace(stdout.String()), stderr.String()
}

// A digest is made of what is surely one key that nobody can guess, and no message
// repeats a key.
func TestKeysDigest(t *testing.T) {
	for _, key := range []string{"0123456789abcdef0123456789abcdef", "tg-abcdefghijklmnopqrstuvwxyz", "AbCdEfGhIjKlMnOpQrStUvWx"} {
		for _, end := range []string{"", "\n", "\r\n", "\n\n"} {
			if got, words := askDigest(t, key+end); !strings.HasPrefix(got, "sha256:") || len(got) != 71 || words != "" {
				t.Errorf("%q: %q, %s", key+end, got, words)
			}
		}
	}
	for in, want := range map[string]string{
		"": "no key", "\n": "no key", "secret-hunter2": "less than 128 bits", "12345678901234567890123456789012": "less than 128 bits",
		strings.Repeat("ab", 50): "less than 128 bits", "key-with a-space-0123456789abcdef": "not visible ASCII",
		"0123456789abcdef0123456789abcdef\nsecret-of-another": "more than one line", "sha256:" + strings.Repeat("0", 64): "digest already",
		strings.Repeat("secret0123456789", 1000): "more than one line",
	} {
		if got, words := askDigest(t, in); got != "" || !strings.Contains(words, want) || strings.Contains(words, "secret") {
			t.Errorf("%.40q: %q, %s", in, got, words)
		}
	}
	if got, words := askDigest(t, "", "secret0123456789abcdef0123456789"); got != "" || strings.Contains(words, "secret") || !strings.Contains(words, "standard input") {
		t.Errorf("as a word: %q, %s", got, words)
	}
}
