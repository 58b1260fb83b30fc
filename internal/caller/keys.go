// Package caller recognises who asks. It knows callers by the SHA-256 digests of
// their API keys alone: the key itself is neither kept nor compared, and a look-up
// by digest tells an attacker nothing through its timing that hashing does not
// already hide.
package caller

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
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

// ParseDigest reads a digest as it stands in place of a key: "sha256:" and 64 hex digits.
// It reports false for anything else.
func ParseDigest(s string) (d Digest, ok bool) {
	digits, ok := strings.CutPrefix(s, DigestPrefix)
	if !ok || len(digits) != hex.EncodedLen(len(d)) {
		return d, false
	}
	_, err := hex.Decode(d[:], []byte(digits))
	return d, err == nil
}

// DigestPrefix is what a digest that stands in place of a key begins with.
const DigestPrefix = "sha256:"

// Add makes key lead to who. A caller may have several keys, so that one can be
// replaced while the other still works; a key has one caller. What begins with
// DigestPrefix and is a digest stands for the key that it is of, which is then known
// to nobody here. Add must not run beside Identify.
func (k *Keys) Add(key string, who *tallygate.Caller) error {
	sum, ok := ParseDigest(key)
	if !ok {
		sum = Sum(key)
	}
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
// which clients match. A source may refuse in words of its own. The result is shared:
// do not change it.
func (k *Keys) Identify(h http.Header, from netip.Addr) (*tallygate.Identity, error) {
	if key := Credential(h); key != "" {
		if who, ok := k.known[Sum(key)]; ok {
			return who, nil
		}
		for _, s := range k.sources {
			if who, err := s.Find(key, from); who != nil || err != nil {
				return who, err
			}
		}
	}
	return nil, &tallygate.Error{Kind: tallygate.Unauthenticated, Code: "401", Message: unknown(h)}
}

// unknown says what is wrong with the credential of a request that nobody here has. It
// repeats nothing of the credential.
func unknown(h http.Header) string {
	const places = "as api-key: KEY or Authorization: Bearer KEY"
	_, place := find(h)
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
	key, _ := find(h)
	return key
}

// find returns the credential and the name of the header that it stands in.
func find(h http.Header) (key, place string) {
	if key := h.Get("Api-Key"); key != "" {
		return key, "api-key"
	}
	if scheme, token, ok := strings.Cut(h.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		if token = strings.TrimSpace(token); token != "" {
			return token, "Authorization"
		}
	}
	if key := h.Get("Ocp-Apim-Subscription-Key"); key != "" {
		return key, "Ocp-Apim-Subscription-Key"
	}
	if key := h.Get("Openai-Event-Code"); key != "" {
		return key, "openai-event-code"
	}
	return "", ""
}
