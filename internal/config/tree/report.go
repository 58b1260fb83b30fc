package tree

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// suggest returns a hint naming the known word nearest to what was written, or nothing
// when none is near.
func (d *Decoder) suggest(written string, known []string) string {
	return DidYouMean(d.Nearest(written, known))
}

// DidYouMean is a hint that names a word; empty for none.
func DidYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}

// Mark is a place in the file.
type Mark struct {
	Line, Column int
	// Raw is the text as written when it holds references: what messages quote.
	Raw string
}

// Report adds a problem. Past maxProblems it only counts.
func (d *Decoder) Report(m Mark, path, message, hint string) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, d.problem(m, path, message, hint))
	} else {
		d.untold++
	}
	for !d.faulty[path] {
		d.faulty[path] = true
		path = Parent(path)
	}
}

// maxProblems is how many problems are told at once. A file with more of them is
// not a configuration with mistakes, but another file.
const maxProblems = 1000

func (d *Decoder) problem(m Mark, path, message, hint string) Problem {
	if m.Line > d.end.Line && d.end.Line > 0 {
		m = d.end // YAML means the end of the file by a line after it
	}
	return Problem{File: d.file, Line: m.Line, Column: m.Column, Path: path, Message: message, Hint: hint}
}

// Wrong reports a problem with v.
func (d *Decoder) Wrong(v Value, hint, format string, args ...any) {
	d.Report(Mark{Line: v.Node.Line, Column: v.Node.Column}, v.Path, fmt.Sprintf(format, args...), hint)
}

// Fail reports err, a fault or several joined, about v.
func (d *Decoder) Fail(v Value, err error) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			d.Fail(v, one)
		}
		return
	}
	hint := ""
	if f, ok := errors.AsType[*Fault](err); ok {
		hint = f.hint
	}
	d.Wrong(v, hint, "%s", err)
}

// Unique reports a name that stands at another path already; case does not tell
// names apart. Names that could not be read are empty and do not count.
func (d *Decoder) Unique(lines map[string]int, path, name string) {
	if name == "" {
		return
	}
	key := strings.ToLower(name)
	line, ok := lines[key]
	if ok {
		d.WrongAt(path, "", "%s is already taken on line %d", d.Quote(path, name), line)
		return
	}
	lines[key] = d.marks[path].Line
}

// WrongAt reports a problem with the setting at path, or, when the file does not
// have it, with the nearest section around it that it has.
func (d *Decoder) WrongAt(path, hint, format string, args ...any) {
	d.Report(d.place(path), path, fmt.Sprintf(format, args...), hint)
}

// Note remarks on the setting at path.
func (d *Decoder) Note(path, message, hint string) {
	d.notes = append(d.notes, d.problem(d.place(path), path, message, hint))
}

// Mark is the place of what was read at path; the zero mark where nothing was.
func (d *Decoder) Mark(path string) Mark { return d.marks[path] }

// SetMark says that what was read at path stands elsewhere.
func (d *Decoder) SetMark(path string, m Mark) { d.marks[path] = m }

// Done is the error of a reading, with everything that is wrong; nil when nothing is.
func (d *Decoder) Done() error {
	d.finish()
	if len(d.problems) > 0 {
		return (*Problems)(&d.problems)
	}
	return nil
}

// Remarks are the notes on what was read.
func (d *Decoder) Remarks() []Problem { return d.notes }

// Read is what the files held that it was read from, by path.
func (d *Decoder) Read() map[string]Digest { return d.files }

func (d *Decoder) place(path string) Mark {
	for {
		if m, ok := d.marks[path]; ok || path == "" {
			return m
		}
		path = Parent(path)
	}
}

// Sound says that nothing was wrong so far with the setting at path or in it.
func (d *Decoder) Sound(path string) bool { return !d.faulty[path] }

// Has says whether the file has a setting at path.
func (d *Decoder) Has(path string) bool {
	_, ok := d.marks[path]
	return ok
}

// Quote returns text for a message: the reference it came from, if it did.
func (d *Decoder) Quote(path, text string) string {
	if raw := d.marks[path].Raw; raw != "" {
		text = raw
	}
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// finish puts the problems and notes in order and makes sure that none of them
// shows what a reference stood for. Messages are written so that they never do;
// this is the second lock on the same door.
func (d *Decoder) finish() {
	values := make([]string, 0, len(d.hidden))
	for v := range d.hidden {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int { // longest first: one may hold another
		return len(b) - len(a)
	})
	var pairs []string
	for _, v := range values {
		pairs = append(pairs, v, d.hidden[v])
	}
	hide := strings.NewReplacer(pairs...)
	for _, list := range [][]Problem{d.problems, d.notes} {
		for i := range list {
			list[i].Message, list[i].Hint = hide.Replace(list[i].Message), hide.Replace(list[i].Hint)
		}
		inOrder(list)
	}
	if d.untold > 0 {
		d.problems = append(d.problems, Problem{File: d.file, Message: fmt.Sprintf("has %d more problems", d.untold)})
	}
}

// Join is the path of a key in the section at path.
func Join(path, key string) string {
	if len(key) > MaxName {
		key = strings.ToValidUTF8(key[:MaxName], "") + "…"
	}
	for i := range len(key) {
		if c := key[i]; c != '_' && c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return fmt.Sprintf("%s[%q]", path, key)
		}
	}
	if path == "" || key == "" {
		return path + key
	}
	return path + "." + key
}

// Parent is the path of the section or list around path; "" is its own.
func Parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// Index is the path of item i in the list at path.
func Index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
