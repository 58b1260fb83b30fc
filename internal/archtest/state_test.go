package archtest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// There is no init function and no variable at package level that a program changes: two
// gateways run in one process. Tables and errors are constants in all but name, and
// sync.Pools hold no state that outlives their users. Only bench, which measures one
// thing at a time, may do as it likes.
func TestNoPackageState(t *testing.T) {
	_, packages := checkAll(t)
	for _, found := range packageState(packages) {
		if !strings.HasPrefix(found, "bench") {
			t.Error(found)
		}
	}
}

// watched are the functions and the package variables of a program.
type watched struct {
	// writes are the parameters that a function writes through, by its name; the
	// receiver is parameter -1.
	writes map[string]map[int]bool
	found  []string
}

// packageState says what of the packages is state: an init function, a variable whose
// type is made to be changed, and a variable that is changed somewhere, itself or what
// it holds, also through a function or another name within one.
func packageState(packages []*checked) []string {
	w := &watched{writes: make(map[string]map[int]bool)}
	for known := -1; known != w.known(); { // until no function is found to write any more
		known, w.found = w.known(), nil
		for _, p := range packages {
			w.look(p)
		}
	}
	slices.Sort(w.found)
	return slices.Compact(w.found)
}

func (w *watched) known() int {
	n := 0
	for _, params := range w.writes {
		n += len(params)
	}
	return n
}

func (w *watched) look(p *checked) {
	short := strings.TrimPrefix(strings.TrimPrefix(p.path, module), "/")
	for _, file := range p.files {
		for _, d := range file.Decls {
			s := &scope{watched: w, info: p.info, in: short, aliases: make(map[types.Object]root)}
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					w.found = append(w.found, short+" has an init function")
				}
				s.enter(d)
			case *ast.GenDecl:
				s.declared(d)
			}
			ast.Inspect(d, s.visit)
		}
	}
}

// scope is a declaration that is looked at: what its names stand for.
type scope struct {
	*watched
	info    *types.Info
	in      string
	name    string // of the function
	aliases map[types.Object]root
}

// root is what an expression is a part of: a variable of a package, or a parameter of
// the function that is looked at.
type root struct {
	variable string
	param    int
	isParam  bool
}

// enter makes the parameters of a function roots.
func (s *scope) enter(d *ast.FuncDecl) {
	fn, ok := s.info.Defs[d.Name].(*types.Func)
	if !ok {
		return
	}
	s.name = fn.FullName()
	sig := fn.Signature()
	if sig.Recv() != nil {
		s.param(sig.Recv(), -1)
	}
	for i := range sig.Params().Len() {
		s.param(sig.Params().At(i), i)
	}
}

func (s *scope) param(v *types.Var, i int) {
	if shares(v.Type()) {
		s.aliases[v] = root{param: i, isParam: true}
	}
}

// declared finds variables of types that are made to be changed.
func (s *scope) declared(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, name := range v.Names {
			if o := s.info.Defs[name]; o != nil && o.Parent() == o.Pkg().Scope() && changeable(o.Type(), nil) {
				s.found = append(s.found, fmt.Sprintf("%s.%s is a %s at package level", s.in, name.Name, o.Type()))
			}
		}
	}
}

// changeable reports whether values of a type are made to be changed: they hold
// something of sync or sync/atomic, by value or behind a pointer.
func changeable(t types.Type, within []types.Type) bool {
	if slices.Contains(within, t) {
		return false
	}
	within = append(within, t)
	if named, ok := t.(*types.Named); ok {
		if pkg := named.Obj().Pkg(); pkg != nil {
			switch pkg.Path() {
			case "sync", "sync/atomic":
				return named.Obj().Name() != "Pool"
			}
			if !strings.HasPrefix(pkg.Path(), module) && !strings.HasPrefix(pkg.Path(), "planted") {
				return false // a regexp, a location: what they keep for themselves is theirs
			}
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Pointer:
		return changeable(t.Elem(), within)
	case *types.Array:
		return changeable(t.Elem(), within)
	case *types.Struct:
		for f := range t.Fields() {
			if changeable(f.Type(), within) {
				return true
			}
		}
	}
	return false
}

// shares reports whether copies of a value are about the same things.
func shares(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice, *types.Chan:
		return true
	case *types.Struct:
		for f := range t.Fields() {
			if shares(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return shares(t.Elem())
	}
	return false
}
