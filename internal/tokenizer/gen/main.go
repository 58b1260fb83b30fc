// Command gen turns OpenAI's published vocabulary files into the compact form that
// package tokenizer embeds. It refuses a file whose SHA-256 is not the one OpenAI's
// own tokenizer library pins. The files come from a Go module, fetched outside this
// one because the program itself does not need it:
//
//	cd "$(mktemp -d)" && go mod init fetch
//	go mod download -json github.com/pkoukk/tiktoken-go-loader@v0.0.2   # prints Dir
//	cd - && go run ./internal/tokenizer/gen -assets "$DIR/assets" -out internal/tokenizer/data
//
// A written file is one DEFLATE stream: the number of tokens n (32 bits, little
// endian), then n lengths of one byte each, then the tokens' bytes one after another,
// all in the order of their ranks. The character classes beside them
// (classes.bin) are written by ../difftest/classes.mjs.
package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
)

// A source is one published vocabulary. gap is the rank that no line of the file
// has because it belongs to a special token, -1 if there is none.
type source struct {
	name   string
	sha256 string
	gap    int
}

// r50k_base has no file of its own: it is the first 50,256 tokens of p50k_base, which
// checkPrefix verifies.
var sources = []source{
	{"o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d", -1},
	{"cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7", -1},
	{"p50k_base", "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069", 50256},
}

const r50kSHA256 = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"

func main() {
	log.SetFlags(0)
	assets := flag.String("assets", "", "folder with the *.tiktoken files")
	out := flag.String("out", "internal/tokenizer/data", "folder to write to")
	flag.Parse()
	if err := run(*assets, *out); err != nil {
		log.Fatal(err)
	}
}

func run(assets, out string) error {
	for _, s := range sources {
		text, err := readPinned(filepath.Join(assets, s.name+".tiktoken"), s.sha256)
		if err != nil {
			return err
		}
		tokens, err := parse(text, s.gap)
		if err != nil {
			return fmt.Errorf("parse %s: %w", s.name, err)
		}
		packed, err := pack(tokens)
		if err != nil {
			return fmt.Errorf("pack %s: %w", s.name, err)
		}
		if err := os.WriteFile(filepath.Join(out, s.name+".bin"), packed, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d tokens, %d bytes\n", s.name, len(tokens), len(packed))
	}
	return checkPrefix(assets)
}

func readPinned(path, want string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	if got := hex.EncodeToString(sum[:]); got != want {
		return nil, fmt.Errorf("%s: sha256 is %s, want %s", path, got, want)
	}
	return text, nil
}

// parse reads lines of base64 token and rank. Ranks must ascend by one; the gap, if
// any, becomes an empty token so that a token's place in the slice is its rank.
func parse(text []byte, gap int) ([][]byte, error) {
	var tokens [][]byte
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		encoded, number, ok := bytes.Cut(lines.Bytes(), []byte(" "))
		if !ok {
			return nil, fmt.Errorf("line %q has no space", lines.Text())
		}
		token, err := base64.StdEncoding.DecodeString(string(encoded))
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", lines.Text(), err)
		}
		rank, err := strconv.Atoi(string(number))
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", lines.Text(), err)
		}
		if len(tokens) == gap {
			tokens = append(tokens, nil)
		}
		if rank != len(tokens) {
			return nil, fmt.Errorf("line %q: rank %d where %d was expected", lines.Text(), rank, len(tokens))
		}
		if len(token) == 0 || len(token) > 255 {
			return nil, fmt.Errorf("line %q: token of %d bytes", lines.Text(), len(token))
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}

func pack(tokens [][]byte) ([]byte, error) {
	raw := binary.LittleEndian.AppendUint32(nil, uint32(len(tokens)))
	for _, token := range tokens {
		raw = append(raw, byte(len(token)))
	}
	for _, token := range tokens {
		raw = append(raw, token...)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func checkPrefix(assets string) error {
	r50k, err := readPinned(filepath.Join(assets, "r50k_base.tiktoken"), r50kSHA256)
	if err != nil {
		return err
	}
	p50k, err := os.ReadFile(filepath.Join(assets, "p50k_base.tiktoken"))
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(p50k, r50k) {
		return fmt.Errorf("r50k_base is no longer the beginning of p50k_base")
	}
	return nil
}
