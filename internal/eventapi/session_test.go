package eventapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/event"
)

// yule is an event whose times can be compared, as long as this software lives.
func yule() *event.Event {
	e := workshop()
	e.Start, e.End = time.Date(2023, 7, 1, 8, 0, 0, 5, time.UTC), time.Date(2123, 12, 24, 16, 0, 0, 0, time.UTC)
	return e
}

const eachLeft = `[{"name":"each","quantity":"requests","amount":50,"left":49,"period":"event","unit":"requests"}]`

// What the later versions told about a key, and what they did not: the window, and
// what is left. Any form of credential will do.
func TestInfo(t *testing.T) {
	s := newStage(t, yule())
	const expected = `{"is_authorized":true,"max_token_cap":512,"event_code":"My Event 2023","event_image_url":"https://example.com/logo.png",` +
		`"organizer_name":"John Smith","organizer_email":"jsmith@example.com",` +
		`"capabilities":{"openai-chat":["gpt-35-turbo","gpt-4o"],"openai-embedding":["text-embedding-3-small"]},` +
		`"event_name":"My Event 2023","event_url":"https://example.com/a?b=1&c=2","event_url_text":"Fun & <games>","event_id":"my-event",` +
		`"start":"2023-07-01T10:00:00+02:00","end":"2123-12-24T17:00:00+01:00","limits":` + eachLeft + `}`
	want(t, "POST", s.send("POST", "/api/v1/eventinfo", `"x"`, "api-key", code+"/ann"), 200, expected)
	want(t, "GET", s.send("GET", "/v1/api/eventinfo", "", "Authorization", "Bearer my-event@"+code+"/ann@example.com"), 200, expected)
	want(t, "a code alone", s.send("GET", "/api/v1/eventinfo", "", "openai-event-code", code), 200, expected)
	want(t, "a key of no event", s.send("GET", "/api/v1/eventinfo", "", "api-key", teamKey), 200,
		`{"is_authorized":true,"max_token_cap":0,"event_code":"team","event_image_url":null,"organizer_name":"","organizer_email":"",`+
			`"capabilities":{"openai-chat":["gpt-35-turbo","gpt-4o"],"openai-embedding":["text-embedding-3-small"]},`+
			`"event_name":"team","event_url":"","event_url_text":"","limits":`+eachLeft+`}`)
}

// What anybody may know about an event, in its own wall clock; nothing else of it.
func TestRegistration(t *testing.T) {
	s := newStage(t, yule(), &event.Event{ID: "bare", Code: "secret-code", Inactive: true})
	want(t, "event", s.send("GET", "/api/v1/event/my-event", ""), 200,
		`{"event_id":"my-event","event_code":"My Event 2023","event_image_url":"https://example.com/logo.png","organizer_name":"John Smith",`+
			`"organizer_email":"jsmith@example.com","event_markdown":"# Welcome","start_timestamp":"2023-07-01T10:00:00",`+
			`"end_timestamp":"2123-12-24T17:00:00","time_zone_label":"Europe/Oslo","time_zone_offset":120}`)
	want(t, "bare", s.send("GET", "/v1/api/event/%62are/", ""), 200,
		`{"event_id":"bare","event_code":"","event_image_url":null,"organizer_name":"","organizer_email":"","event_markdown":"",`+
			`"start_timestamp":"0001-01-01T00:00:00","end_timestamp":"0001-01-01T00:00:00","time_zone_label":"UTC","time_zone_offset":0}`)
	for _, id := range []string{"none", code, "my-event%00", "%F0%28", "my%2Fevent", "MY-EVENT"} {
		want(t, id, s.send("GET", "/api/v1/event/"+id, ""), 404, `"Event not found."`)
	}
}

// What a playground asks when somebody signs in.
func TestSession(t *testing.T) {
	s := newStage(t, yule())
	models := `[{"name":"text-embedding-3-small","kind":"embedding","capabilities":[],"context":8191,"max_output":0,"regions":["eastus2"]},` +
		`{"name":"gpt-4o","kind":"chat","capabilities":["stream","vision"],"context":128000,"max_output":16384,"regions":[]},` +
		`{"name":"gpt-35-turbo","kind":"chat","capabilities":[],"context":0,"max_output":0,"regions":[]}]`
	server := `{"name":"Tallygate","version":"1.2.3","endpoint":"http://gateway.example:8080"}`
	want(t, "of an event", s.send("GET", "http://gateway.example:8080/api/v1/session", "", "api-key", code+"/Ann"), 200,
		`{"caller":"event/my-event/ann","attendee":"ann","name":"","event":{"id":"my-event","name":"My Event 2023","url":"https://example.com/a?b=1&c=2",`+
			`"url_text":"Fun & <games>","image":"https://example.com/logo.png","start":"2023-07-01T10:00:00+02:00","end":"2123-12-24T17:00:00+01:00",`+
			`"zone":"Europe/Oslo","organizer_name":"John Smith","organizer_email":"jsmith@example.com","prompts":[],"system_message":""},"max_tokens":512,"allow":[],`+
			`"models":`+models+`,"limits":`+eachLeft+`,"server":`+server+`}`)
	want(t, "of a team", s.send("GET", "http://gateway.example:8080/api/v1/session", "", "Authorization", "Bearer "+teamKey), 200,
		`{"caller":"team","attendee":"","name":"","event":null,"max_tokens":null,"allow":["tools","images","files","data_sources"],"models":`+models+`,"limits":`+eachLeft+`,"server":`+server+`}`)
	e := yule()
	e.Prompts = []event.Prompt{{Title: "<img src=x>", Text: "Say \"שלום\"\n</script>"}, {Title: "\u200fשיר", Text: "x"}}
	e.SystemMessage = "</script><script>alert(1)</script>"
	var got struct {
		Event struct {
			Prompts       []event.Prompt `json:"prompts"`
			SystemMessage string         `json:"system_message"`
		} `json:"event"`
	}
	body := newStage(t, e).send("GET", "http://gateway.example/api/v1/session", "", "api-key", code+"/Ann").Body.Bytes()
	if err := json.Unmarshal(body, &got); err != nil || !slices.Equal(got.Event.Prompts, e.Prompts) || got.Event.SystemMessage != e.SystemMessage {
		t.Errorf("with suggestions: %v %s", err, body)
	}
	w := s.send("GET", "http://gateway.example/api/v1/session", "", "api-key", teamKey, "X-Forwarded-Proto", "https")
	if !strings.Contains(w.Body.String(), `"endpoint":"https://gateway.example"`) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("behind TLS: %v %s", w.Header(), w.Body)
	}
}

// A person with a right key to a closed event is told why and when; one with a wrong
// key is told neither.
func TestSessionRefusals(t *testing.T) {
	day := func(id string, start, end int) *event.Event {
		from := time.Now().AddDate(0, 0, start).Truncate(time.Second).UTC()
		return &event.Event{ID: id, Code: id + "-code", Name: "The " + id, Start: from, End: from.AddDate(0, 0, end-start), Inactive: id == "closed"}
	}
	s := newStage(t, day("future", 1, 2), day("past", -2, -1), day("closed", -1, 1), day("open", -1, 1))
	secret := []byte("a secret of the attendees' keys, 32")
	ann := &event.Attendee{Event: "open", ID: "ann", Revoked: true}
	s.events.Admit(secret, ann)
	f := func(key, errorCode, named string) {
		t.Helper()
		for _, path := range []string{"/api/v1/session", "/api/v1/eventinfo"} {
			w := s.send("GET", path, "", "api-key", key)
			var body struct {
				Error struct {
					Code, Message, Type string
					Event               *struct {
						Name       string
						Start, End time.Time
					}
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 401 || body.Error.Code != errorCode || body.Error.Message == "" {
				t.Errorf("%s of %.20q: %d %s, want %s", path, key, w.Code, w.Body, errorCode)
			}
			e := body.Error.Event
			switch {
			case named == "" && e == nil:
			case named == "" || e == nil || e.Name != "The "+named || !e.End.After(e.Start):
				t.Errorf("%s of %.20q tells of %+v, want %q", path, key, e, named)
			}
		}
	}
	f("future-code", "EventNotStarted", "future")
	f("past-code/ann", "EventEnded", "past")
	f("closed@closed-code/ann", "EventInactive", "closed")
	f(ann.Key(secret), "EventKeyRevoked", "open")
	f("wrong-code", "401", "")
	f(`x' or RowKey gt '`, "401", "")
	f("\x00%\"", "401", "")
	f("", "401", "")
	f(strings.Repeat("%", 1<<20), "401", "")
	for i := range 100 {
		if w := s.send("GET", "/api/v1/session", "", "api-key", fmt.Sprintf("wrong-code-%d", i)); w.Code == 429 {
			if w.Header().Get("Retry-After-Ms") != "30000" || !strings.Contains(w.Body.String(), `"code":"TooManyGuesses"`) {
				t.Errorf("%v %s", w.Header(), w.Body)
			}
			return
		}
	}
	t.Error("a hundred guesses were answered")
}

// Each route has its methods; others are told which.
func TestMethods(t *testing.T) {
	s := newStage(t, workshop())
	for path, allow := range map[string]string{
		"/api/eventinfo": "POST", "/api/oai_prompt": "POST", "/v1/api/playground": "POST", "/api/playground": "POST",
		"/api/v1/eventinfo": "GET, HEAD, POST", "/api/v1/session": "GET, HEAD", "/api/v1/event/my-event": "GET, HEAD",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "brew"} {
			w := s.send(method, path, helloBody, "openai-event-code", code)
			switch allowed := strings.Contains(allow, method); {
			case allowed && w.Code != 200:
				t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
			case method == "OPTIONS" && (w.Code != 204 || w.Header().Get("Allow") != allow):
				t.Errorf("%s %s: %d %v", method, path, w.Code, w.Header())
			case !allowed && method != "OPTIONS":
				want(t, method+" "+path, w, 405, `{"detail":"Method Not Allowed"}`)
				if w.Header().Get("Allow") != allow {
					t.Errorf("%s %s: Allow %q", method, path, w.Header().Get("Allow"))
				}
			}
		}
	}
	for _, path := range []string{"/api", "/api/", "/api/nothing", "/api/eventinfo/x", "/", "/openai/deployments/d/chat/completions", "/API/eventinfo"} {
		want(t, path, s.send("POST", path, "", "openai-event-code", code), 404, `{"detail":"Not Found"}`)
	}
	if len(s.asked) != 3 { // those that prompt
		t.Errorf("%d requests were asked on", len(s.asked))
	}
}
