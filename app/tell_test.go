package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// told are the headers that tell how an answer came about.
func told(a answer) string {
	var out []string
	for _, name := range []string{"Model", "Fallback", "Attempts", "Wait-Ms", "Deployment"} {
		if v := a.header.Get("X-Tallygate-" + name); v != "" {
			out = append(out, strings.ToLower(name)+"="+v)
		}
	}
	return strings.Join(out, " ")
}

// An answer that came the usual way tells nothing of it; one by another deployment tells
// the attempts, one by a fallback that and the model, on streams and refusals too; and
// the deployment is named to whom it is no secret. A fallback is the operator's word: it
// serves callers that may not ask for it, and tells them so.
func TestAnswersTellTheirWay(t *testing.T) {
	var full atomic.Pointer[string] // what refuses: a part of the path
	none := "nothing"
	full.Store(&none)
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Tallygate-Model", "the upstream's own")
		if strings.Contains(r.URL.Path, *full.Load()) {
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(429)
			return
		}
		fmt.Fprint(w, `{"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}`)
	}, fmt.Sprintf("models:\n  gpt-4o: {fallback: [gpt-4o-mini], aliases: [gpt4]}\ngroups: [{name: product, tell_deployment: true}]\n"+
		"callers:\n  - {name: team, key: %s}\n  - {name: open, key: %s, group: product}\n  - {name: shut, key: a-third-key, group: product, tell_deployment: false}\n"+
		"  - {name: few, key: a-fourth-key, models: [gpt-4o]}\n", teamKey, otherKey))
	f := func(refuses, key, path, want string) {
		t.Helper()
		full.Store(&refuses)
		if got := told(g.post(path, chat("hi", `"max_tokens":5`), "Api-Key", key)); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s refuses: told %q, want %q", refuses, got, want)
		}
	}
	alias := strings.Replace(chatPath, "gpt-4o", "gpt4", 1)
	f("nothing", teamKey, chatPath, "")
	f("nothing", otherKey, chatPath, "deployment=one/gpt-4o")
	f("nothing", "a-third-key", chatPath, "")
	f("nothing", teamKey, alias, "model=gpt-4o")
	f("one/openai/deployments/gpt-4o/", teamKey, chatPath, "attempts=2")
	f("deployments/gpt-4o/", teamKey, chatPath, "model=gpt-4o-mini fallback=true")
	f("deployments/gpt-4o/", otherKey, alias, "model=gpt-4o-mini fallback=true")
	f("deployments/gpt-4o/", "a-fourth-key", chatPath, "model=gpt-4o-mini fallback=true")
	time.Sleep(20 * time.Millisecond)                  // so that none rests any more of those that refused before
	f("deployments/", teamKey, chatPath, "attempts=6") // a refusal
	if a := g.post(strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1), chat("hi"), "Api-Key", "a-fourth-key"); a.status != 403 || a.code() != "ModelNotAllowed" {
		t.Errorf("the fallback asked for by name: %d %s", a.status, a.body)
	}
}

// An alias is another name of a model, in the path, a body and a form, and counts as the
// model: for limits, for what a caller may use, and in the ledger. The upstream never
// sees it, and the list of models has it for those who may use the model.
func TestAliases(t *testing.T) {
	var body atomic.Pointer[string]
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		s := r.URL.Path + " " + string(text)
		body.Store(&s)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}`)
	}, fmt.Sprintf("models:\n  gpt-4o: {aliases: [gpt-35-turbo, GPT4]}\n"+
		"callers:\n  - {name: team, key: %s, limits: [{name: few, requests: 3, per: day, models: [gpt-4o]}]}\n"+
		"  - {name: other, key: %s, models: [gpt-4o-mini]}\n", teamKey, otherKey))
	form := "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt4\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--x--\r\n"
	for _, c := range []struct{ path, body, kind, want string }{
		{strings.Replace(chatPath, "gpt-4o", "GPT-35-turbo", 1), chat("hi", `"max_tokens":5`), "application/json", "/deployments/gpt-4o/"},
		{v1Path + "chat/completions", chat("hi", `"max_tokens":5`, `"model":"gpt4"`), "application/json", `"model":"gpt-4o"`},
		{v1Path + "audio/transcriptions", form, "multipart/form-data; boundary=x", "\r\n\r\ngpt-4o\r\n"},
	} {
		a := g.post(c.path, c.body, "Content-Type", c.kind)
		if s := *body.Load(); a.status != 200 || !strings.Contains(s, c.want) || strings.Contains(s, "gpt4") || strings.Contains(strings.ToLower(s), "35") {
			t.Errorf("%s: %d %s, sent %s", c.path, a.status, a.body, s)
		}
	}
	refusedWith(t, g.post(v1Path+"chat/completions", chat("hi", `"model":"gpt-35-turbo"`)), 429, "insufficient_quota")
	if a := g.post(v1Path+"chat/completions", chat("hi", `"model":"gpt4"`), "Api-Key", otherKey); a.status != 403 {
		t.Errorf("an alias of a model that the caller may not use: %d", a.status)
	}
	for key, want := range map[string]bool{teamKey: true, otherKey: false} {
		list := g.do("GET", v1Path+"models", "", "Api-Key", key)
		one := g.do("GET", v1Path+"models/gpt-35-turbo", "", "Api-Key", key)
		if strings.Contains(list.body, `"gpt-35-turbo"`) != want || (one.status == 200) != want {
			t.Errorf("listed: %s, by itself: %d", list.body, one.status)
		}
	}
	for _, e := range g.entries()[:4] {
		if e.Ask.Model != "gpt-4o" {
			t.Errorf("the ledger has the model %q", e.Ask.Model)
		}
	}
}

// A request that finds only its caller's own in the way waits for them as long as its
// model lets it and its client says, and is told how long; without a wait it is refused.
func TestOnesOwnRequestsAreWaitedFor(t *testing.T) {
	release, come := make(chan struct{}), make(chan struct{}, 9)
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		come <- struct{}{}
		<-release
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}`)
	}, "models:\n  gpt-4o: {wait: 20s}\n"+teamLimits("{name: one, concurrent: 1}"))
	answers := make(chan answer, 2)
	ask := func() { answers <- g.post(chatPath, chat("hi", `"max_tokens":5`)) }
	go ask()
	<-come
	refusedWith(t, g.post(chatPath, chat("hi", `"max_tokens":5`), "X-Tallygate-Max-Wait", "20ms"), 429, "RateLimitReached")
	refusedWith(t, g.post(strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1), chat("hi", `"max_tokens":5`)), 429, "RateLimitReached")
	go ask()
	select {
	case a := <-answers:
		t.Fatalf("answered although nobody let it: %d %s", a.status, a.body)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	waited := 0
	for range 2 {
		a := <-answers
		if a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if strings.HasPrefix(told(a), "wait-ms=") {
			waited++
		}
	}
	if waited != 1 {
		t.Errorf("%d answers tell a wait, want 1", waited)
	}
}
