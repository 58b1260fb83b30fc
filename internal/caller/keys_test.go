package caller_test

import (
	"errors"
	"net/http"
	"net/netip"
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
		who, err := keys.Identify(h, netip.Addr{})
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
	f("search-team", "Api-Key", "old-key-of-search")                             // Azure OpenAI clients
	f("search-team", "Authorization", "Bearer new-key-of-search")                // OpenAI clients, second key
	f("search-team", "Authorization", "bearer  new-key-of-search ")              // scheme in any case, spaces
	f("search-team", "Ocp-Apim-Subscription-Key", "old-key-of-search")           // API Management clients
	f("search-team", "Api-Key", "", "Authorization", "Bearer old-key-of-search") // an empty header is no credential
	f("", "Api-Key", "wrong", "Authorization", "Bearer old-key-of-search")       // api-key decides when both are there
	f("")                                                                        // none at all
	f("", "Authorization", "Basic b2xkLWtleQ==")                                 // another scheme
	f("", "Authorization", "Bearer")                                             // scheme without token
	f("", "Authorization", "old-key-of-search")                                  // token without scheme
	f("", "Api-Key", "old-key-of-searc")                                         // a prefix of a key
	f("", "Api-Key", "OLD-KEY-OF-SEARCH")                                        // keys are case-sensitive
	f("", "Api-Key", string(make([]byte, 1<<20)))                                // a megabyte of NUL
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
		if _, err := keys.Identify(h, netip.Addr{}); err != nil {
			b.Fatal(err)
		}
	}
}
