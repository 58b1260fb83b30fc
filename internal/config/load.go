package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFile is the largest configuration file, in bytes. It also bounds the files
// that ${file:…} reads.
const maxFile = 4 << 20

// Env is the world outside the file. The zero Env is the process's own.
type Env struct {
	// Lookup returns an environment variable and whether it is set.
	Lookup func(string) (string, bool)
	// ReadFile returns a file's content.
	ReadFile func(string) ([]byte, error)
}

func (e Env) orOS() Env {
	if e.Lookup == nil {
		e.Lookup = os.LookupEnv
	}
	if e.ReadFile == nil {
		e.ReadFile = readFile
	}
	return e
}

// readFile reads a file, but never much more than maxFile of it.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// Load reads the configuration file at path. Relative paths in it, those of
// ${file:…} and of tls, count from the file's own directory. The error is a
// *Problems.
func Load(path string, env Env) (*Config, error) {
	env = env.orOS()
	text, err := env.ReadFile(path)
	if err != nil {
		return nil, &Problems{{File: path, Message: fileFault(err)}}
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		dir = filepath.Dir(path)
	}
	c, err := parse(path, dir, text, env)
	if c != nil {
		c.Files[path] = DigestOf(text, nil)
	}
	return c, err
}

// Parse reads a configuration from text; name is what problems call the file, and
// its directory is where relative paths count from. The error is a *Problems with
// everything that is wrong.
func Parse(name string, text []byte, env Env) (*Config, error) {
	return parse(name, filepath.Dir(name), text, env.orOS())
}

func parse(name, dir string, text []byte, env Env) (*Config, error) {
	d := &decoder{file: name, refs: refs{dir: dir, env: env}, marks: make(map[string]mark), faulty: make(map[string]bool)}
	c := Default()
	d.whole = c
	if root := d.document(text); root != nil && !d.foreign(root) {
		if d.section(value{node: root}, c.fields()) {
			d.check(c)
		}
	}
	d.finish()
	if len(d.problems) > 0 {
		return nil, (*Problems)(&d.problems)
	}
	d.inherit(c)
	c.complete()
	c.Notes, c.Files = d.notes, d.files
	if c.Files == nil {
		c.Files = make(map[string]Digest)
	}
	return c, nil
}

// document returns the root of the file's only YAML document, or nil after a
// problem with the file as a whole.
func (d *decoder) document(text []byte) *yaml.Node {
	if !d.readable(text) {
		return nil
	}
	d.end = end(text)
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		d.report(mark{}, "", "cannot be read: "+err.Error(), "")
		return nil
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case err == io.EOF:
		d.report(mark{}, "", "is empty", "a configuration names at least one resource")
		return nil
	case err != nil:
		d.syntax(text, err)
		return nil
	}
	switch err := loader.Load(&second); {
	case err == nil:
		d.report(mark{line: second.Line, column: second.Column}, "", "a second YAML document begins here", "keep one document in a file; remove the ---")
		return nil
	case err != io.EOF:
		d.syntax(text, err)
		return nil
	}
	return first.Content[0]
}

// readable says whether text is of sane size and UTF-8.
func (d *decoder) readable(text []byte) bool {
	if len(text) > maxFile {
		d.report(mark{}, "", fmt.Sprintf("is larger than %d MiB", maxFile>>20), "")
		return false
	}
	if utf8.Valid(text) {
		return true
	}
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		d.report(mark{}, "", "is UTF-16", "save it as UTF-8")
		return false
	}
	i := 0
	for r, n := utf8.DecodeRune(text); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(text[i:]) {
		i += n
	}
	d.report(at(text, i), "", "is not UTF-8", "save it as UTF-8")
	return false
}

// at returns the place of the byte at offset i.
func at(text []byte, i int) mark {
	before := text[:min(max(i, 0), len(text))]
	line := 1 + bytes.Count(before, []byte{'\n'})
	return mark{line: line, column: 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])}
}

// end returns the place behind the last character of text, counting lines as YAML
// does.
func end(text []byte) mark {
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(text))
	lines = strings.TrimRight(lines, "\n")
	return at([]byte(lines), len(lines))
}

// syntax reports what the YAML parser could not read. It repeats the parser's
// words only where they hold no text of the file, which may be a key.
func (d *decoder) syntax(text []byte, err error) {
	e, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		d.report(mark{}, "", "is not YAML", "")
		return
	}
	m := mark{line: e.Mark.Line, column: max(e.Mark.Column, 1)}
	if m.line == 0 {
		m = at(text, e.Mark.Index)
	}
	message, hint := "is not YAML: "+e.Message, ""
	if e.Stage != yaml.ScannerStage && e.Stage != yaml.ParserStage && e.Stage != yaml.ReaderStage {
		message = "is not YAML: it names an anchor (*) that does not exist"
		hint = "put text that begins with * in quotes"
	}
	switch line := lineOf(text, m.line); {
	case strings.Contains(line, "${") && strings.Contains(message, "expected ','"):
		hint = "inside { } and [ ], put ${…} in quotes"
	case strings.Contains(line, "\t"):
		hint = "indent with spaces, not with tabs"
	case strings.Contains(message, "mapping values are not allowed"):
		hint = "a second \": \" on the line, or an indentation that does not fit; put text with a colon in quotes"
	}
	d.report(m, "", message, hint)
}

// lineOf returns a line of text, counting from 1.
func lineOf(text []byte, line int) string {
	for range line - 1 {
		_, text, _ = bytes.Cut(text, []byte{'\n'})
	}
	first, _, _ := bytes.Cut(text, []byte{'\n'})
	return string(first)
}

// fileFault says in plain words why a file could not be read.
func fileFault(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read: permission denied"
	case errors.As(err, &path):
		return "cannot be read: " + path.Err.Error()
	}
	return "cannot be read: " + err.Error()
}
