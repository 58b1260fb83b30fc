// Command gen writes the types of TypeScript that the playground and the organiser's pages
// read, from the types of Go that the gateway writes. With --check it only compares.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/openapi"
)

const file = "ui/src/api/wire.ts"

func main() {
	check := flag.Bool("check", false, "only say whether the file is as it should be")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "api-types:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	var b bytes.Buffer
	write(&b, api.Session{}, api.Portal{}, api.Arrival{}, api.Admission{}, api.Ticket{}, api.Redemption{}, api.LiveView{}, api.Cards{}, api.ReportView{}, api.Failure{})
	if !check {
		return os.WriteFile(file, b.Bytes(), 0o644)
	}
	was, err := os.ReadFile(file)
	if err == nil && !bytes.Equal(was, b.Bytes()) {
		err = fmt.Errorf("%s is not what the types of internal/api give: commit what scripts/api-types writes", file)
	}
	return err
}

// writer writes each struct once, after those that it holds.
type writer struct {
	out  io.Writer
	done map[reflect.Type]bool
}

func write(out io.Writer, roots ...any) {
	fmt.Fprint(out, "/** What the gateway answers, as it comes: written by scripts/api-types from internal/api. */\n")
	w := &writer{out, make(map[reflect.Type]bool)}
	for _, r := range roots {
		w.name(reflect.TypeOf(r))
	}
}

// name is what TypeScript calls a type, which is written first where it has to be.
func (w *writer) name(t reflect.Type) string {
	zero := reflect.Zero(t).Interface()
	if t.Kind() != reflect.Pointer {
		if own, ok := zero.(openapi.Typed); ok {
			return strings.Join(own.JSONTypes(), " | ")
		}
		if own, ok := zero.(interface{ Words() []string }); ok {
			w.words(t, own.Words())
			return t.Name()
		}
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return "string"
	case reflect.TypeFor[json.RawMessage]():
		return "unknown"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice, reflect.Array:
		if name := w.name(t.Elem()); !strings.Contains(name, "|") {
			return name + "[]"
		}
		return "(" + w.name(t.Elem()) + ")[]"
	case reflect.Map:
		return "Record<string, " + w.name(t.Elem()) + ">"
	case reflect.Pointer:
		return w.name(t.Elem()) + " | null"
	case reflect.Struct:
		w.object(t)
		return t.Name()
	case reflect.Interface:
		return "unknown"
	}
	return "number"
}

func (w *writer) words(t reflect.Type, words []string) {
	if !w.done[t] {
		w.done[t] = true
		fmt.Fprintf(w.out, "\nexport type %s = '%s'\n", t.Name(), strings.Join(words, "' | '"))
	}
}

func (w *writer) object(t reflect.Type) {
	if w.done[t] {
		return
	}
	w.done[t] = true
	var b strings.Builder
	fmt.Fprintf(&b, "\nexport interface %s {\n", t.Name())
	for _, f := range openapi.Fields(t) {
		optional := ""
		if f.Optional {
			optional = "?"
		}
		fmt.Fprintf(&b, "  %s%s: %s\n", f.Name, optional, w.name(f.Type))
	}
	fmt.Fprintf(w.out, "%s}\n", b.String())
}
