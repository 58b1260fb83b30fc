package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mark is a place in the file.
type mark struct {
	line, column int
	// raw is the text as written when it holds references: what messages quote.
	raw string
}

// report adds a problem. Past maxProblems it only counts.
func (d *decoder) report(m mark, path, message, hint string) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, d.problem(m, path, message, hint))
	} else {
		d.untold++
	}
	for !d.faulty[path] {
		d.faulty[path] = true
		path = parent(path)
	}
}

// maxProblems is how many problems are told at once. A file with more of them is
// not a configuration with mistakes, but another file.
const maxProblems = 1000

func (d *decoder) problem(m mark, path, message, hint string) Problem {
	if m.line > d.end.line && d.end.line > 0 {
		m = d.end // YAML means the end of the file by a line after it
	}
	return Problem{File: d.file, Line: m.line, Column: m.column, Path: path, Message: message, Hint: hint}
}

// wrong reports a problem with v.
func (d *decoder) wrong(v value, hint, format string, args ...any) {
	d.report(mark{line: v.node.Line, column: v.node.Column}, v.path, fmt.Sprintf(format, args...), hint)
}

// fail reports err, a fault or several joined, about v.
func (d *decoder) fail(v value, err error) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			d.fail(v, one)
		}
		return
	}
	hint := ""
	if f, ok := errors.AsType[*fault](err); ok {
		hint = f.hint
	}
	d.wrong(v, hint, "%s", err)
}

// unique reports a name that stands at another path already; case does not tell
// names apart. Names that could not be read are empty and do not count.
func (d *decoder) unique(lines map[string]int, path, name string) {
	if name == "" {
		return
	}
	key := strings.ToLower(name)
	line, ok := lines[key]
	if ok {
		d.wrongAt(path, "", "%s is already taken on line %d", d.quote(path, name), line)
		return
	}
	lines[key] = d.marks[path].line
}

// wrongAt reports a problem with the setting at path, or, when the file does not
// have it, with the nearest section around it that it has.
func (d *decoder) wrongAt(path, hint, format string, args ...any) {
	d.report(d.place(path), path, fmt.Sprintf(format, args...), hint)
}

// note remarks on the setting at path.
func (d *decoder) note(path, message, hint string) {
	d.notes = append(d.notes, d.problem(d.place(path), path, message, hint))
}

func (d *decoder) place(path string) mark {
	for {
		if m, ok := d.marks[path]; ok || path == "" {
			return m
		}
		path = parent(path)
	}
}

// sound says that nothing was wrong so far with the setting at path or in it.
func (d *decoder) sound(path string) bool { return !d.faulty[path] }

// has says whether the file has a setting at path.
func (d *decoder) has(path string) bool {
	_, ok := d.marks[path]
	return ok
}

// quote returns text for a message: the reference it came from, if it did.
func (d *decoder) quote(path, text string) string {
	if raw := d.marks[path].raw; raw != "" {
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
func (d *decoder) finish() {
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

// join is the path of a key in the section at path.
func join(path, key string) string {
	if len(key) > maxName {
		key = strings.ToValidUTF8(key[:maxName], "") + "…"
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

// parent is the path of the section or list around path; "" is its own.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// index is the path of item i in the list at path.
func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
