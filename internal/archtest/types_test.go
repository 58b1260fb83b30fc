package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// checked is a package of ours with the types of what it says.
type checked struct {
	path  string
	files []*ast.File
	info  *types.Info
}

// universe knows the types of all packages, by what the compiler exported of them.
type universe struct {
	fset    *token.FileSet
	imports types.Importer
	// goFiles are the names of the files that are built, by package.
	goFiles map[string][]string
}

// newUniverse returns the universe that files of fset are checked in.
func newUniverse(t *testing.T, fset *token.FileSet) *universe {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	u := &universe{fset: fset, goFiles: make(map[string][]string)}
	exports := make(map[string]string)
	for _, p := range all {
		exports[p.ImportPath], u.goFiles[p.ImportPath] = p.Export, p.GoFiles
	}
	u.imports = importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	})
	return u
}

type listedPackage struct {
	ImportPath, Export string
	GoFiles            []string
}

// listed asks the go command, once, for the export data of every package that ours are
// built of; where they were just compiled for this test, it is there already.
var listed = sync.OnceValues(func() (all []listedPackage, err error) {
	list := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,GoFiles", "./...")
	list.Dir = "../.."
	var complaints bytes.Buffer
	list.Stderr = &complaints
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, complaints.Bytes())
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

// check finds the types of a package.
func (u *universe) check(path string, files []*ast.File) (*checked, error) {
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object),
		Uses: make(map[*ast.Ident]types.Object), Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}
	conf := types.Config{Importer: u.imports}
	if _, err := conf.Check(path, u.fset, files, info); err != nil {
		return nil, err
	}
	return &checked{path, files, info}, nil
}

// checkAll finds the types of all packages of ours. The files are those that this test
// has read itself, so that a cached result is never served after one has changed.
func checkAll(t *testing.T) (*universe, []*checked) {
	t.Helper()
	all := files(t)
	u := newUniverse(t, all[0].fset)
	asts := make(map[string][]*ast.File)
	for _, f := range all {
		path := strings.TrimSuffix(module+"/"+f.dir, "/.")
		for _, name := range u.goFiles[path] { // not those of other systems
			if name == f.name {
				asts[path] = append(asts[path], f.ast)
			}
		}
	}
	var out []*checked
	for path, files := range asts {
		p, err := u.check(path, files)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return u, out
}
