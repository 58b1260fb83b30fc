package archtest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// visit looks at one node for a write.
func (s *scope) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		s.assign(n)
	case *ast.IncDecStmt:
		s.write(n.X, "changes")
	case *ast.SendStmt:
		s.write(n.Chan, "sends on", true)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			s.write(n.Key, "assigns to")
			s.write(n.Value, "assigns to")
		}
		if v, ok := n.Value.(*ast.Ident); ok && n.Tok == token.DEFINE {
			s.alias(v, n.X)
		}
	case *ast.CallExpr:
		s.call(n)
	}
	return true
}

func (s *scope) assign(n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		if id, ok := left.(*ast.Ident); ok && len(n.Rhs) == len(n.Lhs) {
			s.alias(id, n.Rhs[i]) // before: x = table makes x another name
		}
		if n.Tok != token.DEFINE {
			s.write(left, "assigns to")
		}
	}
}

// alias notes that a name of the function now stands for a part of what e does.
func (s *scope) alias(id *ast.Ident, e ast.Expr) {
	o := s.info.Defs[id]
	if o == nil {
		o = s.info.Uses[id]
	}
	if o == nil || o.Pkg() == nil || o.Parent() == o.Pkg().Scope() || !shares(o.Type()) {
		return
	}
	if r, ok := s.rootOf(e); ok {
		s.aliases[o] = r
	}
}

// write notes a write to what an expression is a part of. Of a name of the function
// that is only another one for it, a write of the name itself changes nothing, unless
// it goes through it.
func (s *scope) write(e ast.Expr, how string, through ...bool) {
	if e == nil {
		return
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && len(through) == 0 {
		if v := s.variable(id); v != "" {
			s.say(v, how)
		}
		return
	}
	r, ok := s.rootOf(e)
	switch {
	case !ok:
	case r.isParam:
		if s.name != "" && s.reaches(e, len(through) > 0) {
			if s.writes[s.name] == nil {
				s.writes[s.name] = make(map[int]bool)
			}
			s.writes[s.name][r.param] = true
		}
	default:
		s.say(r.variable, how)
	}
}

func (s *scope) say(variable, how string) {
	where := s.in
	if s.name != "" {
		where = strings.ReplaceAll(s.name, module+"/", "")
	}
	s.found = append(s.found, fmt.Sprintf("%s %s the package variable %s", where, how, variable))
}

// reaches reports whether a write of e goes through a pointer, a map or a slice, and not
// into a copy that the function has of its own.
func (s *scope) reaches(e ast.Expr, through bool) bool {
	if through && shares(s.info.TypeOf(e)) {
		return true
	}
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.StarExpr:
			return true
		case *ast.IndexExpr:
			if _, array := s.info.TypeOf(x.X).Underlying().(*types.Array); !array {
				return true
			}
			e = x.X
		case *ast.SelectorExpr:
			if _, pointer := s.info.TypeOf(x.X).Underlying().(*types.Pointer); pointer {
				return true
			}
			e = x.X
		default:
			return false
		}
	}
}

// variable is the package variable that a name is, with its package; empty when it is
// another thing.
func (s *scope) variable(id *ast.Ident) string {
	v, ok := s.info.Uses[id].(*types.Var)
	if !ok || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return ""
	}
	if path := v.Pkg().Path(); !strings.HasPrefix(path, module) && !strings.HasPrefix(path, "planted") {
		return v.Pkg().Path() + "." + v.Name() // nobody may change those of others either
	}
	return strings.TrimPrefix(strings.TrimPrefix(v.Pkg().Path(), module), "/") + "." + v.Name()
}

// rootOf finds what an expression is a part of.
func (s *scope) rootOf(e ast.Expr) (root, bool) {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := s.variable(x); v != "" {
			return root{variable: v}, true
		}
		r, ok := s.aliases[s.info.Uses[x]]
		return r, ok
	case *ast.SelectorExpr:
		if v := s.variable(x.Sel); v != "" { // of another package
			return root{variable: v}, true
		}
		if sel := s.info.Selections[x]; sel != nil && sel.Kind() != types.FieldVal {
			return root{}, false
		}
		return s.rootOf(x.X)
	case *ast.IndexExpr:
		return s.rootOf(x.X)
	case *ast.SliceExpr:
		return s.rootOf(x.X)
	case *ast.StarExpr:
		return s.rootOf(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return s.rootOf(x.X)
		}
	case *ast.TypeAssertExpr:
		return s.rootOf(x.X)
	}
	return root{}, false
}

// writers are functions of others that write through an argument, by its place.
var writers = map[string]int{
	"slices.Sort": 0, "slices.SortFunc": 0, "slices.SortStableFunc": 0, "slices.Reverse": 0,
	"slices.Delete": 0, "slices.DeleteFunc": 0, "slices.Insert": 0, "slices.Replace": 0, "slices.Compact": 0, "slices.CompactFunc": 0,
	"sort.Slice": 0, "sort.SliceStable": 0, "sort.Sort": 0, "sort.Stable": 0, "sort.Strings": 0, "sort.Ints": 0,
	"maps.Copy": 0, "maps.DeleteFunc": 0, "maps.Insert": 0,
	"crypto/rand.Read": 0, "io.ReadFull": 1, "encoding/json.Unmarshal": 1, "encoding/binary.Read": 2,
}

// readers are types of others whose methods with a pointer's receiver change nothing
// that anybody sees.
var readers = []string{"regexp.Regexp", "time.Location", "strings.Replacer", "html/template.Template", "text/template.Template",
	"math/big.Int", "net/url.URL", "encoding/base64.Encoding", "sync.Pool", "github.com/microcosm-cc/bluemonday.Policy"}

func (s *scope) call(n *ast.CallExpr) {
	fun := ast.Unparen(n.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if b, ok := s.info.Uses[id].(*types.Builtin); ok {
			s.builtin(b.Name(), n)
			return
		}
	}
	switch x := fun.(type) { // of a generic function
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var fn *types.Func
	switch x := fun.(type) {
	case *ast.Ident:
		fn, _ = s.info.Uses[x].(*types.Func)
	case *ast.SelectorExpr:
		fn, _ = s.info.Uses[x.Sel].(*types.Func)
		if fn != nil && fn.Signature().Recv() != nil {
			s.method(x, fn.Origin())
		}
	}
	for i, arg := range n.Args {
		s.argument(fn, i, arg)
	}
}

func (s *scope) builtin(name string, n *ast.CallExpr) {
	switch name {
	case "delete", "clear", "copy", "close":
		s.write(n.Args[0], name+"s what is in", true)
	case "append":
		if _, part := ast.Unparen(n.Args[0]).(*ast.SliceExpr); part {
			s.write(n.Args[0], "appends within", true)
		}
	}
}

// method looks at a method with a pointer's receiver, which may write.
func (s *scope) method(x *ast.SelectorExpr, fn *types.Func) {
	pointer, ok := fn.Signature().Recv().Type().(*types.Pointer)
	if !ok && !s.writes[fn.FullName()][-1] {
		return
	}
	if !ours(fn) {
		if !ok || slices.Contains(readers, pointer.Elem().String()) {
			return
		}
	} else if !s.writes[fn.FullName()][-1] {
		return
	}
	s.write(x.X, "calls "+fn.Name()+" of", true)
}

// argument looks at an argument that a function may write through.
func (s *scope) argument(fn *types.Func, i int, arg ast.Expr) {
	address, isAddress := ast.Unparen(arg).(*ast.UnaryExpr)
	isAddress = isAddress && address.Op == token.AND
	name := ""
	if fn != nil {
		name = fn.Origin().FullName()
	}
	at, known := writers[name]
	switch {
	case fn != nil && ours(fn):
		if last := fn.Signature().Params().Len() - 1; fn.Signature().Variadic() {
			i = min(i, last)
		}
		if !s.writes[name][i] {
			return
		}
	case known && at == i, isAddress && fn != nil:
	default:
		return
	}
	s.write(arg, "lets "+name+" change", true)
}

func ours(fn *types.Func) bool {
	return fn.Pkg() != nil && (strings.HasPrefix(fn.Pkg().Path(), module) || strings.HasPrefix(fn.Pkg().Path(), "planted"))
}
