package app_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/tallygate/tallygate"
)

// What asks for a tier of service with a price of its own is not held at another one.
func TestTiersOfService(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: purse, money: 1, per: ever}")+"  - {name: other, key: "+otherKey+"}\n")
	for tier, ok := range map[string]bool{
		`"auto"`: true, `"default"`: true, `"flex"`: true, `null`: true,
		`"priority"`: false, `"\u0070riority"`: false, `"PRIORITY"`: false, `"fast"`: false, `["priority"]`: false, `1`: false,
	} {
		body := chat("Hello", `"max_tokens":5`, `"service_tier":`+tier)
		a := g.post(chatPath, body)
		if refused := a.code() == "PriceUnknown"; refused == ok {
			t.Errorf("%s: %d %s", tier, a.status, a.body)
		}
		if a := g.post(chatPath, body, "Api-Key", otherKey); a.code() == "PriceUnknown" {
			t.Errorf("%s without a limit of money: %s", tier, a.body)
		}
	}
	refusedWith(t, g.post(chatPath, chat("Hello", `"max_tokens":5`, `"Service_Tier":"priority"`)), 403, "PriceUnknown") // to who does not mind the case
	refusedWith(t, g.post(chatPath, chat("Hello", `"max_tokens":5`, `"serviceTier":"priority"`)), 403, "PriceUnknown")
	refusedWith(t, g.post(chatPath, chat("Hello", `"max_tokens":5`, `"service_tier":"priority"`, `"Service_Tier":"auto"`)), 403, "PriceUnknown")
}

// A prediction that does not come true is billed and not shown, so an answer without
// usage counts at its hold.
func TestPredictionsAreNotGuessed(t *testing.T) {
	g, _ := serviced(t, "", func(_, body string) said {
		return said{status: 200, body: `{"id":"c","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}`}
	})
	g.post(chatPath, chat("Hi", `"max_tokens":500`))
	g.post(chatPath, chat("Hi", `"max_tokens":500`, `"prediction":{"type":"content","content":"a b c d"}`))
	all := g.entries()
	if all[0].Usage.Source != tallygate.Estimated || all[1].Usage.Source != tallygate.Held || all[1].Usage.Completion != 500 {
		t.Errorf("%+v and %+v", all[0].Usage, all[1].Usage)
	}
}

// What was read as JSON is sent as JSON, whatever it is called.
func TestJSONIsCalledJSON(t *testing.T) {
	var kind atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind.Store(r.Header.Values("Content-Type"))
		well.write(w)
	}))
	t.Cleanup(server.Close)
	g := before(t, server.URL, "")
	for sent, want := range map[string]string{
		"application/json": "application/json", "application/json; charset=utf-8": "application/json; charset=utf-8", "": "application/json",
		"application/json; charset=utf-16": "application/json", "application/x-www-form-urlencoded": "application/json", "multipart/form-data; boundary=x": "application/json",
	} {
		if a := g.post(chatPath, chat("Hello"), "Content-Type", sent); a.status != 200 {
			t.Fatal(sent, a.body)
		}
		if got := kind.Load().([]string); len(got) != 1 || got[0] != want {
			t.Errorf("%q goes as %q", sent, got)
		}
	}
}
