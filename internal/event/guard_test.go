package event_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

// address is the nth of many that belong to different people.
func address(n int) netip.Addr {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], 10<<24|uint32(n))
	return netip.AddrFrom4(a)
}

// guess tries a credential and returns the refusal's code; empty for none.
func guess(d *event.Door, credential string, from netip.Addr) string {
	_, err := enter(d, credential, from)
	return code(err)
}

// enter finds somebody and lets it in.
func enter(d *event.Door, credential string, from netip.Addr) (*tallygate.Identity, error) {
	who, err := d.Find(credential, from)
	if err == nil && who != nil && who.Enter != nil {
		if err = who.Enter(); err == nil {
			return d.Find(credential, from)
		}
	}
	return who, err
}

// Who guesses codes is shut out for a while, and the operator hears of it once; the
// room whose code was shown from the same address goes on, who joins it later too, and
// other addresses are not concerned.
func TestGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"), hour("another", "another2026"))
		var heard []event.Guesses
		r.Shut = func(who event.Guesses) { heard = append(heard, who) }
		if got := guess(r, "myevent2026/ann", home); got != "" {
			t.Fatal(got)
		}
		shut := 0
		for i := range 100 {
			if guess(r, fmt.Sprintf("guess-%04d", i), home) == event.CodeGuesses {
				shut++
			}
		}
		if shut != 80 {
			t.Errorf("%d of 100 guesses were stopped, want 80", shut)
		}
		for _, name := range []string{"ann", "zoe"} { // who is there, and who comes later into the same room
			if got := guess(r, "myevent2026/"+name, home); got != "" {
				t.Errorf("%s, behind the same address: %s", name, got)
			}
		}
		if guess(r, "another2026/bob", home) != event.CodeGuesses {
			t.Error("a code that nobody there had shown was told to somebody who guesses")
		}
		if len(heard) != 1 || !heard[0].From.Contains(home) {
			t.Errorf("the operator heard of %v", heard)
		}
		if got := guess(r, "another2026/bob", address(1)); got != "" {
			t.Errorf("another address: %s", got)
		}
		time.Sleep(31 * time.Second)
		if got := guess(r, "another2026/bob", home); got != "" {
			t.Errorf("after the penalty: %s", got)
		}
	})
}

// However many guesses come from elsewhere, and however they begin, an address that
// has sent none gets in with the right code, after a slip of the hand too. Who has sent
// some gets no further.
func TestGuessingFromEverywhere(t *testing.T) {
	for name, form := range map[string]string{"at random": "guess-%05d", "alike": "MyEv-%05d"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := registry(t, hour("workshop", "myevent2026"))
				var heard int
				r.Shut = func(who event.Guesses) {
					if !who.From.IsValid() {
						heard++
					}
				}
				for i := range 612 { // from 34 addresses
					guess(r, fmt.Sprintf(form, i), address(i%34))
				}
				if heard == 0 {
					t.Error("the operator heard of nothing")
				}
				for i := range 200 {
					newcomer := address(1000 + i)
					for slip := range 4 {
						if got := guess(r, fmt.Sprintf("slip-%d-%d", i, slip), newcomer); got != "" {
							t.Fatalf("newcomer %d, slip %d: %s", i, slip, got)
						}
					}
					if got := guess(r, "myevent2026", newcomer); got != "" {
						t.Fatalf("newcomer %d with the right code: %s", i, got)
					}
				}
				if guess(r, "myevent2026", address(0)) != event.CodeGuesses {
					t.Error("one of those who guess was told the right code")
				}
				time.Sleep(31 * time.Second)
				if got := guess(r, "myevent2026", address(0)); got != "" {
					t.Errorf("after the penalty: %s", got)
				}
			})
		})
	}
}

// What is counted: different codes that could be one. A client that sends one wrong
// code for ever, and keys of any other shape, shut out nobody.
func TestWhatIsAGuess(t *testing.T) {
	for name, test := range map[string]struct {
		credential func(i int) string
		shut       bool
	}{
		"codes":                    {func(i int) string { return fmt.Sprintf("guess-%04d", i) }, true},
		"codes with a name":        {func(i int) string { return fmt.Sprintf("guess-%04d/ann", i) }, true},
		"codes behind an event":    {func(i int) string { return fmt.Sprintf("workshop@guess-%04d/ann", i) }, true},
		"one code":                 {func(int) string { return "myevent2025" }, false},
		"one code, several names":  {func(i int) string { return fmt.Sprintf("myevent2025/name-%d", i) }, false},
		"keys of Azure":            {func(i int) string { return fmt.Sprintf("%032x", i) }, false},
		"keys of OpenAI":           {func(i int) string { return fmt.Sprintf("sk-proj-%040d", i) }, false},
		"tokens":                   {func(i int) string { return fmt.Sprintf("eyJ0eXAiOiJKV1QiLCJhbGciOiJS%d.x.y", i) }, false},
		"keys of attendees":        {func(i int) string { return fmt.Sprintf("tge-%040d", i) }, false},
		"GUIDs":                    {func(i int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", i) }, false},
		"what is too short":        {func(i int) string { return fmt.Sprintf("%05d", i) }, false},
		"what no code may hold":    {func(i int) string { return fmt.Sprintf("guess?%04d", i) }, false},
		"what is no name for sure": {func(i int) string { return fmt.Sprintf("guess-%04d/a/b", i) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := registry(t, hour("workshop", "myevent2026"))
				for i := range 1000 {
					guess(r, test.credential(i), home)
				}
				if shut := guess(r, "myevent2026", home) == event.CodeGuesses; shut != test.shut {
					t.Errorf("shut out: %v, want %v", shut, test.shut)
				}
			})
		})
	}
}

// Of IPv6 the /48 is one address, since whoever has one has all of its networks; of IPv4
// each is one, also where it is written as IPv6.
func TestGuessingByNetwork(t *testing.T) {
	for _, test := range []struct {
		name string
		from func(i int) string
		mine string
		shut bool
	}{
		{"one IPv4", func(int) string { return "192.0.2.7" }, "192.0.2.7", true},
		{"mapped", func(int) string { return "::ffff:192.0.2.7" }, "192.0.2.7", true},
		{"the next IPv4", func(int) string { return "192.0.2.7" }, "192.0.2.8", false},
		{"a /48", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::%x", i, i) }, "2001:db8:1:ffff::1", true},
		{"the next /48", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::%x", i, i) }, "2001:db8:2::1", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := registry(t, hour("workshop", "myevent2026"))
			for i := range 100 {
				guess(r, fmt.Sprintf("guess-%04d", i), netip.MustParseAddr(test.from(i)))
			}
			if shut := guess(r, "myevent2026", netip.MustParseAddr(test.mine)) == event.CodeGuesses; shut != test.shut {
				t.Errorf("%s: shut out %v, want %v", test.name, shut, test.shut)
			}
		})
	}
}

// A key is nobody's guess, and a GUID that is the code of an event neither.
func TestKeysAreNoGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const guid = "5f0c1c59-7f3a-4f0e-8a30-8a2f0c9d1f2e"
		r := registry(t, hour("workshop", "myevent2026"), hour("bridge", guid))
		ann := &event.Attendee{Event: "workshop", ID: "p-0123456789abcdef", Name: "ann"}
		r.Admit(secret, ann)
		for i := range 1000 {
			guess(r, fmt.Sprintf("guess-%04d", i), home)
		}
		for credential, want := range map[string]string{ann.Key(secret): ann.ID, guid: "guest", guid + "/bob": "bob", "bridge@" + guid + "/eve": "eve"} {
			if who, err := r.Find(credential, home); err != nil || who == nil || who.Attendee != want {
				t.Errorf("%s, from where somebody guesses: %+v, %v", credential, who, err)
			}
		}
	})
}

// Where keys are shown, who guesses is told what a wrong key is told, with the same
// kind; on routes for codes alone the same refusal asks to wait.
func TestTheKindOfARefusedGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"))
		var err error
		for i := range 21 {
			_, err = r.Find(fmt.Sprintf("guess-%04d", i), home)
		}
		if why := tallygate.AsError(err); why.Kind != tallygate.Unauthenticated {
			t.Errorf("where keys are shown: %+v", why)
		}
		if why := tallygate.AsError(event.Throttled(err)); why.Kind != tallygate.Throttled || why.RetryAfter != 30*time.Second {
			t.Errorf("where codes are shown: %+v", why)
		}
		other := &tallygate.Error{Kind: tallygate.Forbidden}
		if event.Throttled(other) != error(other) {
			t.Error("another refusal was changed")
		}
	})
}

// A room of a hundred behind one address gets in at once; somebody who makes up names
// does not go on for ever, and gets on with those that were used. Nobody elsewhere, and no
// other event, is concerned.
func TestARoomBehindOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wide := hour("wide", "wide-event")
		wide.PerAddress = 1000
		r := registry(t, hour("workshop", "myevent2026"), hour("another", "another2026"), wide)
		in := func(form string, people int, from netip.Addr) (n int) {
			for i := range people {
				switch _, err := enter(r, fmt.Sprintf(form, i), from); code(err) {
				case "":
					n++
				case event.CodeNames:
					if why := tallygate.AsError(err); why.Kind != tallygate.Throttled || why.RetryAfter <= 0 {
						t.Errorf("%+v", why)
					}
				default:
					t.Error(err)
				}
			}
			return n
		}
		if n := in("myevent2026/person-%d", 100, home); n != 100 {
			t.Errorf("of a room of a hundred %d got in", n)
		}
		if n := in("myevent2026/made-up-%d", 1000, home); n != 50 {
			t.Errorf("of a thousand made-up names %d got in, want 50", n)
		}
		for what, n := range map[string]int{
			"the room": in("myevent2026/PERSON-%d", 100, home), "elsewhere": in("myevent2026/other-%d", 100, address(1)),
			"another event": in("another2026/person-%d", 100, home), "the code alone": in("myevent2026", 1, home) * 100,
		} {
			if n < 100 && what != "the code alone" {
				t.Errorf("%s: %d of 100", what, n)
			}
		}
		if n := in("wide-event/person-%d", 900, home); n != 900 {
			t.Errorf("of 900 where 1,000 may come from one address %d got in", n)
		}
		r = reopen(t, r.Registry, hour("workshop", "myevent2026")) // the events changed
		if n := in("myevent2026/person-%d", 100, home); n != 100 {
			t.Errorf("after a change of the events %d of the room go on", n)
		}
		time.Sleep(time.Hour)
		if n := in("myevent2026/made-up-%d", 200, home); n != 200-50+0 && n != 150 {
			t.Errorf("an hour later %d of 200", n)
		}
	})
}

// What is remembered of guessers and rooms stays bounded, and a flood of addresses lets
// nobody off who guesses on.
func TestManyAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registry(t, hour("workshop", "myevent2026"))
		for i := range 60_000 {
			guess(r, fmt.Sprintf("guess-%06d", i), address(i))
			if i%3 == 0 {
				guess(r, fmt.Sprintf("myevent2026/n%d", i), address(i))
			}
		}
		for i := range 100 {
			guess(r, fmt.Sprintf("guess-%06d", i), home)
		}
		if guess(r, "myevent2026", home) != event.CodeGuesses {
			t.Error("who guesses amid a flood of others was let off")
		}
	})
}
