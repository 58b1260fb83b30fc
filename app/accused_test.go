package app_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// twoPayers are a team and another one.
const twoPayers = `callers:
  - {name: team, key: ` + teamKey + `}
  - {name: other, key: ` + otherKey + `}
`

// What somebody's request is refused for closes nothing to others: errors repeat the
// caller's words, and a service may refuse the gateway what one request refers to.
func TestOneCannotCloseADeployment(t *testing.T) {
	echo := func(text string) said {
		return said{status: 400, body: errorBody("invalid_value", "invalid_request_error", "Invalid value: '"+text+"'. Supported values are: 'auto'.")}
	}
	tool := said{status: 404, body: `{"error":{"code":"model_not_found","message":"There is no model x.","param":"tools[0].model"}}`}
	const files = "/openai/v1/vector_stores"
	for name, c := range map[string]struct {
		path  string
		said  said
		first int // what who asks for it gets
	}{
		"words of the caller's":     {chatPath, echo("existing deployment"), 400},
		"a model of a tool's":       {chatPath, tool, 404},
		"403":                       {chatPath, jsonly(403, "403"), 503},
		"401":                       {chatPath, jsonly(401, "401"), 503},
		"a name":                    {chatPath, jsonly(404, "DeploymentNotFound"), 503},
		"an object, 403":            {files, jsonly(403, "403"), 503},
		"an object, 401":            {files, jsonly(401, "401"), 503},
		"a route that is forbidden": {files, jsonly(403, "PermissionDenied"), 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, _ := serviced(t, twoPayers, func(_, body string) said {
				if strings.Contains(body, "poison") {
					return c.said
				}
				return well
			})
			for range 3 { // one would do where nothing was served before
				if a := g.post(c.path, chat("poison")); a.status != c.first {
					t.Fatalf("whoever asks for it gets %d: %s", a.status, a.body)
				}
			}
			if a := g.post(c.path, chat("Hello"), "Api-Key", otherKey); a.status != 200 {
				t.Fatalf("somebody else gets %d: %s", a.status, a.body)
			}
			if a := g.post(c.path, chat("Hello")); a.status != 200 { // since it was shown to be well
				t.Errorf("afterwards the first one gets %d: %s", a.status, a.body)
			}
		})
	}
}

// Many requests of one payer that are refused so do not close what serves others, nor
// does what they close stay closed to others.
func TestManyCannotCloseADeployment(t *testing.T) {
	g, _ := serviced(t, twoPayers, func(_, body string) said {
		if strings.Contains(body, "poison") {
			return jsonly(403, "403")
		}
		return well
	})
	for i := range 40 {
		g.post(chatPath, chat("poison "+strings.Repeat("x", i)))
		if a := g.post(chatPath, chat("Hello"), "Api-Key", otherKey); i%20 == 19 && a.status != 200 {
			t.Fatalf("after %d somebody else gets %d: %s", i+1, a.status, a.body)
		}
	}
}

// A key that is truly refused costs each further payer one attempt, and then nobody's.
func TestAKeyThatIsRefusedToAll(t *testing.T) {
	g, u := serviced(t, twoPayers, func(resource, _ string) said {
		if resource == "one" {
			return jsonly(401, "401")
		}
		return well
	})
	for _, key := range []string{teamKey, teamKey, otherKey, otherKey, teamKey} {
		if a := g.post(chatPath, chat("Hello"), "Api-Key", key); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if got, want := u.asked(), "one two two one two two two"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

// What one's requests make a service say of the gateway's edits changes nobody else's: a
// message may repeat the address of a picture that is there the second time.
func TestOneCannotUndoEdits(t *testing.T) {
	first := true
	g, u := serviced(t, twoPayers, func(_, body string) said {
		if strings.Contains(body, "poison") && first {
			first = false
			return said{status: 400, body: errorBody("invalid_image_url", "", "Failed to download https://example.com/stream_options")}
		}
		return streams(body)
	})
	ask := func(text, key string) {
		if a := g.post(chatPath, chat(text, `"stream":true`), "Api-Key", key); a.status != 200 {
			t.Fatal(a.status, a.body)
		}
	}
	ask("poison", teamKey)
	ask("Hello", otherKey)
	if sent := u.bodies(); !strings.Contains(sent[len(sent)-1], `"include_usage":true`) {
		t.Errorf("the other's stream is not asked for its usage: %s", sent)
	}
	for i, e := range g.entries() {
		if i == 1 && e.Usage.Source != tallygate.Exact {
			t.Errorf("%+v", e.Usage)
		}
	}
}
