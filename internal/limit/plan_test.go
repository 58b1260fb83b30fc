package limit

import (
	"strconv"
	"testing"

	"github.com/tallygate/tallygate"
)

// plansOf returns limits by attendee with so many plans, one for each.
func plansOf(tb testing.TB, n int) (*Limits, []*plan) {
	l, err := New(tb.Context(), []tallygate.Limit{{Name: "each", Quantity: tallygate.Tokens, Amount: 1000, Each: []tallygate.Dimension{tallygate.ByAttendee}, Period: tallygate.Day}}, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	plans := make([]*plan, n)
	for i := range plans {
		one := &tallygate.Caller{ID: "c", Attendee: strconv.Itoa(i)}
		plans[i] = l.plan(&tallygate.Identity{Caller: one}, "gpt-4o", nil, 0)
	}
	return l, plans
}

// A plan that is forgotten goes alone, and one that took its place stays.
func TestForgetOnePlan(t *testing.T) {
	l, plans := plansOf(t, 3)
	l.forget(plans[1])
	if len(l.plans) != 2 || l.plans[plans[1].key] != nil {
		t.Fatalf("%d plans are left of 3", len(l.plans))
	}
	successor := &plan{key: plans[0].key}
	l.plans[successor.key] = successor
	if l.forget(plans[0]); l.plans[successor.key] != successor {
		t.Error("the plan that took its place went with it")
	}
}

// Forgetting one plan costs the same beside one other and beside 49,000.
func BenchmarkForget(b *testing.B) {
	for _, n := range []int{1, 49_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			l, plans := plansOf(b, n)
			i := 0
			for b.Loop() {
				p := plans[i%n]
				l.forget(p)
				l.plans[p.key] = p
				i++
			}
		})
	}
}
