package app_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// workshop is an events section with one event that is open for an hour; members are
// further keys of it.
func workshop(members ...string) string {
	now := time.Now().UTC()
	return fmt.Sprintf("events:\n  - {name: Workshop, code: workshop2026, start: %s, end: %s%s}\n",
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339),
		strings.Join(append([]string{""}, members...), ", "))
}

// Somebody with an event's code and a name is a caller like any other: held to the
// event's models, cap and limits, and by name in the ledger.
func TestAnEvent(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]", "max_tokens: 20", "limits: [{requests: 2, per: event, each: attendee}]"))
	ask := func(path, key string) answer { return g.post(path, chat("[[tokens=90]]"), "Api-Key", key) }
	a := ask(chatPath, "workshop2026/Ann")
	if n := completionTokens(t, a); n != 20 {
		t.Errorf("%d tokens under a cap of 20", n)
	}
	if name := a.header.Get("X-Tallygate-Deployment"); !strings.HasSuffix(name, "/gpt-4o") {
		t.Errorf("deployment %q", name)
	}
	refusedWith(t, ask(strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1), "workshop2026/Ann"), 403, "ModelNotAllowed")
	if a := ask(chatPath, "workshop@workshop2026/ann"); a.status != 200 {
		t.Error("the second of two: ", a.body)
	}
	refusedWith(t, ask(chatPath, "workshop2026/ann"), 429, "insufficient_quota")
	if a := ask(chatPath, "workshop2026/bob"); a.status != 200 {
		t.Error("somebody else: ", a.body)
	}
	refusedWith(t, ask(chatPath, "workshop2027/ann"), 401, "401")
	e := g.entries()[0]
	if e.Event != "workshop" || e.Attendee != "ann" || e.Caller != "event/workshop/ann" || !e.Counted {
		t.Errorf("recorded as %+v", e)
	}
}

// Who asks for more than is left is told how much would fit, and that much does; of a
// limit that all share no figure is told.
func TestAdvice(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]", "limits: [{tokens: 700, per: event, each: attendee}, {name: all, tokens: 1500, per: event}]"))
	ask := func(who string, most int) answer {
		return g.post(chatPath, chat("[[tokens=90]]", fmt.Sprintf(`"max_tokens":%d`, most)), "Api-Key", "workshop2026/"+who)
	}
	if a := ask("ann", 100); a.status != 200 {
		t.Fatal(a.body)
	}
	settled := func() {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); g.metric(`tallygate_limit_held{limit="all"`) != 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("something is still held")
			}
		}
	}
	settled()
	a := ask("ann", 600)
	refusedWith(t, a, 429, "insufficient_quota")
	_, text, _ := strings.Cut(a.body, "With a max_tokens of up to ")
	n, err := strconv.Atoi(strings.SplitN(text, " ", 2)[0])
	if err != nil || n < 400 || n > 600 {
		t.Fatalf("advice in %s", a.body)
	}
	if a := ask("ann", n); a.status != 200 {
		t.Errorf("as much as was said: %d %s", a.status, a.body)
	}
	for _, who := range []string{"bob", "carl", "dora", "eve", "finn", "gus", "hal", "ida", "joe", "kim"} {
		settled()
		if a = ask(who, 600); a.status != 200 {
			break
		}
	}
	if !strings.Contains(a.body, `the limit \"all\" (1500 tokens for the event)`) && !strings.Contains(a.body, `The limit \"all\" (1500 tokens for the event)`) ||
		!strings.Contains(a.body, "With a smaller max_tokens it may fit.") || strings.Contains(a.body, "are left") {
		t.Errorf("of a limit that all share: %d %s", a.status, a.body)
	}
}

// An event that was made inactive refuses at once and says so; the other reasons are
// told apart in the registry's own tests, in virtual time.
func TestAnInactiveEvent(t *testing.T) {
	g := startGateway(t, three(), workshop())
	open := *g.config.Load()
	reload := func(config string) {
		t.Helper()
		g.configure(config)
		if err := g.app.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	ask := func() answer { return g.post(chatPath, chat("hi"), "Api-Key", "workshop2026/ann") }
	if a := ask(); a.status != 200 {
		t.Fatal(a.body)
	}
	reload(strings.Replace(open, "code: workshop2026", "code: workshop2026, active: false", 1))
	a := ask()
	refusedWith(t, a, 401, "EventInactive")
	if strings.Contains(a.body, "workshop2026") {
		t.Errorf("the refusal shows the code: %s", a.body)
	}
	reload(open)
	if a := ask(); a.status != 200 {
		t.Error(a.body)
	}
}

// An organiser makes an event while the gateway runs: it counts for the next request,
// with its limits, survives a restart, changes at once and ends when it is deleted;
// what is wrong with one is told and nothing is changed.
func TestStoredEvents(t *testing.T) {
	g := startGateway(t, three(), workshop())
	now := time.Now().UTC()
	body := fmt.Sprintf(`{"name":"Hackathon","code":"hackathon26","start":%q,"end":%q,"max_tokens":30,
		"models":["gpt-4o"],"limits":[{"requests":2,"per":"event","each":"attendee"}]}`,
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339))
	ask := func() answer { return g.post(chatPath, chat("[[tokens=90]]"), "Api-Key", "hackathon26/ann") }
	refusedWith(t, ask(), 401, "401")
	if a := g.control("PUT", "/admin/v1/events/hack", body); a.status != 201 || !strings.Contains(a.body, `"state":"open"`) || !strings.Contains(a.body, "names behind a shared code are unproven") {
		t.Fatal(a.status, a.body)
	}
	if n := completionTokens(t, ask()); n != 30 {
		t.Errorf("%d tokens under a cap of 30", n)
	}
	g.stop()
	g.start()
	if a := ask(); a.status != 200 {
		t.Error("the second of two, after a restart:", a.body)
	}
	refusedWith(t, ask(), 429, "insufficient_quota")
	for _, wrong := range []string{
		strings.Replace(body, "hackathon26", "workshop2026", 1), // the code of the file's event
		strings.Replace(body, "gpt-4o", "gpt-9", 1), `{"name":"x"}`, `[`, strings.Replace(body, "each", "eech", 1),
	} {
		if a := g.control("PUT", "/admin/v1/events/hack", wrong, "If-Match", "*"); a.status != 400 {
			t.Errorf("%.80s: %d %s", wrong, a.status, a.body)
		}
	}
	for _, code := range []string{"hackathon26", "HACKATHON26"} { // of another stored event, or so near that one slips into it
		if a := g.control("PUT", "/admin/v1/events/second", strings.Replace(body, "hackathon26", code, 1)); a.status != 400 || strings.Contains(a.body, code) {
			t.Errorf("the code %s twice: %d %s", code, a.status, a.body)
		}
	}
	if a := g.control("GET", "/admin/v1/prices", ""); !strings.Contains(a.body, `"models":["gpt-4o","gpt-4o-mini","text-embedding-3-small"]`) {
		t.Errorf("models that can have prices: %.300s", a.body)
	}
	if a := g.control("PUT", "/admin/v1/events/hack", body); a.status != 409 {
		t.Errorf("made twice: %d %s", a.status, a.body)
	}
	if a := g.control("PUT", "/admin/v1/events/workshop", body); a.status != 409 {
		t.Errorf("the file's event was changed: %d %s", a.status, a.body)
	}
	if a := g.control("PUT", "/admin/v1/events/hack", strings.Replace(body, `"requests":2`, `"requests":3`, 1), "If-Match", "*"); a.status != 200 {
		t.Fatal(a.status, a.body)
	}
	if a := ask(); a.status != 200 {
		t.Error("the third of three:", a.body)
	}
	refusedWith(t, ask(), 429, "insufficient_quota")
	if a := g.control("DELETE", "/admin/v1/events/hack", ""); a.status != 204 {
		t.Fatal(a.status, a.body)
	}
	refusedWith(t, ask(), 401, "401")
	if a := g.do("GET", "/admin/v1/events", ""); a.status == 200 {
		t.Error("the data side lists events")
	}
	if a := g.control("GET", "/admin/v1/events", "", "Authorization", "Bearer "+teamKey); a.status != 401 {
		t.Errorf("a caller lists events: %d", a.status)
	}
}

// What an event allows beyond prompts is nothing unless it says so; each way of making
// one keeps it, and the attendee is told.
func TestWhatAnEventAllows(t *testing.T) {
	g := startGateway(t, three(), workshop("allow: [images, tools]"))
	now := time.Now().UTC()
	for id, allow := range map[string]string{"stored": `,"allow":["data_sources"]`, "bare": ``} {
		g.must(201, "PUT", "/admin/v1/events/"+id, fmt.Sprintf(`{"name":%q,"code":"code-%s","start":%q,"end":%q%s}`,
			id, id, now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339), allow))
	}
	for key, want := range map[string]string{
		"workshop2026/ann": `"allow":["tools","images"]`, "code-stored/ann": `"allow":["data_sources"]`, "code-bare/ann": `"allow":[]`,
		teamKey: `"allow":["tools","images","files","data_sources"]`,
	} {
		if a := g.do("GET", "/api/v1/session", "", "Api-Key", key); a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s, want %s", key, a.status, a.body, want)
		}
	}
	if a := g.control("GET", "/admin/v1/events/workshop", ""); !strings.Contains(a.body, `"allow":["tools","images"]`) {
		t.Error(a.body)
	}
}

// The admin side tells all of an event, also of one from the file, and where its data
// side is reached: on the machine that was named, when it listens on all addresses.
func TestWhatTheAdminSideTells(t *testing.T) {
	g := startGateway(t, three(), workshop("seats: 9", "models: ['gpt-4*']", "domains: [contoso.com]", "roster: [ann]",
		"markdown: Welcome", "url: https://example.com/a", "url_text: More", "organizer: {name: Ann, email: ann@example.com}", "forget_after: 30",
		"prompts: [{title: Hi, text: Say hi}]", "system_message: Be brief"))
	a := g.control("GET", "/admin/v1/events/workshop", "")
	for _, want := range []string{
		`"origin":"file"`, `"code":"workshop2026"`, `"seats":9`, `"models":["gpt-4*"]`, `"chat":"gpt-4o"`, `"domains":["contoso.com"]`, `"roster":["ann"]`,
		`"markdown":"Welcome"`, `"url":"https://example.com/a"`, `"url_text":"More"`, `"organizer":{"name":"Ann","email":"ann@example.com"}`,
		`"prompts":[{"title":"Hi","text":"Say hi"}]`, `"system_message":"Be brief"`, `"forget_after":30`, `"base":"` + g.url + `"`, `"page":"/event/workshop"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s is not in %s", want, a.body)
		}
	}
	g.stop()
	g.configure(strings.Replace(*g.config.Load(), "listen: 127.0.0.1:0", "listen: 0.0.0.0:0", 1))
	g.start()
	_, port, err := net.SplitHostPort(g.app.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if a := g.control("GET", "/admin/v1/events", ""); !strings.Contains(a.body, `"base":"http://127.0.0.1:`+port+`"`) {
		t.Errorf("port %s of all addresses: %s", port, a.body)
	}
}

// The names of attendees are forgotten when their time has come, and all of them with
// a deleted event; what they used stays on record.
func TestForgetting(t *testing.T) {
	g := startGateway(t, three(), "")
	now := time.Now().UTC()
	body := func(end time.Time) string {
		return fmt.Sprintf(`{"name":"Past","code":"past-event-1","start":%q,"end":%q,"forget_after":7}`, now.AddDate(0, -1, 0).Format(time.RFC3339), end.Format(time.RFC3339))
	}
	g.must(201, "PUT", "/admin/v1/events/past", body(now.Add(time.Hour)))
	if a := g.do("POST", "/event/past/signup", "code=past-event-1&name=ann@example.com", "Api-Key", "", "Origin", g.url,
		"Content-Type", "application/x-www-form-urlencoded"); a.status != 303 {
		t.Fatal(a.status, a.body)
	}
	people := func() string { t.Helper(); return g.must(200, "GET", "/admin/v1/events/past/attendees", "").body }
	if !strings.Contains(people(), "ann@example.com") {
		t.Fatal(people())
	}
	g.must(200, "PUT", "/admin/v1/events/past", body(now.AddDate(0, 0, -8)), "If-Match", "*")
	g.stop()
	g.start() // it looks at every start, and every hour
	for deadline := time.Now().Add(10 * time.Second); strings.Contains(people(), "ann@example.com"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("eight days after the end the name is still there")
		}
	}
	g.must(204, "DELETE", "/admin/v1/events/past", "")
	g.must(201, "PUT", "/admin/v1/events/past", body(now.Add(time.Hour)))
	if strings.Contains(people(), "p-") {
		t.Errorf("attendees of the event of before: %s", people())
	}
}
