package caller_test

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
)

func TestIdentify(t *testing.T) {
	keys := caller.NewKeys()
	search := &tallygate.Caller{ID: "search-team"}
	for _, key := range []string{"old-key-of-search", "new-key-of-search"} {
		if err := keys.Add(key, search); err != nil {
			t.Fatal(err)
		}
	}
	f := func(want string, header ...string) {
		t.Helper()
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Add(header[i], header[i+1])
		}
		who, err := keys.Identify(h, "", netip.Addr{})
		got := ""
		if err == nil {
			got = who.ID
		} else if e, ok := errors.AsType[*tallygate.Error](err); !ok || e.Kind != tallygate.Unauthenticated {
			t.Errorf("Identify(%v) failed with %v, want Unauthenticated", header, err)
		}
		if got != want {
			t.Errorf("Identify(%v) = %q, want %q", header, got, want)
		}
	}
	f("search-team", "Api-Key", "old-key-of-search")                                  // Azure OpenAI clients
	f("search-team", "Authorization", "Bearer new-key-of-search")                     // OpenAI clients, second key
	f("search-team", "Authorization", "bearer  new-key-of-search ")                   // scheme in any case, spaces
	f("search-team", "Ocp-Apim-Subscription-Key", "old-key-of-search")                // API Management clients
	f("search-team", "Api-Key", "", "Authorization", "Bearer old-key-of-search")      // an empty header is no credential
	f("search-team", "Api-Key", "wrong", "Authorization", "Bearer old-key-of-search") // one that leads nowhere does not count
	f("")                                                                             // none at all
	f("", "Authorization", "Basic b2xkLWtleQ==")                                      // another scheme
	f("", "Authorization", "Bearer")                                                  // scheme without token
	f("", "Authorization", "old-key-of-search")                                       // token without scheme
	f("", "Api-Key", "old-key-of-searc")                                              // a prefix of a key
	f("", "Api-Key", "OLD-KEY-OF-SEARCH")                                             // keys are case-sensitive
	f("", "Api-Key", string(make([]byte, 1<<20)))                                     // a megabyte of NUL
}

// Several credentials are those of one caller, or nobody can say whose the request is.
func TestSeveralCredentials(t *testing.T) {
	keys := caller.NewKeys()
	for key, id := range map[string]string{"key-a-1": "a", "key-a-2": "a", "key-b-1": "b"} {
		if err := keys.Add(key, &tallygate.Caller{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	keys = keys.With(source{"code/ann": "event/e/ann", "e@code/ann": "event/e/ann", "code": "event/e/guest", "ended": ""})
	for _, test := range []struct {
		want, query string
		header      http.Header
	}{
		{"a", "", http.Header{"Api-Key": {"key-a-1"}, "Authorization": {"Bearer key-a-2"}}},
		{"a", "", http.Header{"Api-Key": {"key-a-1", "key-a-1"}}},
		{"400", "", http.Header{"Api-Key": {"key-a-1"}, "Authorization": {"Bearer key-b-1"}}},
		{"400", "", http.Header{"Api-Key": {"key-a-1", "key-b-1"}}}, // twice the same header
		{"400", "", http.Header{"Authorization": {"Basic x", "Bearer key-a-1", "Bearer key-b-1"}}},
		{"400", "", http.Header{"Ocp-Apim-Subscription-Key": {"key-a-1"}, "Openai-Event-Code": {"code/ann"}}},
		{"event/e/ann", "", http.Header{"Api-Key": {"code/ann"}, "Openai-Event-Code": {"e@code/ann"}}},
		{"400", "", http.Header{"Api-Key": {"code/ann"}, "Openai-Event-Code": {"code"}}},
		{"a", "", http.Header{"Api-Key": {"key-a-1"}, "Openai-Event-Code": {"ended"}}},
		{"a", "", http.Header{"Api-Key": {"nobody's"}, "Ocp-Apim-Subscription-Key": {"key-a-1"}}},
		{"401", "", http.Header{"Api-Key": {"nobody's"}, "Authorization": {"Bearer nobody's either"}}},
		{"ended", "", http.Header{"Api-Key": {"nobody's"}, "Openai-Event-Code": {"ended"}}},
		{"400", "", http.Header{"Api-Key": {"1", "2", "3", "4", "5", "key-a-1"}}},
		{"a", "api-version=1&api-key=key-a-1", nil},
		{"a", "Subscription-Key=key%2Da%2D2", http.Header{"Api-Key": {"key-a-1"}}},
		{"a", "%61pi-key=key-a-1&x", nil},
		{"400", "subscription-key=key-b-1", http.Header{"Api-Key": {"key-a-1"}}},
		{"400", "api-key=key-a-1&api-key=key-b-1", nil},
		{"401", "api-key=code/ann", nil}, // not for those of events
		{"401", "key=key-a-1&api-key=&api-key=%zz&xapi-key=key-a-1", nil},
	} {
		who, err := keys.Identify(test.header, test.query, netip.Addr{})
		got := ""
		switch why := tallygate.AsError(err); {
		case err == nil:
			got = who.ID
		case why.Kind == tallygate.BadRequest:
			got = "400"
		default:
			got = why.Code
		}
		if got != test.want {
			t.Errorf("%v ?%s: %s, want %s", test.header, test.query, got, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "key-a-1") {
			t.Errorf("it repeats a key: %v", err)
		}
	}
}

// source knows callers by credential; one without a name is of something that is over.
type source map[string]string

// Find implements caller.Source.
func (s source) Find(credential string, _ netip.Addr) (*tallygate.Identity, error) {
	id, ok := s[credential]
	switch {
	case !ok:
		return nil, nil
	case id == "":
		return nil, &tallygate.Error{Kind: tallygate.Unauthenticated, Code: "ended", Message: "It is over."}
	}
	return &tallygate.Identity{Caller: &tallygate.Caller{ID: id, Event: "e"}}, nil
}

// No query makes the look-up panic, or anybody of who shows no key.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", "api-key=x", "api-key", "&&=&", "%zz=%", "api-key=%00&subscription-key=key-a-1x"} {
		f.Add(s)
	}
	keys := caller.NewKeys()
	if err := keys.Add("a key that nobody finds", &tallygate.Caller{ID: "a"}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if who, err := keys.Identify(nil, query, netip.Addr{}); who != nil || err == nil {
			t.Errorf("%q is %+v", query, who)
		}
	})
}

func TestAddRefusesAKeyWithTwoCallers(t *testing.T) {
	keys := caller.NewKeys()
	if err := keys.Add("the-same-key", &tallygate.Caller{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	err := keys.Add("the-same-key", &tallygate.Caller{ID: "b"})
	if err == nil || err.Error() != `callers "a" and "b" share a key` {
		t.Errorf("Add of a known key = %v, want an error that names both callers and not the key", err)
	}
}

func BenchmarkIdentify(b *testing.B) {
	keys := caller.NewKeys()
	if err := keys.Add("0123456789abcdef0123456789abcdef", &tallygate.Caller{ID: "a"}); err != nil {
		b.Fatal(err)
	}
	h := http.Header{"Api-Key": {"0123456789abcdef0123456789abcdef"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.Identify(h, "", netip.Addr{}); err != nil {
			b.Fatal(err)
		}
	}
}
