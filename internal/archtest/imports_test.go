package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/tallygate/tallygate"

// mayImport reads the import rule, which is the table of ARCHITECTURE.md: what of ours
// each package may import. A package that has no row may not exist, and a row without a
// package neither. Where several packages stand in one row it holds for each of them.
func mayImport(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## Who may import whom\n")
	if !ok {
		t.Fatal("ARCHITECTURE.md does not say who may import whom")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	table := make(map[string][]string)
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 || !strings.Contains(cells[1], "`") {
			continue // no row, or the heading
		}
		for _, name := range quoted(cells[1]) {
			if _, twice := table[name]; twice {
				t.Errorf("ARCHITECTURE.md has two rows for %s", name)
			}
			table[name] = quoted(cells[2])
		}
	}
	return table
}

// quoted returns the names that stand in backquotes.
func quoted(cell string) []string {
	var names []string
	for i, part := range strings.Split(cell, "`") {
		if i%2 == 1 {
			names = append(names, part)
		}
	}
	return names
}

// skipped is where separate code lies, which has no place in the table.
func skipped(dir string) bool {
	return strings.Contains(dir, "node_modules") || strings.Contains(dir, "testdata") ||
		strings.HasPrefix(dir, "test") || strings.HasPrefix(dir, ".") && dir != "."
}

type file struct {
	dir, name string
	test      bool
	ast       *ast.File
	fset      *token.FileSet
}

// files returns every Go file of the repository.
func files(t *testing.T) []file {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d Go files found: the test looks in the wrong place", len(all))
	}
	return all
}

// parsed parses every file, once for all tests. It reads the files itself, so that a
// cached test result is never served after one has changed.
var parsed = sync.OnceValues(func() ([]file, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	var out []file
	fset := token.NewFileSet()
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		if d.IsDir() {
			if skipped(filepath.ToSlash(rel)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, file{path.Dir(filepath.ToSlash(rel)), d.Name(), strings.HasSuffix(p, "_test.go"), f, fset})
		return nil
	})
	return out, err
})

// Every import between packages of ours is in the table, and the table has every package
// and no import that is not there.
func TestImports(t *testing.T) {
	table := mayImport(t)
	there, used := make(map[string]bool), make(map[string]bool)
	for _, f := range files(t) {
		if f.test { // a test may stand its subject on real neighbours
			continue
		}
		allowed, ok := table[f.dir]
		if !ok && !there[f.dir] {
			t.Errorf("%s has no row in the import table of ARCHITECTURE.md", f.dir)
		}
		there[f.dir] = true
		for _, imp := range f.ast.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			ours, isOurs := strings.CutPrefix(name, module)
			if !isOurs {
				if f.dir == "." && strings.Contains(name, ".") {
					t.Errorf("%s: the root package imports %s, but only the standard library may be", f.name, name)
				}
				continue
			}
			if ours = strings.TrimPrefix(ours, "/"); ours == "" {
				ours = "."
			}
			used[f.dir+" "+ours] = true
			if !slices.Contains(allowed, ours) {
				t.Errorf("%s/%s imports %s, which the import table of ARCHITECTURE.md does not allow", f.dir, f.name, ours)
			}
		}
	}
	for name, allowed := range table {
		for _, p := range append([]string{name}, allowed...) {
			switch {
			case !there[p]:
				t.Errorf("the import table of ARCHITECTURE.md speaks of %s, which is no package", p)
			case p != name && !used[name+" "+p]:
				t.Errorf("%s does not import %s, as the import table of ARCHITECTURE.md lets it: take that out", name, p)
			}
		}
	}
}
