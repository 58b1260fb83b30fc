package signup

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A ticket ends after two minutes, nothing of it is kept then, and there are never more
// than there may be.
func TestTicketsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all tickets
		soon, _, _ := all.add("ann", "key-of-ann", time.Now())
		late, until, _ := all.add("bob", "key-of-bob", time.Now())
		if !until.Equal(time.Now().Add(2 * time.Minute)) {
			t.Errorf("until %v", until)
		}
		time.Sleep(2*time.Minute - 1)
		if got := all.take(soon, time.Now()); got != "key-of-ann" {
			t.Errorf("just in time: %q", got)
		}
		time.Sleep(time.Nanosecond)
		if got := all.take(late, time.Now()); got != "" || len(all.by)+len(all.of) != 0 {
			t.Errorf("too late: %q, kept are %d", got, len(all.by))
		}
		for i := range maxTickets {
			if _, _, ok := all.add(fmt.Sprint(i), "key", time.Now()); !ok {
				t.Fatal("no room for ", i)
			}
		}
		if _, _, ok := all.add("one more", "key", time.Now()); ok {
			t.Error("there is no bound")
		}
		if _, _, ok := all.add("7", "key", time.Now()); !ok {
			t.Error("who has one gets no other")
		}
		time.Sleep(2 * time.Minute)
		if _, _, ok := all.add("one more", "key", time.Now()); !ok || len(all.by) != 1 {
			t.Errorf("kept are %d", len(all.by))
		}
	})
}
