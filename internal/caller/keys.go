// Package caller recognises who asks. It knows callers by the SHA-256 digests of
// their API keys alone: the key itself is neither kept nor compared, and a look-up
// by digest tells an attacker nothing through its timing that hashing does not
// already hide.
package caller

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
)

// Digest is the SHA-256 of an API key, all that is kept of it.
type Digest [sha256.Size]byte

// Sum returns the digest of a key.
func Sum(key string) Digest { return sha256.Sum256([]byte(key)) }

// ID names a key without revealing it: the first 12 hex digits of its digest.
func (d Digest) ID() string { return hex.EncodeToString(d[:6]) }

// Keys are the known keys, each leading to its caller. They never change once
// made: a reload makes new ones. Safe for concurrent use.
type Keys struct {
	known   map[Digest]*tallygate.Identity
	sources []Source
}

// NewKeys returns an empty set of keys.
func NewKeys() *Keys { return &Keys{known: make(map[Digest]*tallygate.Identity)} }

// Add makes key lead to who. A caller may have several keys, so that one can be
// replaced while the other still works; a key has one caller. A digest (see
// tallygate.KeyDigest) stands for the key that it is of, which is then known
// to nobody here. Add must not run beside Identify.
func (k *Keys) Add(key string, who *tallygate.Caller) error {
	sum := Digest(tallygate.KeyDigest(key))
	if known, ok := k.known[sum]; ok {
		return fmt.Errorf("callers %q and %q share a key", known.ID, who.ID)
	}
	k.known[sum] = &tallygate.Identity{Caller: who, Key: sum.ID()}
	return nil
}

// Source knows callers that come and go, such as those of events. Find returns
// neither an identity nor an error for a credential that is not its own.
type Source interface {
	Find(credential string, from netip.Addr) (*tallygate.Identity, error)
}

// With returns the same keys that also ask a source for what is no known key. The
// original is as it was.
func (k *Keys) With(s Source) *Keys {
	return &Keys{known: k.known, sources: append(slices.Clip(k.sources), s)}
}

// Identify returns the caller whose credential the request carries, from an address,
// or an Unauthenticated error that says which header was looked at, under Azure's code,
// which clients match. A source may refuse in words of its own. Credentials of two callers
// are a BadRequest: nobody could say whose request it is. One that leads nowhere, beside
// one that does, does not count. query is the raw query of a gateway that takes keys
// there, those of its callers and no source's; else empty. The result is shared: do not
// change it.
func (k *Keys) Identify(h http.Header, query string, from netip.Addr) (*tallygate.Identity, error) {
	shown, n := credentials(h)
	if n > len(shown) {
		return nil, ambiguous("more places than a request can need")
	}
	var who *tallygate.Identity
	var why error
	at := ""
	for _, c := range shown[:n] {
		found, err := k.find(c.key, from)
		if err != nil && why == nil {
			why = err
		}
		if who != nil && found != nil && found.ID != who.ID {
			return nil, ambiguous(at + " and " + c.place)
		}
		if who == nil && found != nil {
			who, at = found, c.place
		}
	}
	for key := range inQuery(query) {
		found := k.known[Sum(key)]
		if who != nil && found != nil && found.ID != who.ID {
			return nil, ambiguous(at + " and the query")
		}
		if who == nil && found != nil {
			who, at = found, "the query"
		}
	}
	switch {
	case who != nil:
		return who, nil
	case why != nil:
		return nil, why
	}
	return nil, &tallygate.Error{Kind: tallygate.Unauthenticated, Code: "401", Message: unknown(h)}
}

// find returns whose a credential is; nil when nobody's.
func (k *Keys) find(key string, from netip.Addr) (*tallygate.Identity, error) {
	if who, ok := k.known[Sum(key)]; ok {
		return who, nil
	}
	for _, s := range k.sources {
		if who, err := s.Find(key, from); who != nil || err != nil {
			return who, err
		}
	}
	return nil, nil
}

func ambiguous(places string) error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Code: "AmbiguousCredentials",
		Message: "The request carries credentials of different callers, in " + places + ". Send one."}
}

// unknown says what is wrong with the credential of a request that nobody here has. It
// repeats nothing of the credential.
func unknown(h http.Header) string {
	const places = "as api-key: KEY or Authorization: Bearer KEY"
	first, _ := credentials(h)
	place := first[0].place
	switch {
	case place != "" && strings.HasPrefix(Credential(h), "ey") && strings.Count(Credential(h), ".") == 2:
		return "Access denied: the token in the " + place + " header is one of Microsoft Entra ID or the like, which this gateway does not take. " +
			"Send a key that its operator gave out, " + places + "."
	case place != "":
		return "Access denied: the key in the " + place + " header is not known to this gateway. " +
			"Send one that its operator gave out; keys of Azure OpenAI resources and of other gateways do not work here."
	case h.Get("Authorization") != "":
		return "Access denied: the Authorization header holds no Bearer key. Send the key " + places + "."
	}
	return "Access denied: the request carries no key. Send one that this gateway's operator gave out, " + places + "."
}

// Credential returns the credential a request carries: in api-key, as
// Authorization: Bearer, in Ocp-Apim-Subscription-Key or in openai-event-code, in
// this order, which is how the clients of Azure OpenAI, OpenAI, API Management and the
// event proxy send it. It is empty when there is none.
func Credential(h http.Header) string {
	shown, _ := credentials(h)
	return shown[0].key
}

// shown is a credential and the name of the header that it stands in.
type shown struct{ key, place string }

// credentials returns the different credentials of a request, in the order of
// Credential, and how many there are: that may be more than there is room for.
func credentials(h http.Header) (all [4]shown, n int) {
	add := func(place, key string) {
		if key == "" || slices.ContainsFunc(all[:min(n, len(all))], func(c shown) bool { return c.key == key }) {
			return
		}
		if n < len(all) {
			all[n] = shown{key, place}
		}
		n++
	}
	for _, key := range h["Api-Key"] {
		add("api-key", key)
	}
	for _, v := range h["Authorization"] {
		if scheme, token, ok := strings.Cut(v, " "); ok && strings.EqualFold(scheme, "Bearer") {
			add("Authorization", strings.TrimSpace(token))
		}
	}
	for _, key := range h["Ocp-Apim-Subscription-Key"] {
		add("Ocp-Apim-Subscription-Key", key)
	}
	for _, key := range h["Openai-Event-Code"] {
		add("openai-event-code", key)
	}
	return all, n
}

// inQuery goes through the keys of a raw query, as API Management's clients send them
// there.
func inQuery(raw string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if raw == "" {
			return
		}
		for pair := range strings.SplitSeq(raw, "&") {
			name, value, _ := strings.Cut(pair, "=")
			if plain, err := url.QueryUnescape(name); err == nil {
				name = plain
			}
			if !strings.EqualFold(name, "api-key") && !strings.EqualFold(name, "subscription-key") {
				continue
			}
			if key, err := url.QueryUnescape(value); err == nil && key != "" && !yield(key) {
				return
			}
		}
	}
}
