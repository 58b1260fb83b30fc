//go:build linux

package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// onSmallDisk starts a gateway whose data is on a disk of 24 MB of its own, and returns
// it with what fills the disk and what makes room again.
func onSmallDisk(t *testing.T, extra string) (g *gateway, fill, empty func()) {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	g = startGateway(t, three(), extra)
	g.stop()
	g.configure(dataIn(*g.config.Load(), g.dir, dir))
	g.dir = dir
	g.start()
	filler := filepath.Join(dir, "filler")
	fill = func() {
		f, err := os.OpenFile(filler, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		for chunk := make([]byte, 4096); err == nil; {
			_, err = f.Write(chunk)
		}
		f.Close()
	}
	return g, fill, func() { os.Remove(filler) }
}

// While the disk is full nothing that people change is taken: they are told so, in the
// shape of the side they asked, without the gateway's insides, and what they had stays as
// it was. With room again all goes on without a restart.
func TestDiskFullUnderChanges(t *testing.T) {
	g, fill, empty := onSmallDisk(t, strings.NewReplacer("Workshop", "Party", "workshop2026", "party-people").Replace(workshop()))
	client := &http.Client{Transport: http.DefaultTransport}
	amount := 1_000_000
	putLimit := func() answer {
		a := g.control("PUT", "/admin/v1/limits/one", fmt.Sprintf(`{"requests":%d,"per":"year"}`, amount+1), "If-Match", "*")
		if a.status == 200 {
			amount++
		}
		return a
	}
	g.must(201, "PUT", "/admin/v1/limits/one", fmt.Sprintf(`{"requests":%d,"per":"year"}`, amount))
	g.must(201, "PUT", "/admin/v1/events/own", party("own-party"))
	ann := newGuest(client)
	join := func(b *guest, name string) answer {
		t.Helper()
		a, err := b.signUp(g.url, "party", "party-people", name)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	keyOf := func(b *guest) string {
		t.Helper()
		key, err := b.key(g.url, "party")
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	if a := join(ann, "ann"); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	key := keyOf(ann)
	fill()

	var refused answer
	for n := 0; n < 5000 && refused.status == 0; n++ { // until the room that the database still has is used up
		if n%100 == 0 {
			fill()
		}
		if a := putLimit(); a.status != 200 {
			refused = a
		}
	}
	told := func(what string, a answer) {
		t.Helper()
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: answered %d %v %.300s", what, a.status, a.header, a.body)
		}
		for _, inside := range []string{"goroutine", "SQLITE", "sqlite", g.dir, "panic"} {
			if strings.Contains(a.body, inside) {
				t.Errorf("%s: tells %q: %.300s", what, inside, a.body)
			}
		}
	}
	told("a limit", refused)
	if refused.code() != "StorageUnavailable" || refused.message() == "" {
		t.Errorf("refused with %s", refused.body)
	}
	told("another limit", g.control("PUT", "/admin/v1/limits/two", `{"requests":1,"per":"year"}`))
	told("prices", g.control("PUT", "/admin/v1/prices/own", "currency: USD\nprices: [{model: gpt-4o, prompt: 1, completion: 1}]"))
	told("an event", g.control("PUT", "/admin/v1/events/other", party("other-party")))
	told("a deletion", g.control("DELETE", "/admin/v1/limits/one", ""))
	bob := newGuest(client)
	told("signing up", join(bob, "bob"))
	if len(bob.cookies) > 0 {
		t.Error("who was not signed up has a session")
	}
	for _, form := range []string{"renew", "leave"} {
		a, err := ann.do("POST", g.url, "/event/party/"+form, "")
		if err != nil {
			t.Fatal(err)
		}
		told(form, a)
	}
	if a, err := ann.do("DELETE", g.url, "/api/v1/attendee/event/party/register", "", "Origin", g.url); err != nil {
		t.Fatal(err)
	} else {
		told("leaving by the API", a)
	}

	empty()
	if now := keyOf(ann); now != key {
		t.Errorf("the key became %q, was %q", now, key)
	}
	for limit := time.Now().Add(10 * time.Second); g.post(chatPath, chat("hi")).status != 200; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("with room again it still refuses")
		}
	}
	if a := g.post(chatPath, chat("hi"), "Api-Key", key); a.status != 200 {
		t.Errorf("the key of before is answered %d %s", a.status, a.body)
	}
	if l := g.limits(""); len(l) != 1 || l[0].Amount != float64(amount) {
		t.Errorf("limits %+v, want one of %d", l, amount)
	}
	if a := putLimit(); a.status != 200 {
		t.Errorf("with room again a limit is answered %d %s", a.status, a.body)
	}
	if a := join(bob, "bob"); a.status != http.StatusSeeOther || keyOf(bob) == "" {
		t.Errorf("with room again signing up is answered %d %s", a.status, a.body)
	}
	if a := g.control("GET", "/admin/v1/events/other", ""); a.status != 404 {
		t.Errorf("the event that was refused: %d %s", a.status, a.body)
	}
	if strings.Contains(g.logs.String(), "panic") {
		t.Error("something panicked")
	}
}

// A response in the background that began with room on the disk and ends without: whoever
// asks for it is refused or told, and with room again, and after a restart, counters and
// ledger agree, and it is there once.
func TestDiskFullBetweenIntentAndSettlement(t *testing.T) {
	for _, onError := range []string{"refuse", "serve"} {
		t.Run(onError, func(t *testing.T) {
			g, fill, empty := onSmallDisk(t, teamLimits("{name: budget, tokens: 1M, per: ever}")+"ledger: {on_error: "+onError+"}\n")
			var ids []string
			begin := func() {
				t.Helper()
				a := g.post(v1Path+"responses", `{"model":"gpt-4o","max_output_tokens":700,"background":true,"input":"hi"}`)
				if a.status != 200 {
					t.Fatal(a.status, a.body)
				}
				_, id, _ := strings.Cut(a.body, `"id":"`)
				id, _, _ = strings.Cut(id, `"`)
				ids = append(ids, id)
			}
			begin()
			fill()
			refused := false
			for n := 0; n < 60_000 && !refused; n++ { // until the journal's own room is used up
				refused = g.post(chatPath, chat("Hello", `"max_tokens":5`)).status == 503
				if onError == "serve" && n%50 == 0 {
					refused = g.metric("tallygate_ledger_refused_intents_total") > 0
				}
			}
			if !refused {
				t.Fatal("the disk is not full")
			}
			ended := func(id string) answer { return g.do("GET", v1Path+"responses/"+id, "") }
			for within := time.Now().Add(2 * time.Second); time.Now().Before(within); time.Sleep(50 * time.Millisecond) {
				if a := ended(ids[0]); strings.Contains(a.body, `"completed"`) {
					break
				}
			}
			empty()
			for within := time.Now().Add(10 * time.Second); g.app.Ready() != nil; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(within) {
					t.Fatal("with room again it is not ready")
				}
			}
			for within := time.Now().Add(10 * time.Second); !strings.Contains(ended(ids[0]).body, `"completed"`); time.Sleep(50 * time.Millisecond) {
				if time.Now().After(within) {
					t.Fatal("it does not end")
				}
			}
			spent := g.calm()["spent budget"]
			g.stop()
			g.start() // what could not be written counts at its hold
			after := g.gauges()["spent budget"]
			g.stop()
			sum, there := int64(0), 0
			for _, e := range readLedger(t, g.dir) {
				sum += e.Usage.Total
				if e.Ask.Operation == "responses" {
					there++
					if e.Usage.Source != tallygate.Exact && onError == "refuse" {
						t.Errorf("%+v", e.Usage)
					}
				}
			}
			if there != 1 || after != float64(sum) || onError == "refuse" && after != spent {
				t.Errorf("it is there %d times; the counters had %v, the ledger has %d, the counters after a restart %v", there, spent, sum, after)
			}
		})
	}
}

// Uploads on their way leave room on the disk for what must be written.
func TestUploadsLeaveRoomOnTheDisk(t *testing.T) {
	g, _, _ := onSmallDisk(t, "body_memory: 16MB\n")
	body, to := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", g.url+v1Audio, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Api-Key", teamKey)
	req.Header.Set("Content-Type", form)
	go func() {
		if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
			res.Body.Close()
		}
	}()
	head, _, _ := strings.Cut(formOf("model", "gpt-4o", "@file", "CONTENT"), "CONTENT")
	io.WriteString(to, head)
	sent := 0
	for chunk := make([]byte, 64<<10); sent < 24<<20 && g.metric("tallygate_body_disk_bytes") < 20<<20; sent += len(chunk) {
		done := make(chan error, 1)
		go func() { _, err := to.Write(chunk); done <- err }()
		select {
		case err := <-done:
			if err != nil {
				sent = 24 << 20
			}
		case <-time.After(2 * time.Second): // it is streamed, and nobody takes more
			sent = 24 << 20
		}
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(g.dir, &s); err != nil {
		t.Fatal(err)
	}
	if taken := g.metric("tallygate_body_disk_bytes"); taken < 1<<20 || int64(s.Bavail)*s.Bsize < 5<<20 {
		t.Errorf("uploads take %v of the disk and leave %d", taken, int64(s.Bavail)*s.Bsize)
	}
	g.must(201, "PUT", "/admin/v1/limits/one", `{"requests":1000000,"per":"year"}`)
	if a := g.post(chatPath, chat("Hello")); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	to.CloseWithError(io.ErrUnexpectedEOF)
}
