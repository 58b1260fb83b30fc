package archtest_test

import (
	"go/ast"
	"go/token"
	"slices"
	"testing"
)

// No file is over 500 lines, no function over 80, and half the files are under 150.
func TestSizes(t *testing.T) {
	var lengths []int
	for _, f := range files(t) {
		if f.test || ast.IsGenerated(f.ast) {
			continue
		}
		lines := f.fset.Position(f.ast.End()).Line
		lengths = append(lengths, lines)
		if lines > 500 {
			t.Errorf("%s/%s has %d lines, 500 at most", f.dir, f.name, lines)
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1; n > 80 {
				t.Errorf("%s/%s: %s has %d lines, 80 at most", f.dir, f.name, fn.Name.Name, n)
			}
		}
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > 150 {
		t.Errorf("half of all files have more than %d lines, 150 at most", median)
	}
}

// Every package has a package comment and every exported name a doc comment.
func TestDocs(t *testing.T) {
	described := map[string]bool{}
	for _, f := range files(t) {
		if f.test {
			continue
		}
		described[f.dir] = described[f.dir] || f.ast.Doc != nil
		if f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s/%s: %s has no doc comment", f.dir, f.name, name)
			}
		}
	}
	for dir, ok := range described {
		if !ok {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

// undocumented returns the exported names of d that nothing describes: neither
// their own comment, nor their group's, nor one behind them on the line.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exported(d.Recv.List[0].Type)) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT || d.Doc != nil {
			return nil
		}
		var names []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
		return names
	}
	return nil
}

func exported(t ast.Expr) bool {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}
