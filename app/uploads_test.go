package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// formOf writes a form: names and values by turns, with files where a name begins with @.
func formOf(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		name, file := strings.CutPrefix(pairs[i], "@")
		fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=%q", name)
		if file {
			b.WriteString("; filename=\"talk.mp3\"\r\nContent-Type: audio/mpeg")
		}
		b.WriteString("\r\n\r\n" + pairs[i+1] + "\r\n")
	}
	return b.String() + "--x--\r\n"
}

// upload posts a form.
func (g *gateway) upload(key, path, body string) answer {
	g.t.Helper()
	return g.do("POST", path, body, "Api-Key", key, "Content-Type", form)
}

const v1Audio = "/openai/v1/audio/transcriptions"

// An upload that one deployment has no room for is sent to the next, byte for byte,
// however large it is.
func TestUploadsFailOver(t *testing.T) {
	for _, size := range []int{5, 200_000, 3_000_000} {
		body := formOf("@file", strings.Repeat("\x00\r\n-", size/4), "model", "whisper")
		var calls atomic.Int64
		g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
			got, _ := io.ReadAll(r.Body)
			if calls.Add(1) == 1 || string(got) != body {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, "")
		if a := g.upload(teamKey, uploadPath, body); a.status != 200 {
			t.Errorf("%d bytes after a throttled deployment: %d %s", size, a.status, a.body)
		}
		if e := g.one(); e.Attempts != 2 || e.Ask.BodyBytes != int64(len(body)) {
			t.Errorf("%d attempts, %d bytes", e.Attempts, e.Ask.BodyBytes)
		}
	}
}

// The bytes of a file are no tokens of a prompt.
func TestFilesAreNoPrompt(t *testing.T) {
	g := startBefore(t, usage(10), "callers:\n  - {name: team, key: "+teamKey+", limits: [{tokens: 1M, per: minute}]}\n")
	body := formOf("@file", strings.Repeat("\xff\xfb\x90d", 750_000), "model", "whisper")
	if a := g.upload(teamKey, uploadPath, body); a.status != 200 {
		t.Errorf("3 MB of sound: %d %s", a.status, a.body)
	}
}

// The model of a form is read, wherever it stands, checked and mapped like that of a
// JSON body.
func TestFormsNameModels(t *testing.T) {
	var got atomic.Value
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(r.URL.Path + " " + string(body))
	}, "")
	text := *g.config.Load()
	g.configure(strings.ReplaceAll(text, "{name: gpt-4o-mini}", "{name: hearing, model: gpt-4o-mini}"))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	for _, pairs := range [][]string{{"@file", "abc", "model", "%s"}, {"model", "%s", "@file", "abc"}} {
		body := formOf(pairs...)
		if a := g.upload(otherKey, v1Audio, fmt.Sprintf(body, "gpt-4o-mini")); a.status != 200 {
			t.Errorf("a model of one's own: %d %s", a.status, a.body)
		}
		if want := fmt.Sprintf(body, "hearing"); !strings.HasSuffix(got.Load().(string), want) {
			t.Errorf("upstream reads %q", got.Load())
		}
		if a := g.upload(otherKey, v1Audio, fmt.Sprintf(body, "gpt-4o")); a.status != 403 {
			t.Errorf("another's model: %d %s", a.status, a.body)
		}
		if a := g.upload(otherKey, v1Audio, fmt.Sprintf(body, "gpt-4o-mini")+"x"); a.status != 400 || a.code() != "InvalidForm" {
			t.Errorf("a broken form: %d %s", a.status, a.body)
		}
	}
}
