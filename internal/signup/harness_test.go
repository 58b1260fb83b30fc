package signup_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/signup"
)

var secret = []byte("a secret of thirty-two characters")

// workshop is an event that is open now.
func workshop() *event.Event {
	return &event.Event{
		ID: "workshop", Code: "open-sesame", Name: "Prompt Workshop", Zone: time.UTC,
		Start: time.Now().Add(-time.Hour), End: time.Now().Add(time.Hour),
		Models: []string{"gpt-*"}, MaxTokens: tallygate.Cap{Tokens: 512},
		Organiser: event.Organiser{Name: "Ada", Email: "ada@example.com"},
	}
}

// venue is a running site before some events.
type venue struct {
	*httptest.Server
	registry *event.Registry
	door     atomic.Pointer[event.Door]
	people   *event.People
	from     netip.Addr
}

// open starts a site. change may alter its options.
func open(t testing.TB, change func(*signup.Options), events ...*event.Event) *venue {
	t.Helper()
	v := &venue{registry: event.NewRegistry(), from: netip.MustParseAddr("192.0.2.1")}
	v.reopen(t, events...)
	var err error
	if v.people, err = event.NewPeople(t.Context(), new(object.Memory), v.registry, secret); err != nil {
		t.Fatal(err)
	}
	o := signup.Options{
		Event:  func(id string) (*event.Event, bool) { return v.door.Load().Event(id) },
		People: v.people, Secret: secret,
		Find: func(credential string, from netip.Addr) (*tallygate.Identity, error) {
			return v.door.Load().Find(credential, from)
		},
		Identify: func(h http.Header, from netip.Addr) (*tallygate.Identity, error) {
			who, err := v.door.Load().Find(h.Get("Api-Key"), from)
			if who == nil && err == nil {
				err = &tallygate.Error{Kind: tallygate.Unauthenticated, Code: "401", Message: "unknown"}
			}
			return who, err
		},
		Portal: func() api.Portal { return api.Portal{Organisation: "Contoso", Help: "Ask Ada."} },
		Base:   func(r *http.Request) string { return "http://" + r.Host },
		Models: func(*event.Event) []string { return []string{"gpt-4o-mini", "text-embedding-3-small"} },
		Source: func(*http.Request) netip.Addr { return v.from },
		Live:   func(context.Context, string) (signup.Live, error) { return signup.Live{}, errors.New("no figures") },
		Report: func(context.Context, string) (signup.Report, error) { return signup.Report{}, errors.New("no figures") },
		Log:    slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	pages, attendee, door := signup.Handler(o), signup.Attendee(o), signup.Door(o)
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, signup.DoorPath) {
			door.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			attendee.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

// reopen changes the events.
func (v *venue) reopen(t testing.TB, events ...*event.Event) {
	t.Helper()
	set, err := event.NewSet(events)
	if err != nil {
		t.Fatal(err)
	}
	v.door.Store(v.registry.Door(set))
}

// browser keeps cookies, as one person's browser does.
type browser struct {
	t *testing.T
	v *venue
	http.Client
}

func (v *venue) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, v, http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

// answer is what a browser shows in the end.
type answer struct {
	status int
	header http.Header
	body   string
	path   string
}

func (b *browser) do(req *http.Request) answer {
	b.t.Helper()
	res, err := b.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body), res.Request.URL.Path}
}

func (b *browser) request(method, path, body string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.v.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	return req
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(b.request("GET", path, ""))
}

// post sends a form as a browser sends that of its own page.
func (b *browser) post(path string, form url.Values) answer {
	b.t.Helper()
	req := b.request("POST", path, form.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

// join signs up by the code.
func (b *browser) join(code, name string) answer {
	b.t.Helper()
	return b.post("/event/workshop/signup", url.Values{"code": {code}, "name": {name}})
}

var shownKey = regexp.MustCompile(`<code data-key>(tge-[a-z0-9]+)</code>`)

// key is the key that a page shows; empty for none.
func (a *answer) key() string {
	if m := shownKey.FindStringSubmatch(a.body); m != nil {
		return m[1]
	}
	return ""
}

// has fails the test for each text that the page does not hold.
func (a *answer) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			t.Errorf("the page (%d) lacks %q:\n%.2000s", a.status, s, a.body)
		}
	}
}
