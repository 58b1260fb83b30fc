package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/doctor"
)

// The lines of a diagnosis fit a terminal, however long names and words are.
func TestFindingsFit(t *testing.T) {
	var out bytes.Buffer
	err := writeFindings(&out, "table", []doctor.Finding{
		finding(doctor.OK, "clock", "right"),
		finding(doctor.Fail, "resource "+strings.Repeat("contoso-sweden-", 8), "%s", strings.Repeat("many words about it ", 12)),
		finding(doctor.Warn, "data", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > tableWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A clock that differs from a resource's is told; one that is right, or of which nobody
// knows, is not.
func TestExamineClock(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	of := func(ahead time.Duration, told bool) []doctor.Reply {
		return []doctor.Reply{{Resource: &doctor.Resource{Name: "east"}, Ahead: ahead, Told: told}}
	}
	for _, c := range []struct {
		now     time.Time
		replies []doctor.Reply
		want    doctor.Level
	}{
		{now, nil, doctor.OK}, {now, of(3*time.Second, true), doctor.OK}, {now, of(-2*time.Hour, false), doctor.OK},
		{now, of(-2*time.Hour, true), doctor.Warn}, {now, of(5*time.Minute, true), doctor.Warn}, {time.Unix(0, 0), nil, doctor.Fail},
	} {
		if got := examineClock(c.now, c.replies); got.Level != c.want {
			t.Errorf("%v: %+v, want %s", c.replies, got, c.want)
		}
	}
}

// Proxies are named without their passwords, and one that cannot be used fails.
func TestExamineProxies(t *testing.T) {
	for value, want := range map[string]doctor.Level{
		"http://me:hunter2@proxy.example:3128": doctor.OK, "me:hunter2@proxy.example:3128": doctor.OK,
		"socks5://me:hunter2@proxy.example": doctor.Fail, "http://me:hunter2%2@x": doctor.Fail, "http://me:hunter2/x@proxy.example:3128": doctor.Fail,
	} {
		got := examineProxies(func(name string) (string, bool) {
			return map[string]string{"HTTPS_PROXY": value, "NO_PROXY": "a:hunter2@b"}[name], true
		})
		if len(got) != 1 || got[0].Level != want || strings.Contains(got[0].Words, "hunter2") {
			t.Errorf("%s: %+v, want %s", value, got, want)
		}
	}
}
