package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/ledger"
)

func isSound(t *testing.T, s ledger.Reader) {
	t.Helper()
	r, err := s.Verify(t.Context(), nil)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if !r.OK() {
		t.Errorf("Verify found:\n%s", strings.Join(problems(r), "\n"))
	}
}

func sound(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	isSound(t, s)
	mustAppend(t, s, Batches(12, 400, 37, start(), 30*time.Hour)...)
	var last, total int64
	r, err := s.Verify(t.Context(), func(done, of int64) { last, total = done, of })
	if err != nil || !r.OK() || len(r.Checks) == 0 {
		t.Fatalf("Verify = %v, %v", r, err)
	}
	if total != 0 && last != total {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Verify(ctx, nil); err == nil && total != 0 {
		t.Error("Verify with a cancelled context succeeded")
	}
}

// tampered changes a store of 100 entries in links of 10 behind its back.
func tampered(t *testing.T, p Place) {
	if p.Exec == nil {
		t.Skip("the store has no tables")
	}
	s := p.Open(t)
	// The last entries are of the day after, so that the first day is summed up.
	mustAppend(t, s, Batches(13, 90, 10, start(), 3*time.Hour)...)
	last := Batches(14, 10, 10, start().Add(30*time.Hour), time.Hour)[0]
	last.After, last.Upto = 180, 200
	mustAppend(t, s, last)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Each statement is undone by the next one.
	f := func(do, undo string, says ...string) {
		t.Helper()
		p.Exec(t, do)
		defer p.Exec(t, undo)
		s := p.Open(t)
		defer s.Close()
		r, err := s.Verify(t.Context(), nil)
		if err != nil {
			t.Fatalf("Verify after %q: %v", do, err)
		}
		found := strings.Join(problems(r), "\n")
		for _, want := range says {
			if !strings.Contains(found, want) {
				t.Errorf("after %q Verify should say %q; it found:\n%s", do, want, found)
			}
		}
	}
	p.Exec(t, `CREATE TABLE kept AS SELECT * FROM entries`)
	restore := `DELETE FROM entries; INSERT INTO entries SELECT * FROM kept`
	f(`DELETE FROM entries WHERE seq = 42`, restore, "entry 42 is missing", "the link of entries 41 to 50 does not fit", "the sums of series")
	f(`DELETE FROM entries WHERE seq BETWEEN 42 AND 63`, restore, "entries 42 to 63 are missing", "51 to 60")
	f(`DELETE FROM entries WHERE seq > 95`, restore, "entries 96 to 100 are missing", "91 to 100 does not fit")
	f(`UPDATE entries SET total = total + 1 WHERE seq = 17`, restore, "entry 17 (", "was altered", "the link of entries 11 to 20 does not fit", "the sums of series")
	f(`UPDATE entries SET began = began + 1 WHERE seq = 17`, restore, "entry 17 (", "was altered")
	f(`UPDATE entries SET cause = 'x', checksum = checksum + 1 WHERE seq = 100`, restore, "entry 100 (")
	f(`UPDATE entries SET series = 9999 WHERE seq = 5`, restore, "entry 5: its series 9999")
	f(`CREATE TABLE one AS SELECT * FROM entries WHERE seq = 1; UPDATE one SET seq = 101; INSERT INTO entries SELECT * FROM one; DROP TABLE one`, restore,
		"1 entries after 100 belong to no link")
	f(`UPDATE usage_hours SET total = total + 1 WHERE (hour, series) = (SELECT hour, series FROM usage_hours LIMIT 1)`,
		`UPDATE usage_hours SET total = total - 1 WHERE (hour, series) = (SELECT hour, series FROM usage_hours LIMIT 1)`, "the sums of series")
	f(`UPDATE usage_days SET prompt = prompt + 1 WHERE (day, series) = (SELECT day, series FROM usage_days LIMIT 1)`,
		`UPDATE usage_days SET prompt = prompt - 1 WHERE (day, series) = (SELECT day, series FROM usage_days LIMIT 1)`, "sums by the day", "2026-03-28")
	f(`CREATE TABLE kept_days AS SELECT * FROM usage_days; DELETE FROM usage_days`, `INSERT INTO usage_days SELECT * FROM kept_days`, "sums by the day")
	p.Exec(t, `CREATE TABLE kept_series AS SELECT * FROM series; CREATE TABLE kept_chain AS SELECT * FROM chain`)
	f(`UPDATE series SET caller = 'somebody else' WHERE id = (SELECT series FROM entries WHERE seq = 33)`,
		`UPDATE series SET caller = (SELECT caller FROM kept_series k WHERE k.id = series.id)`, "entry 33 (")
	restoreChain := `DELETE FROM chain; INSERT INTO chain SELECT * FROM kept_chain`
	f(`DELETE FROM chain WHERE last = 50`, restoreChain, "the links of entries 41 to 50 are missing")
	f(`DELETE FROM chain WHERE last = 100`, restoreChain, "10 entries after 90 belong to no link")
	f(`UPDATE chain SET hash = zeroblob(32) WHERE last = 50`, restoreChain, "the link of entries 41 to 50 does not fit")
	s = p.Open(t)
	defer s.Close()
	isSound(t, s)
}
