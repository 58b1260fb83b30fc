// Package cors tells browsers which pages of other origins may call the gateway and
// read its answers. It never allows credentials of the browser's own, such as cookies:
// a page must have a key or a code, and send it in a header.
package cors

import (
	"net/http"
	"slices"
	"strings"
)

// Origins are the origins whose pages may call: https://app.example, every host below
// one as https://*.example, every port as http://localhost:*, or * for all pages. They
// are in lower case, as browsers send them.
type Origins []string

// Any stands for the pages of every origin.
const Any = "*"

// Names reports whether an origin is among them other than by Any.
func (o Origins) Names(origin string) bool {
	return slices.ContainsFunc(o, func(pattern string) bool { return pattern != Any && matches(pattern, origin) })
}

// allow returns what Access-Control-Allow-Origin says to an origin; empty is nothing.
func (o Origins) allow(origin string) string {
	switch {
	case o.Names(origin):
		return origin
	case slices.Contains(o, Any):
		return Any
	}
	return ""
}

// matches reports whether an origin is one that a pattern other than Any stands for.
// The * of a pattern is one or more labels of a host, or a port, and nothing else.
func matches(pattern, origin string) bool {
	before, after, open := strings.Cut(pattern, "*")
	if !open {
		return origin == pattern
	}
	between, ok := strings.CutPrefix(origin, before)
	if !ok {
		return false
	}
	if between, ok = strings.CutSuffix(between, after); !ok || between == "" {
		return false
	}
	if strings.HasSuffix(before, "://") {
		return strings.Trim(between, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && between[0] != '.'
	}
	return strings.Trim(between, "0123456789") == ""
}

// Preflight reports whether a browser asks by r whether a page may send a request.
func Preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// maxAge is for how many seconds a browser need not ask again.
const maxAge = "600"

// Answer answers a preflight, for a path that takes the methods. It writes nothing and
// returns false when the origin is none of them.
func (o Origins) Answer(w http.ResponseWriter, r *http.Request, methods string) bool {
	origin := r.Header.Get("Origin")
	allow := o.allow(origin)
	if allow == "" {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", allow)
	h.Set("Access-Control-Allow-Methods", methods)
	if names := wanted(r.Header["Access-Control-Request-Headers"]); names != "" {
		h.Set("Access-Control-Allow-Headers", names)
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" && o.Names(origin) {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	h.Set("Access-Control-Max-Age", maxAge)
	h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// sent are the headers a page may send: what SDKs do. A name that ends in - stands for
// all that begin so.
var sent = [...]string{
	"accept", "accept-language", "content-type",
	"api-key", "authorization", "ocp-apim-subscription-key", "openai-event-code",
	"openai-beta", "openai-organization", "openai-project", "anthropic-version", "anthropic-beta",
	"idempotency-key", "traceparent", "tracestate", "user-agent", "x-request-id",
	"x-ms-client-request-id", "x-ms-useragent", "x-stainless-",
}

// wanted returns those of the headers in Access-Control-Request-Headers that a page may
// send. A header that is not among them the browser then refuses by its name.
func wanted(lines []string) string {
	var names []string
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			if listed(sent[:], name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

func listed(list []string, name string) bool {
	return slices.ContainsFunc(list, func(known string) bool {
		return name == known || strings.HasSuffix(known, "-") && strings.HasPrefix(name, known) && isToken(name)
	})
}

// isToken reports whether s is made of the characters of a header's name that anyone uses.
func isToken(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
