package event_test

import (
	"errors"
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

// registry is the door of a new registry into some events.
func registry(t testing.TB, events ...*event.Event) *event.Door {
	t.Helper()
	return reopen(t, event.NewRegistry(), events...)
}

// reopen is a registry's door into other events.
func reopen(t testing.TB, r *event.Registry, events ...*event.Event) *event.Door {
	t.Helper()
	s, err := event.NewSet(events)
	if err != nil {
		t.Fatal(err)
	}
	return r.Door(s)
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
			"MyEvent2026": "guest", "MYEVENT2026/ANN": "ann", "workshop@MYEVENT2026/ann@example.com": "ann@example.com",
			"other@myevent2026/ann": "", "myevent202": "", "myevent2026x": "", "myevent2O26": "", "mуevent2026": "",
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
		a, _ := enter(r, "myevent2026/Ann", home)
		if b, _ := r.Find("myevent2026/Ann", home); a != b {
			t.Error("a person is not the same one the second time")
		}
		for _, spelt := range []string{"MYEVENT2026/ann", "myevent2026/ANN", "workshop@MyEvent2026/ann"} {
			if b, _ := r.Find(spelt, home); b == nil || b.Key != a.Key || b.ID != a.ID {
				t.Errorf("%s is another person, with limits of its own: %+v", spelt, b)
			}
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
		r = reopen(t, r.Registry, closed)
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

// Two events with one id or one code are refused.
func TestContradictions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := event.NewSet([]*event.Event{hour("a", "code-one"), hour("b", "code-one")}); err == nil {
			t.Error("two events with one code")
		}
		if _, err := event.NewSet([]*event.Event{hour("a", "code-one"), hour("a", "code-two")}); err == nil {
			t.Error("two events with one id")
		}
	})
}

// Of codes that differ in case alone each leads to its own event, and no other spelling
// to either.
func TestCodesThatDifferInCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("a", "Spring2026"), hour("b", "spring2026"), hour("c", "autumn2026"))
		for code, want := range map[string]string{"Spring2026": "a", "spring2026": "b", "SPRING2026": "", "AUTUMN2026": "c", "AUTUMN2026/k": "c"} {
			who, err := r.Find(code, home)
			if err != nil || (who == nil) != (want == "") || who != nil && who.Event != want {
				t.Errorf("%s leads to %+v, %v", code, who, err)
			}
		}
		e := hour("k", "kelvin2026")
		for code, want := range map[string]bool{"KELVIN2026": true, " kelvin2026\n": true, "Kelvin2026": false, "kelvin 2026": false, "": false} {
			if e.Opens(code) != want {
				t.Errorf("%q opens it: %v", code, !want)
			}
		}
		if (&event.Event{}).Opens("") {
			t.Error("an event without a code is opened by none")
		}
	})
}

// One code in many spellings is one guess.
func TestSpellingsOfAGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"))
		for i := range 32 {
			spelt := []byte("wrong-code")
			for j := range 5 {
				if i>>j&1 == 1 {
					spelt[j] -= 'a' - 'A'
				}
			}
			if got := guess(r, string(spelt), home); got != "" {
				t.Fatalf("the spelling %d: %s", i, got)
			}
		}
	})
}

// No credential makes the registry panic, and none of it is anyone but an attendee.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"myevent2026", "myevent2026/ann", "e@myevent2026/x", "@/", "@@@@@@/a", "tge-", "\x00", "a/b/c"} {
		f.Add(s)
	}
	r := registry(f, &event.Event{ID: "e", Code: "myevent2026", End: time.Now().Add(time.Hour)})
	f.Fuzz(func(t *testing.T, s string) {
		who, err := r.Find(s, home)
		if err == nil && who != nil && (who.Event != "e" || who.Attendee == "") {
			t.Errorf("%q is %+v", s, who)
		}
	})
}
