package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// sameUsage asks the store and the reference the same.
func sameUsage(t interface {
	Helper()
	Fatalf(string, ...any)
}, s ledger.Store, m *Memory, q ledger.Query) {
	t.Helper()
	want, err := m.Usage(context.Background(), q)
	if err != nil {
		t.Fatalf("the reference refuses %+v: %v", q, err)
	}
	got, err := s.Usage(context.Background(), q)
	if err != nil {
		t.Fatalf("Usage(%+v): %v", q, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("Usage(%+v) differs (-want +got):\n%s", q, d)
	}
}

// both puts batches into the store and a reference.
func both(t *testing.T, s ledger.Store, bs []ledger.Batch) *Memory {
	t.Helper()
	m := &Memory{}
	mustAppend(t, s, bs...)
	mustAppend(t, m, bs...)
	return m
}

func nothing(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	m := &Memory{}
	sameUsage(t, s, m, ledger.Query{})
	sameUsage(t, s, m, ledger.Query{By: []string{"caller", "day"}, From: start()})
	m = both(t, s, Batches(8, 10, 10, start(), time.Hour))
	sameUsage(t, s, m, ledger.Query{Where: map[string][]string{"caller": {"nobody"}}})
	sameUsage(t, s, m, ledger.Query{From: start().AddDate(1, 0, 0)})
	sameUsage(t, s, m, ledger.Query{To: start().AddDate(-1, 0, 0)})
	sameUsage(t, s, m, ledger.Query{From: start(), To: start()})
}

func everyDimension(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	// Ten days over the change to summer time of Europe.
	m := both(t, s, Batches(9, 400, 100, start(), 240*time.Hour))
	sameUsage(t, s, m, ledger.Query{})
	for _, d := range ledger.Dimensions() {
		sameUsage(t, s, m, ledger.Query{By: []string{d}, Percentiles: true})
		if d != "model" {
			sameUsage(t, s, m, ledger.Query{By: []string{"model", d}, Sort: "requests"})
		}
		for n, zone := range zones(t) {
			if n > 0 && !isSpan(d) {
				break
			}
			sameUsage(t, s, m, ledger.Query{By: []string{d}, Zone: zone, From: start().Add(7 * time.Minute), To: start().Add(100*time.Hour + time.Microsecond)})
		}
	}
}

func isSpan(dimension string) bool {
	return slices.Contains([]string{"hour", "day", "week", "month"}, dimension)
}

// zones are some on the hour, with and without summer time, and some that are not.
func zones(t interface{ Fatalf(string, ...any) }) (out []*time.Location) {
	for _, name := range []string{"UTC", "Europe/Stockholm", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("load zone: %v", err)
		}
		out = append(out, zone)
	}
	return out
}

func anyQuery(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	m := both(t, s, Batches(10, 300, 100, start(), 60*24*time.Hour))
	rapid.Check(t, func(t *rapid.T) {
		q := ledger.Query{
			Zone:  rapid.SampledFrom(zones(t)).Draw(t, "zone"),
			Sort:  rapid.SampledFrom(append(ledger.SortMeasures(), "")).Draw(t, "sort"),
			Limit: rapid.SampledFrom([]int{0, 1, 3, 50}).Draw(t, "limit"),
			Where: map[string][]string{},

			Percentiles: rapid.Bool().Draw(t, "percentiles"),
			Counted:     rapid.Bool().Draw(t, "counted"),
		}
		if rapid.Bool().Draw(t, "from") {
			q.From = start().Add(time.Duration(rapid.Int64Range(-1e6, 60*24*3600*1e6).Draw(t, "fromAt")) * time.Microsecond)
		}
		if rapid.Bool().Draw(t, "to") {
			q.To = start().Add(time.Duration(rapid.Int64Range(0, 61*24*3600*1e6).Draw(t, "toAt")) * time.Microsecond)
		}
		q.By = rapid.SliceOfNDistinct(rapid.SampledFrom(ledger.Dimensions()), 0, 3, rapid.ID[string]).Draw(t, "by")
		filters := rapid.IntRange(0, 3).Draw(t, "filters")
		if filters > 0 {
			q.Where["model"] = []string{"gpt-4o", "gpt-4.1"}
		}
		if filters > 1 {
			q.Where["status"] = []string{"4xx", "200"}
			q.Where["deployment"] = []string{"sweden-1/gpt-4o"}
		}
		if filters > 2 {
			q.Where["pricing"], q.Where["event"] = []string{"unpriced", "listed"}, []string{"", "hackathon"}
		}
		if _, err := q.Plan(); err != nil {
			t.Skip(err)
		}
		sameUsage(t, s, m, q)
	})
}

func limited(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	m := both(t, s, Batches(11, 300, 100, start(), 5*time.Hour))
	for _, limit := range []int{1, 2, 4, 5, 6} { // there are five callers
		sameUsage(t, s, m, ledger.Query{By: []string{"caller"}, Limit: limit, Sort: "errors"})
	}
	table, err := s.Usage(t.Context(), ledger.Query{By: []string{"caller"}, Limit: 2})
	if err != nil || len(table.Rows) != 2 || !table.More || table.Total.Requests != 300 {
		t.Errorf("two of five callers: %+v, %v; want two rows, more, and a total of 300 requests", table, err)
	}
}

func senseless(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	f := func(q ledger.Query, param, says string) {
		t.Helper()
		_, err := s.Usage(t.Context(), q)
		e, ok := errors.AsType[*tallygate.Error](err)
		if !ok || e.Kind != tallygate.BadRequest || e.Param != param || !strings.Contains(e.Message, says) {
			t.Errorf("Usage(%+v) = %v, want BadRequest of %q saying %q", q, err, param, says)
		}
	}
	f(ledger.Query{By: []string{"modle"}}, "by", `Did you mean "model"?`)
	f(ledger.Query{By: []string{"colour"}}, "by", "Known are: model, caller")
	f(ledger.Query{By: []string{"day", "month"}}, "by", "one span of time")
	f(ledger.Query{By: []string{"ip", "ip"}}, "by", "twice")
	f(ledger.Query{Where: map[string][]string{"stat": {"200"}}}, "where", `Did you mean "status"?`)
	f(ledger.Query{Where: map[string][]string{"day": {"2026-01-01"}}}, "where", "use the start and the end")
	f(ledger.Query{Where: map[string][]string{"status": {"4x"}}}, "where", "4xx")
	f(ledger.Query{Where: map[string][]string{"ip": {}}}, "where", "no value")
	f(ledger.Query{Sort: "tokens"}, "sort", "total")
	f(ledger.Query{Limit: -1}, "limit", "between 1 and")
	f(ledger.Query{From: start(), To: start().Add(-1)}, "to", "before")
}

// largest records what an upstream gone mad could claim.
func largest(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	b := ledger.Batch{Journal: ledger.JournalID{1}, Upto: 1000}
	for n := range 1000 {
		e := Full()
		e.ID[15] = byte(n)
		const most = 1<<63 - 1
		e.Usage = tallygate.Usage{Source: tallygate.Exact, Prompt: most, Completion: most, Total: most, Cached: most, Reasoning: -most, AudioIn: most}
		e.Total, e.FirstByte, e.Hold.Prompt, e.Ask.MaxTokens = most, most, most, most
		e.Cost, e.Hold.Cost = most, most
		b.Entries = append(b.Entries, Canonical(e))
	}
	m := both(t, s, []ledger.Batch{b})
	again := b
	again.After, again.Upto = 1000, 2000
	mustAppend(t, s, again)
	mustAppend(t, m, again)
	sameUsage(t, s, m, ledger.Query{})
	sameUsage(t, s, m, ledger.Query{To: Full().Began.Add(time.Second)})
	isSound(t, s)
}

func problems(r *ledger.Report) (out []string) {
	for _, c := range r.Checks {
		for _, p := range c.Problems {
			out = append(out, fmt.Sprintf("%s: %s", c.Name, p))
		}
	}
	return out
}
