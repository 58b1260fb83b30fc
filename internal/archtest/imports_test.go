package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tallygate/tallygate"

// mayImport is the import rule: what of ours each package may import. A package
// that is not named here may not exist; "*" stands for everything but cmd.
var mayImport = map[string][]string{
	".":                    {},
	"internal/simulator":   {},
	"internal/tokenizer":   {},
	"internal/catalog":     {},
	"internal/upstream/h1": {},
	"internal/archtest":    {},

	"policy":                     {"."},
	"internal/caller":            {"."},
	"internal/wire":              {"."},
	"internal/calendar":          {"."},
	"internal/limit":             {".", "internal/calendar"},
	"internal/price":             {"."},
	"internal/alert":             {},
	"internal/event":             {".", "internal/object"},
	"internal/eventapi":          {".", "internal/caller", "internal/event"},
	"internal/signup":            {".", "internal/event"},
	"internal/web":               {},
	"internal/cors":              {},
	"internal/tables":            {".", "internal/event"},
	"internal/tables/tablestest": {},
	"internal/rehearse":          {".", "internal/simulator"},
	"internal/doctor":            {"internal/catalog"}, // it asks as a stranger would: nothing of the gateway's path
	"internal/pool":              {"."},
	"internal/config":            {"."},
	"internal/upstream":          {"."},
	"internal/cost":              {".", "internal/price", "internal/catalog"},
	"internal/op":                {".", "internal/wire", "internal/meter"},
	"internal/meter":             {".", "internal/catalog", "internal/tokenizer"},
	"internal/ledger":            {"."},

	"internal/store/sqlite":    {".", "internal/ledger", "internal/object"},
	"internal/store/storetest": {".", "internal/ledger", "internal/object"},

	"internal/object":          {"."},
	"internal/limit/limittest": {".", "internal/limit"},

	"internal/proxy": {".", "policy", "internal/op", "internal/cost", "internal/caller", "internal/wire", "internal/limit", "internal/pool",
		"internal/upstream", "internal/meter", "internal/ledger"},
	"internal/admin": {".", "internal/caller", "internal/limit", "internal/pool", "internal/ledger", "internal/price", "internal/object", "internal/event"},

	"app": {"*"},
	"cmd/tallygate": {".", "app", "internal/admin", "internal/config", "internal/doctor", "internal/ledger", "internal/price",
		"internal/rehearse", "internal/simulator", "internal/store/sqlite", "internal/event", "internal/tables"},
	"bench": {".", "internal/ledger", "internal/store/sqlite"}, // it fills a ledger before it measures
}

// own is where generated and separate code lies that has no place in the table.
func skipped(dir string) bool {
	return strings.Contains(dir, "node_modules") || strings.Contains(dir, "testdata") ||
		strings.HasPrefix(dir, "test") || strings.HasPrefix(dir, ".") && dir != "." ||
		strings.HasPrefix(dir, "internal/tokenizer/gen")
}

type file struct {
	dir, name string
	test      bool
	ast       *ast.File
	fset      *token.FileSet
}

// files parses every Go file of the repository. It reads the files itself, so that
// a cached test result is never served after one has changed.
func files(t *testing.T) []file {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out []file
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
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, file{path.Dir(filepath.ToSlash(rel)), d.Name(), strings.HasSuffix(p, "_test.go"), f, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files found below %s: the test looks in the wrong place", len(out), root)
	}
	return out
}

// Every import between packages of ours is in the table.
func TestImports(t *testing.T) {
	for _, f := range files(t) {
		if f.test { // a test may stand its subject on real neighbours
			continue
		}
		allowed, ok := mayImport[f.dir]
		if !ok {
			t.Errorf("%s/%s: package %s is not in the import table", f.dir, f.name, f.dir)
			continue
		}
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
			if !allows(allowed, ours) {
				t.Errorf("%s/%s imports %s, which the import table does not allow", f.dir, f.name, ours)
			}
		}
	}
}

func allows(allowed []string, name string) bool {
	for _, a := range allowed {
		if a == name || a == "*" && !strings.HasPrefix(name, "cmd/") {
			return true
		}
	}
	return false
}
