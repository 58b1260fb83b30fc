package sqlite_test

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Place {
		// Every character that could mean something in a URI.
		path := filepath.Join(t.TempDir(), "a ?#%20&;=é", "tallygate.db")
		return storetest.Place{
			Open: func(t *testing.T) ledger.Store { return open(t, path, sqlite.Options{}) },
			Exec: func(t *testing.T, statement string) { tamper(t, path, statement) },
		}
	})
}

func TestObjects(t *testing.T) {
	storetest.RunObjects(t, func(t *testing.T) func(*testing.T) object.Store {
		path := filepath.Join(t.TempDir(), "tallygate.db")
		var s *sqlite.Store
		return func(t *testing.T) object.Store {
			if s != nil {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			s = open(t, path, sqlite.Options{})
			return s.Objects()
		}
	})
}

func open(t testing.TB, path string, opt sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// tamper changes the file behind the store's back.
func tamper(t testing.TB, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(escape(path)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }
