package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Document returns the root of the file's only YAML document, or nil after a
// problem with the file as a whole; least is what a file holds that is not empty.
func (d *Decoder) Document(text []byte, least string) *yaml.Node {
	if !d.readable(text) {
		return nil
	}
	d.end = End(text)
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		d.Report(Mark{}, "", "cannot be read: "+err.Error(), "")
		return nil
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case err == io.EOF:
		d.Report(Mark{}, "", "is empty", least)
		return nil
	case err != nil:
		d.syntax(text, err)
		return nil
	}
	switch err := loader.Load(&second); {
	case err == nil:
		d.Report(Mark{Line: second.Line, Column: second.Column}, "", "a second YAML document begins here", "keep one document in a file; remove the ---")
		return nil
	case err != io.EOF:
		d.syntax(text, err)
		return nil
	}
	return first.Content[0]
}

// readable says whether text is of sane size and UTF-8.
func (d *Decoder) readable(text []byte) bool {
	if len(text) > maxFile {
		d.Report(Mark{}, "", fmt.Sprintf("is larger than %d MiB", maxFile>>20), "")
		return false
	}
	if utf8.Valid(text) {
		return true
	}
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		d.Report(Mark{}, "", "is UTF-16", "save it as UTF-8")
		return false
	}
	i := 0
	for r, n := utf8.DecodeRune(text); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(text[i:]) {
		i += n
	}
	d.Report(at(text, i), "", "is not UTF-8", "save it as UTF-8")
	return false
}

// at returns the place of the byte at offset i.
func at(text []byte, i int) Mark {
	before := text[:min(max(i, 0), len(text))]
	line := 1 + bytes.Count(before, []byte{'\n'})
	return Mark{Line: line, Column: 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])}
}

// End returns the place behind the last character of text, counting lines as YAML
// does.
func End(text []byte) Mark {
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(text))
	lines = strings.TrimRight(lines, "\n")
	return at([]byte(lines), len(lines))
}

// syntax reports what the YAML parser could not read. It repeats the parser's
// words only where they hold no text of the file, which may be a key.
func (d *Decoder) syntax(text []byte, err error) {
	e, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		d.Report(Mark{}, "", "is not YAML", "")
		return
	}
	m := Mark{Line: e.Mark.Line, Column: max(e.Mark.Column, 1)}
	if m.Line == 0 {
		m = at(text, e.Mark.Index)
	}
	message, hint := "is not YAML: "+e.Message, ""
	if e.Stage != yaml.ScannerStage && e.Stage != yaml.ParserStage && e.Stage != yaml.ReaderStage {
		message = "is not YAML: it names an anchor (*) that does not exist"
		hint = "put text that begins with * in quotes"
	}
	switch line := lineOf(text, m.Line); {
	case strings.Contains(line, "${") && strings.Contains(message, "expected ','"):
		hint = "inside { } and [ ], put ${…} in quotes"
	case strings.Contains(line, "\t"):
		hint = "indent with spaces, not with tabs"
	case strings.Contains(message, "mapping values are not allowed"):
		hint = "a second \": \" on the line, or an indentation that does not fit; put text with a colon in quotes"
	}
	d.Report(m, "", message, hint)
}

// lineOf returns a line of text, counting from 1.
func lineOf(text []byte, line int) string {
	for range line - 1 {
		_, text, _ = bytes.Cut(text, []byte{'\n'})
	}
	first, _, _ := bytes.Cut(text, []byte{'\n'})
	return string(first)
}
