package op

import (
	"iter"
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// Table finds units. It implements wire.Table, and never changes: safe for concurrent
// use.
type Table struct {
	families []family
	models   map[string]*Unit // those that a model reads, by their path
	rules    map[*wire.Rule]*Unit
	// unknown are the units of paths that are not known, by family; that of the empty name
	// is for all other paths.
	unknown map[string]*unknown
}

var _ wire.Table = (*Table)(nil)

// New returns the table of all operations that are known.
func New() *Table {
	t := &Table{
		families: families(), models: make(map[string]*Unit), rules: make(map[*wire.Rule]*Unit),
		unknown: map[string]*unknown{"": newUnknown("")},
	}
	for i := range t.families {
		f := &t.families[i]
		t.unknown[f.name] = newUnknown(f.name)
		for j := range f.units {
			u := &f.units[j]
			t.rules[&u.Rule] = u
			if u.Access == tallygate.ToModel {
				t.models[string(u.Template)] = u
			}
		}
	}
	for _, u := range t.unknown {
		for i := range u {
			t.rules[&u[i].Rule] = &u[i]
		}
	}
	return t
}

// Of returns the unit of a request that was read with the table. It is never nil: of
// what is not known it says the worst.
func (t *Table) Of(ask *wire.Request) *Unit {
	if u := t.rules[ask.Rule()]; u != nil {
		return u
	}
	return t.unknown[""].by(http.MethodPost)
}

// Named returns the unit of an operation that a model reads, nil when there is none.
func (t *Table) Named(name tallygate.Operation) *Unit { return t.models[string(name)] }

// Used returns the usage of an entry; of one that was written before pictures were
// counted with those that it asked for.
func (t *Table) Used(e *tallygate.Entry) tallygate.Usage {
	used := e.Usage
	if u := t.Named(e.Ask.Operation); u != nil && u.Draws && used.Known() && used.Images == 0 && e.Status < http.StatusMultipleChoices {
		used.Images = max(e.Ask.Choices, 1)
	}
	return used
}

// Model implements wire.Table.
func (t *Table) Model(path string) *wire.Rule {
	u := t.models[path]
	if u == nil && strings.ToLower(path) != path {
		u = t.models[strings.ToLower(path)]
	}
	if u == nil {
		return nil
	}
	return &u.Rule
}

// Rule implements wire.Table.
func (t *Table) Rule(method, path string) (*wire.Rule, []string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	f := t.family(path)
	if f == nil {
		return &t.unknown[""].by(method).Rule, nil
	}
	for i := range f.units {
		u := &f.units[i]
		if u.Access == tallygate.ToModel || !u.takes(method) {
			continue
		}
		if refs, ok := match(string(u.Template), path); ok {
			return &u.Rule, refs
		}
	}
	return &t.unknown[f.name].by(method).Rule, nil
}

// OnResource implements wire.Table.
func (t *Table) OnResource(path string) bool {
	f := t.family(path)
	return f != nil && f.resource
}

func (t *Table) family(path string) *family {
	first, _, _ := strings.Cut(path, "/")
	for i := range t.families {
		if strings.EqualFold(t.families[i].name, first) {
			return &t.families[i]
		}
	}
	return nil
}

// All are the units that are known, each with a method of its route.
func (t *Table) All() iter.Seq2[string, *Unit] {
	return func(yield func(string, *Unit) bool) {
		for i := range t.families {
			for j := range t.families[i].units {
				u := &t.families[i].units[j]
				for method := range strings.SplitSeq(u.Methods, " ") {
					if !yield(method, u) {
						return
					}
				}
			}
		}
	}
}

func (u *Unit) takes(method string) bool {
	for m := range strings.SplitSeq(u.Methods, " ") {
		if m == method {
			return true
		}
	}
	return false
}

// match reports whether a path is of the form, in any letter case, and returns what
// stands for its ids.
func match(form, path string) (ids []string, ok bool) {
	for form != "" && path != "" {
		var want, got string
		want, form, _ = strings.Cut(form, "/")
		if want == "{id...}" {
			return append(ids, path), true
		}
		got, path, _ = strings.Cut(path, "/")
		switch {
		case want == "{id}":
			ids = append(ids, got)
		case !strings.EqualFold(want, got):
			return nil, false
		}
	}
	return ids, form == "" && path == ""
}
