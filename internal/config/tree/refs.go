package tree

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// refs resolves the ${…} references of a file, and remembers what they stood for
// so that no message shows it.
type refs struct {
	dir    string // where relative paths count from
	env    Env
	known  map[string]resolved // by the text between the braces
	hidden map[string]string   // value → what messages show in its place
	files  map[string]Digest   // what was read, by path
}

type resolved struct {
	text string
	err  error
}

// Fault is what is wrong with a value: the words of a problem without its place.
type Fault struct{ message, hint string }

// Error returns the message.
func (f *Fault) Error() string { return f.message }

// Faultf makes a Fault.
func Faultf(hint, format string, args ...any) error {
	return &Fault{message: fmt.Sprintf(format, args...), hint: hint}
}

// expand replaces the references in s. Any number may stand in it; $${ stands for
// a literal ${. All that fail are in the error, joined.
func (r *refs) expand(s string) (string, error) {
	var b strings.Builder
	var errs []error
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), errors.Join(errs...)
		}
		if i > 0 && s[i-1] == '$' {
			b.WriteString(s[:i-1] + "${")
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		ref, rest, ok := strings.Cut(s[i+2:], "}")
		if !ok {
			errs = append(errs, Faultf("write $${ for a literal ${", "has a ${ without its }"))
			return "", errors.Join(errs...)
		}
		text, err := r.resolve(ref)
		if err != nil {
			errs = append(errs, err)
		}
		b.WriteString(text)
		s = rest
	}
}

// resolve returns what the reference ${ref} stands for, the same every time.
func (r *refs) resolve(ref string) (string, error) {
	if got, ok := r.known[ref]; ok {
		return got.text, got.err
	}
	text, err := r.read(ref)
	if r.known == nil {
		r.known = make(map[string]resolved)
	}
	r.known[ref] = resolved{text, err}
	if err == nil {
		r.Hide(text, "${"+ref+"}")
	}
	return text, err
}

func (r *refs) read(ref string) (string, error) {
	kind, name, _ := strings.Cut(ref, ":")
	switch kind {
	case "env":
		return r.variable(name)
	case "file":
		return r.file(name)
	case "kv":
		return "", Faultf("use ${env:NAME} or ${file:/path}", "refers to Key Vault by ${kv:…}, which is not available in this version")
	}
	return "", Faultf("use ${env:NAME} or ${file:/path}, or $${ for a literal ${", "has a reference of an unknown kind")
}

func (r *refs) variable(name string) (string, error) {
	if !isVariable(name) {
		return "", Faultf("write ${env:NAME}; a name has letters, digits and _, and there are no defaults", "has an ${env:…} without a variable's name")
	}
	text, ok := r.env.Lookup(name)
	if !ok {
		return "", Faultf("", "the environment variable %s is not set", name)
	}
	if !utf8.ValidString(text) {
		return "", Faultf("", "the environment variable %s is not UTF-8", name)
	}
	return text, nil
}

func isVariable(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

func (r *refs) file(path string) (string, error) {
	if path == "" {
		return "", Faultf("write ${file:/path}", "has a ${file:} without a path")
	}
	text, err := r.Open(r.Path(path))
	switch {
	case err != nil:
		return "", Faultf("", "the file %s %s", r.Path(path), FileFault(err))
	case len(text) > maxFile:
		return "", Faultf("", "the file %s is larger than %d MiB", r.Path(path), maxFile>>20)
	case !utf8.Valid(text):
		return "", Faultf("", "the file %s is not UTF-8", r.Path(path))
	}
	s, ended := strings.CutSuffix(string(text), "\n")
	if ended {
		s = strings.TrimSuffix(s, "\r")
	}
	return s, nil
}

// Open reads a file and notes what it held; one that cannot be read holds nothing.
func (r *refs) Open(path string) ([]byte, error) {
	text, err := r.env.ReadFile(path)
	if r.files == nil {
		r.files = make(map[string]Digest)
	}
	r.files[path] = DigestOf(text, err)
	return text, err
}

// Path returns path as seen from the working directory.
func (r *refs) Path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.dir, path)
}

// Hide keeps a value out of every message.
func (r *refs) Hide(value, shown string) {
	if len(value) < 4 {
		return // too common; messages quote the reference, never the value
	}
	if r.hidden == nil {
		r.hidden = make(map[string]string)
	}
	if _, ok := r.hidden[value]; !ok {
		r.hidden[value] = shown
	}
}

// EscapeRefs writes s so that expand gives it back.
func EscapeRefs(s string) string { return strings.ReplaceAll(s, "${", "$${") }
