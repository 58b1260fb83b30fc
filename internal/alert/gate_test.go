package alert_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/tallygate/tallygate/internal/alert"
)

// gate is a running gate, and what it let through until now.
func gate(t *testing.T) (g *alert.Gate, out func() []alert.Alert, stop func()) {
	t.Helper()
	var mu sync.Mutex
	var all []alert.Alert
	g = &alert.Gate{Out: func(a alert.Alert) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, a)
	}}
	out = func() []alert.Alert {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); g.Run(ctx) }()
	return g, out, func() { cancel(); <-ended }
}

func of(limit, subject string, resets time.Time) alert.Alert {
	a := alert.Alert{Kind: alert.Exhausted, Limit: limit, Subject: subject, Quantity: "requests", Spent: "3", Amount: "3", Resets: &resets}
	a.Text = a.Say()
	return a
}

// Ten thousand made-up names in a day make a handful of alerts, which say how many there
// were; another limit's alert comes at once in the midst of them, and so does the first of
// the next window.
func TestMadeUpNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, out, stop := gate(t)
		day := time.Now().Add(24 * time.Hour)
		for i := range 10_000 {
			g.Add(of("each", fmt.Sprint("attendee=n", i), day))
			if time.Sleep(8 * time.Second); i == 5000 {
				before := len(out())
				g.Add(of("company", "", day))
				if len(out()) != before+1 || out()[before].Limit != "company" {
					t.Error("the alert of another limit waits")
				}
			}
		}
		if len(out()) < 5 || len(out()) > 15 {
			t.Errorf("%d alerts in a day", len(out()))
		}
		time.Sleep(6 * time.Hour)
		g.Add(of("each", "attendee=zoe", day.Add(24*time.Hour)))
		stop()
		told, sum := out(), 0
		for _, a := range told {
			if a.Limit == "each" {
				sum += max(a.Count, 1)
			}
			if len(a.Subjects) > 5 || len(a.Text) > 500 {
				t.Errorf("too long: %s", a.Text)
			}
		}
		if last := told[len(told)-1]; sum != 10_001 || last.Subject != "attendee=zoe" {
			t.Errorf("they tell of %d, the last of %+v", sum, last)
		}
	})
}

// A thousand limits at once make no more alerts than may go out, and lose none.
func TestManyLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, out, stop := gate(t)
		for i := range 1000 {
			g.Add(of(fmt.Sprint("limit-", i), "", time.Now().Add(time.Hour)))
		}
		if len(out()) != 20 {
			t.Errorf("%d at once", len(out()))
		}
		time.Sleep(10*time.Minute + time.Second)
		if n := len(out()); n < 35 || n > 41 {
			t.Errorf("%d after ten minutes", n)
		}
		stop()
		if len(out()) != 1000 {
			t.Errorf("%d in the end", len(out()))
		}
	})
}

// What attendees call themselves is no mark-up of Slack's or Teams', mentions nobody, is
// no link, and hides nothing; addresses and names of all languages can be read.
func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"attendee=ann@contoso.com":       "attendee=ann@contoso.com",
		"attendee=Zoë O'Brien-Łuk_3":     "attendee=Zoë O'Brien-Łuk_3",
		"王小明":                            "王小明",
		"<!channel> <@U123>":             "??channel? ??U123?",
		"[click](https://evil.example)":  "?click??https???evil.example?",
		"*bold* _it_ ~no~ `code` | a":    "?bold? ?it_ ?no? ?code? ? a",
		"@everyone":                      "?everyone",
		"a\r\nb\x00\x1b[31m\u202egpj":    "a??b???31m?gpj",
		"&lt;b&gt;":                      "?lt?b?gt?",
		strings.Repeat("x", 300):         strings.Repeat("x", 100) + "…",
		"\u2028\u200b\ufeff\U000e0041ok": "????ok",
	} {
		if got := alert.Plain(in); got != want {
			t.Errorf("%q is told as %q, want %q", in, got, want)
		}
	}
	if got := alert.Quote("a<b>&\u202ec\n"); got != `"a&lt;b&gt;&amp;?c?"` {
		t.Errorf("a limit's name: %s", got)
	}
}

// Nothing that anybody calls itself reaches a text as more than words.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "ann", "<!here>", "\xff\xfe", "é", "@a", "a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := alert.Plain(s)
		if strings.ContainsAny(got, "<>&*`[]()|~\\/:#!\"{}") || strings.HasPrefix(got, "@") || len([]rune(got)) > 101 {
			t.Errorf("%q becomes %q", s, got)
		}
		for _, c := range got {
			if c != '…' && !unicode.IsPrint(c) {
				t.Errorf("%q becomes %q, with %U", s, got, c)
			}
		}
	})
}
