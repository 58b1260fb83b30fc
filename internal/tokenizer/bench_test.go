package tokenizer

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// goSources returns about 1 MB of Go's own source, and of the prose of its comments.
func goSources(b *testing.B) (code, prose string) {
	b.Helper()
	var c, p strings.Builder
	//lint:ignore SA1019 the sources of the toolchain that runs the benchmark will do
	root := filepath.Join(runtime.GOROOT(), "src", "net")
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || c.Len() > 2<<20 {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		c.Write(text)
		for _, group := range file.Comments {
			p.WriteString((&ast.CommentGroup{List: group.List}).Text() + "\n")
		}
		return nil
	})
	if err != nil || c.Len() == 0 {
		b.Skipf("Go's own source is not here: %v", err)
	}
	return c.String(), p.String()
}

// manyTimes returns the lines of a document in random order, again and again, to
// about size bytes.
func manyTimes(text string, size int) string {
	lines := strings.SplitAfter(text, "\n")
	r := random(3)
	return repeat(size*len(lines)/len(text), func() string { return lines[r.below(len(lines))] })
}

func benchmarkCount(b *testing.B, encoding, text string) {
	e := testEncoding(b, encoding)
	raw := []byte(text)
	n := e.Count(raw)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if e.Count(raw) != n {
			b.Fatal("the count changes")
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mtoken/s")
}

// BenchmarkCount counts ordinary text of several kinds.
func BenchmarkCount(b *testing.B) {
	code, prose := goSources(b)
	docs := []document{{"english", prose}, {"go", code}}
	for _, d := range corpus(b) {
		switch d.name {
		case "chinese", "japanese", "scripts", "json", "emoji":
			docs = append(docs, document{d.name, manyTimes(d.text, 300_000)})
		}
	}
	for _, encoding := range encodingNames[:3] {
		for _, d := range docs {
			b.Run(encoding+"/"+d.name, func(b *testing.B) { benchmarkCount(b, encoding, d.text) })
		}
	}
}

// BenchmarkHostile counts the documents of the corpus that are made to be slow; the
// time per operation is that of one such body of about 100 kB.
func BenchmarkHostile(b *testing.B) {
	for _, d := range corpus(b) {
		if len(d.text) < 40_000 {
			continue
		}
		for _, encoding := range encodingNames[:3] {
			b.Run(d.name+"/"+encoding, func(b *testing.B) { benchmarkCount(b, encoding, d.text) })
		}
	}
}

// BenchmarkEncode makes the tokens of English prose.
func BenchmarkEncode(b *testing.B) {
	_, prose := goSources(b)
	e := testEncoding(b, "o200k_base")
	text := []byte(prose)
	tokens := e.Encode(nil, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tokens = e.Encode(tokens[:0], text)
	}
}

// BenchmarkCounter counts English prose that arrives in parts of 20 bytes.
func BenchmarkCounter(b *testing.B) {
	_, prose := goSources(b)
	c := testEncoding(b, "o200k_base").NewCounter()
	text := []byte(prose)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		c.Reset()
		for i := 0; i < len(text); i += 20 {
			c.Write(text[i:min(i+20, len(text))])
		}
		c.Count()
	}
}

// BenchmarkLoad unpacks an encoding.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var s Set
		if _, err := s.Encoding("o200k_base"); err != nil {
			b.Fatal(err)
		}
	}
}
