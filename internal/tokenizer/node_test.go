package tokenizer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
	"unicode/utf8"
)

// With TALLYGATE_NODE_TESTS=1 these tests ask OpenAI's own tokenizer, the npm package
// in the folder difftest (run `npm ci` there first). -update then writes the golden
// files anew from its answers, which takes minutes: its time is quadratic.

var update = flag.Bool("update", false, "write the golden files from the reference's answers (needs TALLYGATE_NODE_TESTS=1)")

// A node is a running reference.
type node struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// startNode starts the reference, or skips the test when that was not asked for. Asked
// for and missing, it fails.
func startNode(t *testing.T) *node {
	t.Helper()
	if os.Getenv("TALLYGATE_NODE_TESTS") != "1" {
		t.Skip("set TALLYGATE_NODE_TESTS=1 to compare with OpenAI's own tokenizer (needs node, and npm ci in internal/tokenizer/difftest)")
	}
	if _, err := os.Stat("difftest/node_modules/tiktoken"); err != nil {
		t.Fatalf("the reference is not installed, run npm ci in internal/tokenizer/difftest: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "encode.mjs")
	cmd.Dir = "difftest"
	cmd.Stderr = os.Stderr
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatalf("start the reference: %v", err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait() // the context has ended it, or the end of its input will
	})
	return &node{in, bufio.NewReaderSize(out, 1<<20)}
}

// ask sends one request and returns the numbers of its answer.
func (n *node) ask(t *testing.T, kind int, text string) []uint32 {
	t.Helper()
	request := append([]byte{byte(kind)}, 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(request[1:], uint32(len(text)))
	if _, err := n.in.Write(append(request, text...)); err != nil {
		t.Fatalf("ask the reference: %v", err)
	}
	var size uint32
	if err := binary.Read(n.out, binary.LittleEndian, &size); err != nil {
		t.Fatalf("read the reference's answer: %v", err)
	}
	answer := make([]uint32, size)
	if err := binary.Read(n.out, binary.LittleEndian, answer); err != nil {
		t.Fatalf("read the reference's answer: %v", err)
	}
	return answer
}

// Thousands of seeded texts have the reference's tokens in all four encodings.
func TestNodeRandomTexts(t *testing.T) {
	n := startNode(t)
	r := random(20261121)
	for range 5000 {
		text := anyText(&r)
		for kind, name := range encodingNames {
			want := n.ask(t, kind, text)
			got := testEncoding(t, name).Encode(nil, []byte(text))
			if !slices.Equal(got, want) {
				t.Fatalf("%s of %q:\n got %d\nwant %d", name, text, got, want)
			}
		}
	}
}

// Every code point has the class that the reference's patterns give it.
func TestNodeClasses(t *testing.T) {
	n := startNode(t)
	want := n.ask(t, 255, "")
	for c := range rune(utf8.MaxRune + 1) {
		if !utf8.ValidRune(c) {
			continue
		}
		got, size := classAt([]byte(string(c)), 0)
		if uint32(got) != want[c] || size != utf8.RuneLen(c) {
			t.Errorf("%U: class %08b of %d bytes, want %08b of %d", c, got, size, want[c], utf8.RuneLen(c))
		}
	}
}
