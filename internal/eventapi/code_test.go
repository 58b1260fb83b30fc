package eventapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

// The first version's answer about an event, member by member.
func TestFirstInfo(t *testing.T) {
	s := newStage(t, workshop())
	w := s.send("POST", "/api/eventinfo", `"myevent2022"`, "openai-event-code", code)
	want(t, "eventinfo", w, 200, `{"is_authorized":true,"max_token_cap":512,"event_name":"My Event 2023",`+
		`"event_url":"https://example.com/a?b=1&c=2","event_url_text":"Fun & <games>"}`)

	e := workshop()
	e.MaxTokens, e.URL, e.URLText = tallygate.Cap{}, "", ""
	w = newStage(t, e).send("POST", "/api/eventinfo/", "", "openai-event-code", code)
	want(t, "without cap and link", w, 200, `{"is_authorized":true,"max_token_cap":4000,"event_name":"My Event 2023","event_url":"","event_url_text":""}`)
}

// Codes have 6 to 20 characters without those that a row key may not have; every other
// credential is refused with the one text, on both routes, and nothing is asked.
func TestCodes(t *testing.T) {
	named := func(id, code string, start, end time.Duration, inactive bool) *event.Event {
		return &event.Event{ID: id, Code: code, Start: time.Now().Add(start), End: time.Now().Add(end), Inactive: inactive}
	}
	secret := []byte("a secret of the attendees' keys, 32")
	ann := &event.Attendee{Event: "my-event", ID: "ann"}
	for sent, status := range map[string]int{
		code: 200, "sixsix": 200, "exactly-20-character": 200, "it's 100% <ok>": 200,
		"": 401, "MYEVENT2022": 401, "myevent2023": 401, "fives": 401, "exactly-21-characters": 401,
		`my\event2022`: 401, "my/event2022": 401, "my#event2022": 401, "my?event2022": 401, "my\tevent2022": 401,
		"myevent2022\x00": 401, "myévent2022": 401, "x' or RowKey gt '": 401, "%6dyevent2022": 401, strings.Repeat("x", 1<<20): 401,
		"tomorrow": 401, "yesterday": 401, "inactive": 401,
		"myevent2022/ann": 401, "my-event@myevent2022/ann": 401, teamKey: 401, ann.Key(secret): 401,
	} {
		s := newStage(t, workshop(), named("six", "sixsix", -1, time.Hour, false), named("twenty", "exactly-20-character", -1, time.Hour, false),
			named("odd", "it's 100% <ok>", -1, time.Hour, false),
			named("tomorrow", "tomorrow", time.Hour, 2*time.Hour, false), named("yesterday", "yesterday", -2*time.Hour, -time.Hour, false),
			named("inactive", "inactive", -1, time.Hour, true))
		s.events.Admit(secret, ann)
		for _, path := range []string{"/api/eventinfo", "/api/oai_prompt"} {
			w := s.send("POST", path, helloBody, "openai-event-code", sent)
			if w.Code != status {
				t.Errorf("%s with %.30q: %d %s, want %d", path, sent, w.Code, w.Body, status)
			}
			if status == 401 {
				want(t, path, w, 401, unauthorized)
			}
		}
		if status == 401 && len(s.asked) > 0 {
			t.Errorf("%.30q was asked on", sent)
		}
	}
	// Only its own header counts there.
	want(t, "the code as api-key", newStage(t, workshop()).send("POST", "/api/eventinfo", "", "api-key", code), 401, unauthorized)
}

// A window counts on every call, in the middle of an event as at its end.
func TestWindowAtEveryCall(t *testing.T) {
	e := workshop()
	s := newStage(t, e)
	if w := s.prompt(helloBody); w.Code != 200 {
		t.Fatal(w.Body)
	}
	ended := *e
	ended.End = time.Now().Add(-time.Second)
	set, err := event.NewSet([]*event.Event{&ended})
	if err != nil {
		t.Fatal(err)
	}
	s.events.Set = set // the stage's functions are those of the door
	want(t, "after its end", s.prompt(helloBody), 401, unauthorized)
	// An event that ends between our look and the line's is refused in the same words.
	s = newStage(t, e)
	s.refuses(401, lineError("EventEnded", "The event has ended."))
	want(t, "ended in between", s.prompt(helloBody), 401, unauthorized)
}

// Who guesses codes is told to wait, and nothing about the codes.
func TestGuesses(t *testing.T) {
	s := newStage(t, workshop())
	for i := range 100 {
		w := s.send("POST", "/api/eventinfo", "", "openai-event-code", fmt.Sprintf("wrong-code-%d", i))
		if w.Code == 429 {
			if w.Header().Get("Retry-After") != "30" || !strings.Contains(w.Body.String(), `{"detail":"Too many wrong codes`) {
				t.Errorf("%v %s", w.Header(), w.Body)
			}
			right := s.send("POST", "/api/eventinfo", "", "openai-event-code", code)
			if right.Code != 429 {
				t.Errorf("a right code after too many guesses: %d", right.Code)
			}
			return
		}
		want(t, "a guess", w, 401, unauthorized)
	}
	t.Error("a hundred guesses were answered")
}
