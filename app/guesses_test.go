package app_test

import (
	"fmt"
	"net/http"
	"testing"
)

// guessRoute is a way to show a credential, and what a refused guess is told there.
type guessRoute struct {
	name string
	ask  func(g *gateway, from, credential string) answer
	// right is the status of the right code with a name; wait that of who guessed.
	right, wrong, wait int
}

func guessRoutes() []guessRoute {
	const one = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`
	key := func(method, path, body string) func(*gateway, string, string) answer {
		return func(g *gateway, from, credential string) answer {
			return g.do(method, path, body, "Api-Key", credential, "X-Forwarded-For", from)
		}
	}
	bearer := func(g *gateway, from, credential string) answer {
		return g.do("POST", "/v1/chat/completions", one, "Api-Key", "", "Authorization", "Bearer "+credential, "X-Forwarded-For", from)
	}
	header := func(g *gateway, from, credential string) answer {
		return g.do("POST", chatPath, chat("hi"), "Api-Key", "", "Openai-Event-Code", credential, "X-Forwarded-For", from)
	}
	return []guessRoute{
		{"deployments", key("POST", chatPath, chat("hi")), 200, 401, 401},
		{"plain, bearer", bearer, 200, 401, 401},
		{"plain", key("POST", "/v1/chat/completions", one), 200, 401, 401},
		{"models", key("GET", "/v1/models", ""), 200, 401, 401},
		{"files", key("GET", "/openai/v1/files", ""), 403, 401, 401},
		{"nothing there", key("GET", "/openai/nothing", ""), 0, 401, 401},
		{"the event proxy's deployments", key("POST", "/api/v1/openai/deployments/gpt-4o/chat/completions", chat("hi")), 200, 401, 401},
		{"the bridge's", key("POST", "/v1/api/chat/completions", one), 200, 401, 401},
		{"by the event's header", header, 200, 401, 401},
		{"session", key("GET", "/api/v1/session", ""), 200, 401, 429},
		{"eventinfo", key("POST", "/api/v1/eventinfo", ""), 200, 401, 429},
	}
}

// What a credential is answered, on every route, after none or many wrong codes from the
// same address or from others. A wrong key of the shape of no code is told 401 whatever
// came before it, a right one is served, and who guesses learns nothing.
func TestGuessesOnEveryRoute(t *testing.T) {
	const guesser, neighbour, newcomer, other = "198.51.100.7", "198.51.100.8", "2001:db8:7::1", "2001:db8:8::1"
	for _, route := range guessRoutes() {
		t.Run(route.name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t, three(), workshop("models: [gpt-4o]")+"trusted_proxies: [127.0.0.1]\n")
			g.mustAsk(route, "a wrong key", guesser, "0123456789abcdef0123456789abcdef", route.wrong)
			g.mustAsk(route, "a wrong code", newcomer, "workshop2025", route.wrong)
			g.mustAsk(route, "the right code", other, "workshop2026/bob", route.right)
			for i := range 30 {
				route.ask(g, guesser, fmt.Sprintf("guess-%d", i))
				route.ask(g, fmt.Sprintf("2001:db8:9:%x::%x", i, i), fmt.Sprintf("guess-%d", i))
			}
			for _, test := range []struct {
				what, from, credential string
				want                   int
			}{
				{"a guess more", guesser, "guess-more", route.wait},
				{"the right code of who guesses", guesser, "workshop2026/eve", route.wait},
				{"that of another in the /48", "2001:db8:9:ffff::1", "workshop2026/eve", route.wait},
				{"a wrong key from there", guesser, "fedcba9876543210fedcba9876543210", route.wrong},
				{"a token from there", guesser, "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.x", route.wrong},
				{"a right key from there", guesser, teamKey, 0},
				{"the right code next door", neighbour, "workshop2026/ann", route.right},
				{"the right code in another /48", other, "workshop2026/bob", route.right},
				{"after one slip", newcomer, "workshop2026/carl", route.right},
			} {
				g.mustAsk(route, test.what, test.from, test.credential, test.want)
			}
		})
	}
}

// mustAsk fails the test for another status, 0 being anything that lets somebody in.
func (g *gateway) mustAsk(route guessRoute, what, from, credential string, want int) {
	g.t.Helper()
	a := route.ask(g, from, credential)
	if want == 0 && a.status != http.StatusUnauthorized && a.status != http.StatusTooManyRequests || a.status == want {
		return
	}
	g.t.Errorf("%s: %d %.200s, want %d", what, a.status, a.body, want)
}

// The attack that was seen: 612 wrong codes from 34 addresses. Every newcomer gets in
// with the right code, on the first version's routes and in sign-up too.
func TestNewcomersAfterAnAttack(t *testing.T) {
	g := startGateway(t, three(), workshop()+"trusted_proxies: [127.0.0.1]\n")
	code := func(from, code string) answer {
		return g.do("POST", "/api/eventinfo", "", "Api-Key", "", "Openai-Event-Code", code, "X-Forwarded-For", from)
	}
	waits := 0
	for i := range 34 * 30 {
		if code(fmt.Sprintf("198.51.100.%d", i%34), fmt.Sprintf("work-%04d", i)).status == 429 {
			waits++
		}
	}
	if waits == 0 {
		t.Error("nobody was told to wait")
	}
	for i := range 20 {
		from := fmt.Sprintf("203.0.113.%d", i)
		if a := code(from, "workshop2025"); a.status != 401 {
			t.Errorf("a slip of newcomer %d: %d %s", i, a.status, a.body)
		}
		if a := code(from, "workshop2026"); a.status != 200 {
			t.Errorf("newcomer %d: %d %s", i, a.status, a.body)
		}
		a := g.do("POST", "/event/workshop/signup", fmt.Sprintf("code=workshop2026&name=n%d", i), "Api-Key", "", "Origin", g.url,
			"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", from)
		if a.status != http.StatusSeeOther {
			t.Errorf("newcomer %d signs up: %d", i, a.status)
		}
	}
}
