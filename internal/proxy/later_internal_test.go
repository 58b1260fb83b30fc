package proxy

import (
	"fmt"
	"testing"

	"github.com/tallygate/tallygate"
)

// However many somebody begins, and ends, others' works stay.
func TestOneCannotEndTheWorksOfOthers(t *testing.T) {
	l := new(Later)
	l.begin()
	of := func(caller string) *unfinished { return &unfinished{entry: &tallygate.Entry{Caller: caller}} }
	if late := l.add("innocent", of("ann")); len(late) > 0 {
		t.Fatal("the first is too many")
	}
	for i := range 3 * maxUnfinished { // those that ended count for none
		if late := l.add(fmt.Sprint("short-", i), of("eve")); len(late) > 0 || l.take(fmt.Sprint("short-", i)) == nil {
			t.Fatalf("%d: %d are too many", i, len(late))
		}
	}
	gone := 0
	for i := range 2 * maxUnfinished {
		for _, u := range l.add(fmt.Sprint("long-", i), of("eve")) {
			if gone++; u.entry.Caller != "eve" {
				t.Fatal("another one's work was ended")
			}
		}
	}
	if gone != maxUnfinished+1 || len(l.open) != maxUnfinished || len(l.by) != 2 || len(l.order) > 2*maxUnfinished {
		t.Errorf("%d gone, %d open, %d payers, an order of %d", gone, len(l.open), len(l.by), len(l.order))
	}
}
