package caller_test

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
)

// Who is not known is told which header was looked at and what to send instead, under
// Azure's code; nothing of the credential is repeated, and nothing said of subscriptions.
func TestUnknownSaysWhereItLooked(t *testing.T) {
	f := func(want string, header ...string) {
		t.Helper()
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		_, err := caller.NewKeys().Identify(h, "", netip.Addr{})
		e, ok := errors.AsType[*tallygate.Error](err)
		if !ok || e.Kind != tallygate.Unauthenticated || e.Code != "401" {
			t.Fatalf("Identify(%v) = %v, want an error of code 401", header, err)
		}
		if !strings.HasPrefix(e.Message, "Access denied: ") || !strings.Contains(e.Message, want) {
			t.Errorf("Identify(%v) says %q, want it to say %q", header, e.Message, want)
		}
		for _, never := range []string{"s3cret", "eyJ", "subscription key", "regional"} {
			if strings.Contains(e.Message, never) {
				t.Errorf("Identify(%v) says %q, which holds %q", header, e.Message, never)
			}
		}
	}
	f("carries no key")
	f("in the api-key header is not known", "Api-Key", "s3cret-0123456789")
	f("in the Authorization header is not known", "Authorization", "Bearer s3cret-0123456789")
	f("in the Ocp-Apim-Subscription-Key header", "Ocp-Apim-Subscription-Key", "s3cret-0123456789")
	f("in the openai-event-code header", "Openai-Event-Code", "s3cret")
	f("holds no Bearer key", "Authorization", "Basic czNjcmV0")
	f("holds no Bearer key", "Authorization", "s3cret")
	f("Microsoft Entra ID", "Authorization", "Bearer eyJhbGciOi.eyJhdWQiOi.c2lnbmF0dXJl")
}

// A digest stands in place of the key that it is of: the key is known by it, the digest
// itself opens nothing, and what only looks like one is a key like others.
func TestADigestStandsForItsKey(t *testing.T) {
	keys := caller.NewKeys()
	const key = "tg-0123456789abcdef0123456789abcdef"
	sum := caller.Sum(key)
	digest := tallygate.DigestPrefix + hex.EncodeToString(sum[:])
	if err := keys.Add(digest, &tallygate.Caller{ID: "team"}); err != nil {
		t.Fatal(err)
	}
	if err := keys.Add(key, &tallygate.Caller{ID: "other"}); err == nil {
		t.Error("a key and its digest lead to two callers")
	}
	if err := keys.Add("sha256:short", &tallygate.Caller{ID: "odd"}); err != nil {
		t.Fatal(err)
	}
	for credential, want := range map[string]string{key: "team", digest: "", "sha256:short": "odd", strings.ToUpper(digest): ""} {
		who, err := keys.Identify(http.Header{"Api-Key": {credential}}, "", netip.Addr{})
		got := ""
		if err == nil {
			got = who.ID
		}
		if got != want {
			t.Errorf("Identify(%q) = %q, want %q", credential, got, want)
		}
	}
}
