package event_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
)

// slow is a store whose changes take a while, or never end for one attendee.
type slow struct {
	object.Memory
	takes time.Duration
	stuck func(object.Object) bool
	fails func(object.Object) bool
}

func (s *slow) Put(ctx context.Context, o object.Object) (object.Object, error) {
	if s.stuck != nil && s.stuck(o) {
		<-ctx.Done()
		return o, ctx.Err()
	}
	time.Sleep(s.takes)
	if s.fails != nil && s.fails(o) {
		return o, errors.New("the disk is full")
	}
	return s.Memory.Put(ctx, o)
}

func from(t *testing.T, p *event.People, e *event.Event, name string, addr netip.Addr) *event.Attendee {
	t.Helper()
	a, err := p.SignUp(t.Context(), e, event.Applicant{Name: name, Via: "code", From: addr})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// seated counts those of an event who have a seat.
func seated(p *event.People, e *event.Event) (n int) {
	for _, a := range p.List(e) {
		if a.Seated() {
			n++
		}
	}
	return n
}

// A room of a hundred behind one address gets in. Of more seats nobody takes all from one
// address, and of fewer where the event says so: the rest of them wait, and somebody from
// elsewhere gets one. The organiser can let them in.
func TestSeatsOfOneAddress(t *testing.T) {
	for _, test := range []struct{ seats, perAddress, want int }{
		{1, 0, 1}, {2, 0, 2}, {100, 0, 100}, {105, 0, 100}, {150, 0, 135}, {150, 150, 150}, {100, 3, 3}, {5, 9, 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := hour("workshop", "myevent2026")
			e.Seats, e.PerAddress = test.seats, test.perAddress
			p := people(t, new(object.Memory), registry(t, e))
			for i := range min(test.seats+20, 3*max(test.perAddress, 50)) {
				if _, err := p.SignUp(t.Context(), e, event.Applicant{Name: fmt.Sprint("eve-", i), Via: "code", From: home}); code(err) == event.CodeNames {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if n := seated(p, e); n != test.want {
				t.Fatalf("%d seats, %d an address: one has %d, want %d", test.seats, test.perAddress, n, test.want)
			}
			if test.want == test.seats {
				return
			}
			if a := from(t, p, e, "ann", address(1)); a.Waiting {
				t.Errorf("%d seats: nothing is left for another address", test.seats)
			}
			open := *e
			open.PerAddress = test.seats
			if err := p.Fill(t.Context(), &open); err != nil || test.perAddress == 0 && seated(p, e) != test.seats {
				t.Errorf("%d seats: the organiser let in %d, %v", test.seats, seated(p, e), err)
			}
		})
	}
}

// Whom an identity provider has proved counts for no address.
func TestProvenPeopleHaveNoAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "")
		e.Seats = 200
		p := people(t, new(object.Memory), registry(t, e))
		for i := range 200 {
			a, err := p.SignUp(t.Context(), e, event.Applicant{Name: fmt.Sprint("person-", i), Via: "github"})
			if err != nil || a.Waiting || a.From != "" {
				t.Fatalf("person %d: %+v, %v", i, a, err)
			}
		}
	})
}

// Two hundred come at once to fifty seats while the disk takes its time, some of their
// changes fail and some leave again: the seats are never overspent, and none stays empty.
func TestSeatsUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "myevent2026")
		e.Seats = 50
		n := 0
		var mu sync.Mutex
		store := &slow{takes: 5 * time.Millisecond, fails: func(object.Object) bool {
			mu.Lock()
			defer mu.Unlock()
			n++
			return n%7 == 0
		}}
		p := people(t, store, registry(t, e))
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				time.Sleep(time.Duration(i%10) * time.Millisecond)
				a, err := p.SignUp(t.Context(), e, event.Applicant{Name: fmt.Sprint("person-", i), Via: "code", From: address(i)})
				if err == nil && i%5 == 0 {
					_ = p.Leave(t.Context(), e, a.ID) // it may fail, and the hourly Fill mend it
				}
			})
			wg.Go(func() {
				if n := seated(p, e); n > 50 {
					t.Errorf("%d have one of 50 seats", n)
				}
			})
		}
		wg.Wait()
		store.fails = nil
		if err := p.Fill(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if n := seated(p, e); n != 50 {
			t.Errorf("in the end %d of 50 seats are taken", n)
		}
	})
}

// Who signs up waits for no other's disk, nor does who looks; of two with one name the
// second learns what became of the first.
func TestNobodyWaitsForAnothersDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "myevent2026")
		e.Forget = 30
		d := registry(t, e)
		store := &slow{}
		p := people(t, store, d)
		ann := from(t, p, e, "ann", home)
		store.stuck = func(o object.Object) bool { return o.ID == "workshop/"+p.Pseudonym(e, "eve") }
		hanging, giveUp := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		eve := func() {
			_, err := p.SignUp(hanging, e, event.Applicant{Name: "eve", Via: "code", From: home})
			ended <- err
		}
		go eve()
		go eve() // and once more in another window
		synctest.Wait()
		begin := time.Now()
		bob := from(t, p, e, "bob", home)
		if who, err := d.Find(p.Key(bob), home); err != nil || who == nil {
			t.Errorf("bob's key: %v", err)
		}
		if who, err := enter(d, "myevent2026/carl", home); err != nil || who == nil { // a typed name is kept
			t.Errorf("carl: %v", err)
		}
		if _, ok := p.Find(e, ann.ID); !ok || len(p.List(e)) != 3 {
			t.Errorf("there are %d", len(p.List(e)))
		}
		if err := p.Renew(t.Context(), e, ann.ID); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("they waited %v", took)
		}
		giveUp()
		for range 2 {
			if err := <-ended; err == nil {
				t.Error("eve is signed up, and nothing of it is stored")
			}
		}
		store.stuck = nil
		if a := from(t, p, e, "eve", home); a.Waiting {
			t.Errorf("%+v", a)
		}
	})
}

// An event that has an id after another is another one: nobody's key, name or cookie of
// the one before means anything there, and the other way round.
func TestAnotherEventOfTheID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second, old := hour("workshop", "myevent2026"), hour("workshop", "myevent2026"), hour("workshop", "myevent2026")
		first.Nonce, second.Nonce = "nonce-1", "nonce-2"
		d := registry(t, first)
		p := people(t, new(object.Memory), d)
		ann := from(t, p, first, "ann", home)
		for _, other := range []*event.Event{second, old} {
			d = reopen(t, d.Registry, other)
			if who, _ := d.Find(p.Key(ann), home); who != nil {
				t.Error("the key opens another event")
			}
			if _, ok := p.Find(other, ann.ID); ok || len(p.List(other)) > 0 {
				t.Error("ann is in another event")
			}
			if p.Pseudonym(other, "ann") == ann.ID {
				t.Error("the pseudonym is the same")
			}
		}
		again := from(t, p, second, "ann", home)
		if err := p.Erase(t.Context(), first); err != nil { // late
			t.Fatal(err)
		}
		d = reopen(t, d.Registry, second)
		if who, err := d.Find(p.Key(again), home); err != nil || who == nil || who.Attendee != again.ID {
			t.Errorf("the key of the second: %+v, %v", who, err)
		}
		if who := tallygate.Identity(*mustFind(t, d, p.Key(again))); who.Event != "workshop" {
			t.Errorf("%+v", who)
		}
	})
}

func mustFind(t *testing.T, d *event.Door, credential string) *tallygate.Identity {
	t.Helper()
	who, err := d.Find(credential, home)
	if err != nil || who == nil {
		t.Fatal(who, err)
	}
	return who
}
