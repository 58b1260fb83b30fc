package console

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// A spreadsheet must not run what a caller named itself.
func TestCell(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{
		{"=HYPERLINK(1)", "'=HYPERLINK(1)"}, {"@x", "'@x"}, {"+1", "'+1"}, {"\tx", "'\tx"},
		{"gpt-4o", "gpt-4o"}, {"", ""}, {nil, ""}, {int64(-5), "-5"}, {1.5, "1.5"},
	} {
		if got := Cell(c.in); got != c.want {
			t.Errorf("%v is written %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int64]string{0: "0 entries", 1: "1 entry", -1234: "-1,234 entries", 1_000_000: "1,000,000 entries"} {
		if got := Counted(n, "entries"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Counted(1, "hours"); got != "1 hour" {
		t.Error(got)
	}
}

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{"/tmp/a-b_1": "/tmp/a-b_1", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'"} {
		if got := ShellWord(in); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
}

// Rows that are too wide for a terminal get a narrower gap, then shorter names; figures
// stay whole.
func TestFit(t *testing.T) {
	long := strings.Repeat("name-", 30) + "end"
	rows := [][]string{{"name", "figure"}, {long, "1,234,567"}}
	gap := FitBy(WithoutMiddle, rows, 0)
	if w := Width(rows, gap); gap != 1 || w != Columns {
		t.Errorf("gap %d, width %d", gap, w)
	}
	if rows[1][1] != "1,234,567" || !strings.HasPrefix(rows[1][0], "name-") || !strings.HasSuffix(rows[1][0], "-end") {
		t.Errorf("%q", rows[1])
	}
	narrow := [][]string{{"a", "b"}}
	if gap := Fit(narrow, 0); gap != 2 {
		t.Errorf("what fits gets a gap of %d", gap)
	}
	many := make([]string, 12)
	for i := range many {
		many[i] = "another name"
	}
	wide := [][]string{many}
	Squeeze(wide, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	if w := Width(wide, 1); w > Columns {
		t.Errorf("squeezed to %d columns", w)
	}
}

// A value that is too wide goes on in the next line, and a key that comes again is not
// repeated.
func TestPairs(t *testing.T) {
	var out strings.Builder
	text := strings.TrimSpace(strings.Repeat("word ", 20))
	if err := Pairs(&out, [][2]string{{"key", text}, {"limit", "a"}, {"limit", "b"}}); err != nil {
		t.Fatal(err)
	}
	want := "key    " + text[:72-3] + "\n       " + text[70:] + "\nlimit  a\n       b\n"
	if out.String() != want {
		t.Errorf("%q\nwant %q", out.String(), want)
	}
}

// Columns without anything but a heading are left out.
func TestWithoutEmpty(t *testing.T) {
	rows := WithoutEmpty([][]string{{"a", "b", "c"}, {"1", "", ""}, {"2", "", "x"}}, 1, 2)
	if len(rows[0]) != 2 || rows[0][1] != "c" || rows[2][1] != "x" {
		t.Errorf("%q", rows)
	}
}

// What text steers a terminal with is marked, and what is long is cut.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{"\x1b[2Jgone": "\uFFFD[2Jgone", "a\nb": "a\uFFFDb", "\xff": "\uFFFD", "søk 検索": "søk 検索", "12345678901": "123456789…"} {
		if got := Printable(in, 10); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// An error of whoever typed is told from others, and what it wraps is found.
func TestUsagef(t *testing.T) {
	err := Usagef("--data: %w", fs.ErrNotExist)
	if _, ok := errors.AsType[*UsageError](err); !ok || !errors.Is(err, fs.ErrNotExist) || err.Error() != "--data: file does not exist" {
		t.Errorf("%v", err)
	}
}
