package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// Each of these programs has state at package level, and it is found.
func TestPlantedStateIsFound(t *testing.T) {
	f := planted(t)
	f(`func init() {}`, "an init function")
	// types that are made to be changed
	f(`import "sync/atomic"; var n atomic.Int64`, "planted.n is a sync/atomic.Int64")
	f(`import "sync/atomic"; var n = new(atomic.Pointer[int])`, "planted.n is a *sync/atomic.Pointer")
	f(`import "sync"; var mu sync.Mutex`, "planted.mu")
	f(`import "sync"; var once sync.Once`, "planted.once")
	f(`import "sync"; var m sync.Map`, "planted.m")
	f(`import "sync"; type cache struct { mu sync.RWMutex }; var all = &cache{}`, "planted.all")
	f(`import "sync"; var all [2]struct{ mu sync.Mutex }`, "planted.all")
	// variables that are changed
	f(`var n int; func f() { n = 1 }`, "assigns to the package variable planted.n")
	f(`var n int; func f() { n++ }`, "changes the package variable planted.n")
	f(`var n int; func f() { n += 2 }`, "planted.n")
	f(`var f func(); func g() { f = g }`, "planted.f")
	f(`var n int; func f(all []int) { for n = range all {} }`, "planted.n")
	f(`var at struct{ x, y int }; func f() { at.x = 1 }`, "planted.at")
	f(`import "net/http"; func f() { http.DefaultClient = nil }`, "net/http.DefaultClient")
	// what they hold is
	f(`var m = map[string]int{}; func f() { m["a"] = 1 }`, "planted.m")
	f(`var m = map[string]int{}; func f() { m["a"]++ }`, "planted.m")
	f(`var m = map[string]int{}; func f() { delete(m, "a") }`, "planted.m")
	f(`var m = map[string]int{}; func f() { clear(m) }`, "planted.m")
	f(`var s = []int{1}; func f() { s[0] = 2 }`, "planted.s")
	f(`var s = make([]int, 0, 9); func f() []int { return append(s[:0], 1) }`, "planted.s")
	f(`var p = new(int); func f() { *p = 1 }`, "planted.p")
	f(`var p = &struct{ n int }{}; func f() { p.n = 1 }`, "planted.p")
	f(`var c = make(chan int, 1); func f() { c <- 1 }`, "sends on the package variable planted.c")
	f(`var c = make(chan int); func f() { close(c) }`, "planted.c")
	// by another name within a function
	f(`var m = map[string]int{}; func f() { here := m; here["a"] = 1 }`, "planted.m")
	f(`var s = []int{1}; func f() { p := &s[0]; *p = 2 }`, "planted.s")
	f(`var s = []*int{new(int)}; func f() { for _, p := range s { *p = 1 } }`, "planted.s")
	// through functions and methods
	f(`var m = map[string]int{}; func set(m map[string]int) { m["a"] = 1 }; func f() { set(m) }`, "lets planted.set change")
	f(`var m = map[string]int{}; func g() { f(m) }; func f(m map[string]int) { set(m) }; func set(m map[string]int) { m["a"] = 1 }`, "lets planted.f change")
	f(`var n int; func set(p *int) { *p = 1 }; func f() { set(&n) }`, "planted.n")
	f(`type counter struct{ n int }; func (c *counter) add() { c.n++ }; var all counter; func f() { all.add() }`, "calls add of the package variable planted.all")
	f(`type set map[string]bool; func (s set) add(k string) { s[k] = true }; var all = set{}; func f() { all.add("a") }`, "planted.all")
	f(`func put[K comparable](m map[K]int, k K) { m[k] = 1 }; var m = map[string]int{}; func f() { put(m, "a") }`, "planted.m")
	f(`import "sync/atomic"; var n int64; func f() { atomic.AddInt64(&n, 1) }`, "planted.n")
	f(`import "slices"; var s = []int{2, 1}; func f() { slices.Sort(s) }`, "planted.s")
	f(`import "encoding/json"; var v any; func f() { json.Unmarshal(nil, &v) }`, "planted.v")
	f(`import "bytes"; var b bytes.Buffer; func f() { b.WriteByte(1) }`, "planted.b")
}

// What is only read is no state, and neither is what a function changes of its own.
func TestPlantedTablesAreAllowed(t *testing.T) {
	f := planted(t)
	f(`import "errors"; var errClosed = errors.New("closed"); func f() error { return errClosed }`, "")
	f(`import "regexp"; var name = regexp.MustCompile("a"); func f() bool { return name.MatchString("a") }`, "")
	f(`import "sync"; var buffers = sync.Pool{}; func f() { buffers.Put(buffers.Get()) }`, "")
	f(`import "sync"; var table = sync.OnceValue(func() []int { return nil }); func f() int { return table()[0] }`, "")
	f(`var m = map[string]int{"a": 1}; func f() int { return m["a"] }`, "")
	f(`var m = map[string]int{"a": 1}; func f() { n := m["a"]; n++ }`, "")
	f(`var s = []struct{ n int }{{1}}; func f() { for _, x := range s { x.n = 2 } }`, "")
	f(`import "slices"; var s = []int{2, 1}; func f() { own := slices.Clone(s); slices.Sort(own); own[0] = 1 }`, "")
	f(`var s = []int{1}; func sum(s []int) (n int) { for _, x := range s { n += x }; return n }; func f() int { return sum(s) }`, "")
	f(`var s = []int{1}; func f() { here := s; here = nil; _ = here }`, "")
	f(`type table struct{ n []int }; func (t *table) at(i int) int { return t.n[i] }; var all = table{}; func f() int { return all.at(0) }`, "")
	f(`type point struct{ x int }; func (p point) right() point { p.x++; return p }; var zero point; func f() point { return zero.right() }`, "")
	f(`var table = func() (t [4]bool) { t[1] = true; return t }()`, "")
	f(`var n int; func f() { n := 1; n++; _ = n }`, "")
}

// planted returns a function that looks for state in a package of this source, and
// compares what it finds with what it should; empty is nothing.
func planted(t *testing.T) func(source, want string) {
	fset := token.NewFileSet()
	u := newUniverse(t, fset)
	return func(source, want string) {
		t.Helper()
		file, err := parser.ParseFile(fset, "planted.go", "package planted\n"+strings.ReplaceAll(source, "; ", "\n"), 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := u.check("planted", []*ast.File{file})
		if err != nil {
			t.Fatal(err)
		}
		found := packageState([]*checked{p})
		switch {
		case want == "" && len(found) > 0:
			t.Errorf("%s\nfound %q, but there is nothing", source, found)
		case want != "" && !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, want) }):
			t.Errorf("%s\nfound %q, want something with %q", source, found, want)
		}
	}
}
