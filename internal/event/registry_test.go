package event_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

var home = netip.MustParseAddr("192.0.2.1")

// hour is an event that is open for an hour from now on.
func hour(id, code string) *event.Event {
	return &event.Event{ID: id, Code: code, Name: "The " + id, Start: time.Now(), End: time.Now().Add(time.Hour)}
}

func registry(t *testing.T, events ...*event.Event) *event.Registry {
	t.Helper()
	r := event.NewRegistry()
	if err := r.Set(events); err != nil {
		t.Fatal(err)
	}
	return r
}

// code returns the error's code, empty for none.
func code(err error) string {
	if e, ok := errors.AsType[*tallygate.Error](err); ok {
		return e.Code
	}
	return ""
}

// Every form of credential leads to the same event, and to the person it names;
// nothing else leads anywhere.
func TestFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"), hour("other", "a@b-code"))
		for credential, attendee := range map[string]string{
			"myevent2026": "guest", "myevent2026/Ann": "ann", "workshop@myevent2026/ann@example.com": "ann@example.com",
			"a@b-code": "guest", "a@b-code/bob": "bob", "other@a@b-code/eve": "eve",
			"other@myevent2026/ann": "", "myevent202": "", "myevent2026x": "", "MYEVENT2026": "",
			"myevent2026/": "", "/ann": "", "myevent2026/a/b": "", "myevent2026/a\x00b": "", "": "", "x' or RowKey gt '": "",
			strings.Repeat("x", 1<<20): "", "tge-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "", "%00%00%00": "",
		} {
			who, err := r.Find(credential, home)
			switch {
			case err != nil:
				t.Errorf("%.30q: %v", credential, err)
			case attendee == "" && who != nil, attendee != "" && (who == nil || who.Attendee != attendee):
				t.Errorf("%.30q leads to %+v, want %q", credential, who, attendee)
			case who != nil && (who.Event == "" || who.ID != "event/"+who.Event+"/"+attendee || len(who.Key) != 12):
				t.Errorf("%.30q leads to %+v", credential, who)
			}
		}
		a, _ := r.Find("myevent2026/Ann", home)
		if b, _ := r.Find("myevent2026/Ann", home); a != b {
			t.Error("a person is not the same one the second time")
		}
	})
}

// An event is open from its first to its last instant, each belonging to it, and
// says why it is not.
func TestTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := hour("workshop", "myevent2026")
		e.Start, e.End = time.Now().Add(time.Minute), time.Now().Add(2*time.Minute)
		r := registry(t, e)
		for _, step := range []struct {
			wait time.Duration
			want string
		}{{0, event.CodeNotStarted}, {time.Minute - 1, event.CodeNotStarted}, {1, ""}, {time.Minute, ""}, {1, event.CodeEnded}} {
			time.Sleep(step.wait)
			if _, err := r.Find("myevent2026", home); code(err) != step.want {
				t.Errorf("at %v: %v, want %q", time.Since(e.Start), err, step.want)
			}
		}
		closed := hour("workshop", "myevent2026")
		closed.Inactive = true
		if err := r.Set([]*event.Event{closed}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Find("myevent2026", home); code(err) != event.CodeInactive {
			t.Errorf("an inactive event: %v", err)
		}
	})
}

// A person's key is the same whenever it is asked for, leads to that person, and
// stops at once when it is taken back.
func TestAttendeeKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", ""))
		secret := []byte("a secret of thirty-two characters")
		ann := &event.Attendee{Event: "workshop", ID: "ann@example.com", Name: "Ann"}
		key := ann.Key(secret)
		if again := (&event.Attendee{Event: "workshop", ID: "ann@example.com"}).Key(secret); again != key || !strings.HasPrefix(key, event.KeyPrefix) {
			t.Errorf("keys %q and %q", key, again)
		}
		if who, _ := r.Find(key, home); who != nil {
			t.Error("a key leads somewhere before its attendee was admitted")
		}
		r.Admit(secret, ann)
		who, err := r.Find(key, home)
		if err != nil || who == nil || who.Attendee != "ann@example.com" || who.Event != "workshop" {
			t.Fatalf("%+v, %v", who, err)
		}
		revoked := *ann
		revoked.Revoked = true
		r.Admit(secret, &revoked)
		if _, err := r.Find(key, home); code(err) != event.CodeRevoked {
			t.Errorf("a revoked key: %v", err)
		}
		next := *ann
		next.Turn++
		if next.Key(secret) == key {
			t.Error("the next key is the same one")
		}
		r.Dismiss(secret, &revoked)
		if who, err := r.Find(key, home); who != nil || err != nil {
			t.Errorf("a dismissed key: %v, %v", who, err)
		}
		waiting := &event.Attendee{Event: "workshop", ID: "bob", Waiting: true}
		r.Admit(secret, waiting)
		if who, _ := r.Find(waiting.Key(secret), home); who != nil {
			t.Error("somebody who waits for a seat got in")
		}
	})
}

// Who guesses codes is shut out for a while, and the operator hears of it once; the
// room whose code was shown from the same address goes on, who joins it later too, and
// other addresses are not concerned.
func TestGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"), hour("another", "another2026"))
		var heard []event.Guesses
		r.Shut = func(who event.Guesses) { heard = append(heard, who) }
		find := func(credential string, from netip.Addr) error {
			_, err := r.Find(credential, from)
			return err
		}
		if err := find("myevent2026/ann", home); err != nil {
			t.Fatal(err)
		}
		shut := 0
		for i := range 100 {
			if code(find(fmt.Sprintf("guess-%04d", i), home)) == event.CodeGuesses {
				shut++
			}
		}
		if shut < 75 {
			t.Errorf("only %d of 100 guesses were stopped", shut)
		}
		if err := find("myevent2026/ann", home); err != nil {
			t.Errorf("ann, behind the same address, is locked out: %v", err)
		}
		if err := find("myevent2026/zoe", home); err != nil {
			t.Errorf("zoe, who comes later into the same room: %v", err)
		}
		if code(find("another2026/bob", home)) != event.CodeGuesses {
			t.Error("a code that nobody there had shown was told to somebody who guesses")
		}
		if len(heard) != 1 || !heard[0].From.Contains(home) {
			t.Errorf("the operator heard of %v", heard)
		}
		if err := find("another2026/bob", netip.MustParseAddr("192.0.2.2")); err != nil {
			t.Errorf("another address: %v", err)
		}
		time.Sleep(31 * time.Second)
		if err := find("another2026/bob", home); err != nil {
			t.Errorf("after the penalty: %v", err)
		}
	})
}

// Guesses that begin alike, from everywhere, shut the door to codes that begin so and
// to no others; whoever has a key is not concerned.
func TestGuessingAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"), hour("another", "another2026"))
		secret := []byte("a secret of the attendees' keys, 32")
		ann := &event.Attendee{Event: "workshop", ID: "p-0123456789abcdef", Name: "ann"}
		r.Admit(secret, ann)
		shut := 0
		for i := range 500 {
			from := netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)})
			if _, err := r.Find(fmt.Sprintf("MyEv-%05d", i), from); code(err) == event.CodeGuesses {
				shut++
			}
		}
		if shut != 300 {
			t.Errorf("%d of 500 alike were stopped, want 300", shut)
		}
		if _, err := r.Find("myevent2026/bob", home); code(err) != event.CodeGuesses {
			t.Errorf("a code that begins so, from an address that never showed it: %v", err)
		}
		for _, credential := range []string{"another2026/bob", ann.Key(secret)} {
			if who, err := r.Find(credential, home); who == nil || err != nil {
				t.Errorf("who does not guess is shut out: %v", err)
			}
		}
		time.Sleep(31 * time.Second)
		if _, err := r.Find("myevent2026/bob", home); err != nil {
			t.Errorf("after the penalty: %v", err)
		}
	})
}

// Guesses from everywhere at once shut the door to codes that no address has shown.
func TestGuessingFromEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"))
		if _, err := r.Find("myevent2026/ann", home); err != nil {
			t.Fatal(err)
		}
		shut := 0
		for i := range 5000 {
			from := netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})
			if _, err := r.Find(fmt.Sprintf("guess-%05d", i), from); code(err) == event.CodeGuesses {
				shut++
			}
		}
		if shut < 4000 {
			t.Errorf("only %d of 5,000 guesses from as many addresses were stopped", shut)
		}
		if _, err := r.Find("myevent2026/ann", home); err != nil {
			t.Errorf("ann is locked out: %v", err)
		}
	})
}

// Two events with one id or one code are refused, and what was there stays.
func TestContradictions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"))
		if err := r.Set([]*event.Event{hour("a", "code-one"), hour("b", "code-one")}); err == nil {
			t.Error("two events with one code")
		}
		if err := r.Set([]*event.Event{hour("a", "code-one"), hour("a", "code-two")}); err == nil {
			t.Error("two events with one id")
		}
		if who, _ := r.Find("myevent2026", home); who == nil {
			t.Error("the events that were there are gone")
		}
	})
}

// No credential makes the registry panic, and none of it is anyone but an attendee.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"myevent2026", "myevent2026/ann", "e@myevent2026/x", "@/", "@@@@@@/a", "tge-", "\x00", "a/b/c"} {
		f.Add(s)
	}
	r := event.NewRegistry()
	if err := r.Set([]*event.Event{{ID: "e", Code: "myevent2026", End: time.Now().Add(time.Hour)}}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		who, err := r.Find(s, home)
		if err == nil && who != nil && (who.Event != "e" || who.Attendee == "") {
			t.Errorf("%q is %+v", s, who)
		}
	})
}
