package event_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
)

var secret = []byte("a secret of thirty-two characters")

func people(t *testing.T, store object.Store, r *event.Door) *event.People {
	t.Helper()
	p, err := event.NewPeople(t.Context(), store, r.Registry, secret)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signUp(t *testing.T, p *event.People, e *event.Event, name string) (*event.Attendee, error) {
	return p.SignUp(t.Context(), e, event.Applicant{Name: name, Via: "code"})
}

// Somebody who signs up gets a key, the same one on return and after a restart, and
// the ledger's name for it tells nothing.
func TestSignUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "")
		store := new(object.Memory)
		r := registry(t, e)
		p := people(t, store, r)
		a, err := signUp(t, p, e, " Ann@Example.com ")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(a.ID), "ann") || a.Name != "Ann@Example.com" {
			t.Errorf("%+v", a)
		}
		again, err := signUp(t, p, e, "ann@example.com")
		if err != nil || p.Key(again) != p.Key(a) {
			t.Errorf("on return: %v, %v", again, err)
		}
		r = registry(t, e)
		people(t, store, r)
		if who, err := r.Find(p.Key(a), home); err != nil || who == nil || who.Attendee != a.ID {
			t.Errorf("after a restart the key leads to %+v, %v", who, err)
		}
	})
}

// Only those whom an event is for may sign up; bad names are told.
func TestWhoMaySignUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "")
		e.Domains, e.Roster = []string{"contoso.com"}, []string{"bob", "eve@other.org"}
		p := people(t, new(object.Memory), registry(t, e))
		for name, kind := range map[string]tallygate.Kind{
			"ann@contoso.com": 0, "ANN@CONTOSO.COM": 0, "bob": 0, "Eve@Other.org": 0,
			"ann@notcontoso.com": tallygate.Forbidden, "ann@contoso.com.evil.org": tallygate.Forbidden, "mallory": tallygate.Forbidden,
			"\u202eann@contoso.com\u200b": 0, "\u200b": tallygate.BadRequest, "a\u0085b@contoso.com": tallygate.BadRequest, "\xff@contoso.com": tallygate.BadRequest,
			"": tallygate.BadRequest, "a/b": tallygate.BadRequest, "a\x00b": tallygate.BadRequest, strings.Repeat("x", 81): tallygate.BadRequest,
		} {
			_, err := signUp(t, p, e, name)
			got, _ := errors.AsType[*tallygate.Error](err)
			if (err == nil) != (kind == 0) || got != nil && got.Kind != kind {
				t.Errorf("%q: %v, want kind %d", name, err, kind)
			}
		}
	})
}

// No more than the seats are taken, however many come at once; who came too late
// gets a seat when one is free, in turn.
func TestSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "")
		e.Seats = 3
		r := registry(t, e)
		p := people(t, new(object.Memory), r)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				if _, err := signUp(t, p, e, fmt.Sprintf("person-%d", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list := p.List(e)
		for i, a := range list {
			if a.Waiting != (i >= 3) || (p.Key(a) == "") != a.Waiting {
				t.Errorf("%d: %+v", i, a)
			}
		}
		if err := p.Leave(t.Context(), e, list[1].ID); err != nil {
			t.Fatal(err)
		}
		if err := p.Revoke(t.Context(), e, list[0].ID, true); err != nil {
			t.Fatal(err)
		}
		for i, a := range p.List(e) {
			if a.Waiting != (i >= 4) { // 0 is revoked, 1 has left: 2, 3 and 4 have seats
				t.Errorf("then %d: %+v", i, a)
			}
			who, err := r.Find(a.Key(secret), home)
			if works := who != nil && err == nil; works != (p.Key(a) != "") {
				t.Errorf("the key of %s works: %v, %v", a.Name, works, err)
			}
		}
	})
}

// A renewed key works and the old one does not; names are forgotten when their time
// has come, and not before.
func TestRenewAndForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "")
		e.Forget = 30
		r := registry(t, e)
		p := people(t, new(object.Memory), r)
		a, err := signUp(t, p, e, "ann")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Renew(t.Context(), e, a.ID); err != nil {
			t.Fatal(err)
		}
		b, _ := p.Find(e, a.ID)
		if who, _ := r.Find(p.Key(a), home); who != nil || p.Key(a) == p.Key(b) {
			t.Error("the old key still works")
		}
		if who, _ := r.Find(p.Key(b), home); who == nil {
			t.Error("the new key does not work")
		}
		if n, err := p.Forget(t.Context(), e, e.End.AddDate(0, 0, 30).Add(-1)); n != 0 || err != nil {
			t.Errorf("a moment too early %d were forgotten, %v", n, err)
		}
		if n, err := p.Forget(t.Context(), e, e.End.AddDate(0, 0, 30)); n != 1 || err != nil {
			t.Errorf("%d were forgotten, %v", n, err)
		}
		if c, _ := p.Find(e, a.ID); c.Name != "" {
			t.Errorf("still known as %q", c.Name)
		}
	})
}

// Somebody who leaves and comes back gets another key, and a revocation outlives an
// attempt to leave.
func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "")
		r := registry(t, e)
		p := people(t, new(object.Memory), r)
		a, err := signUp(t, p, e, "ann")
		if err != nil {
			t.Fatal(err)
		}
		old := p.Key(a)
		time.Sleep(time.Second)
		if err := p.Leave(t.Context(), e, a.ID); err != nil {
			t.Fatal(err)
		}
		b, err := signUp(t, p, e, "ann")
		if err != nil || p.Key(b) == old {
			t.Errorf("who comes back has the key of before (%v)", err)
		}
		if who, _ := r.Find(old, home); who != nil {
			t.Error("the key of somebody who left still works")
		}
		if err := p.Revoke(t.Context(), e, b.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := p.Leave(t.Context(), e, b.ID); err == nil {
			t.Error("leaving undid a revocation")
		}
	})
}
