package upstream

import (
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
)

// requestHeader returns the header to send: of the client's what is known to be harmless,
// and what the configuration names. Everything else stays: whatever stands before the
// gateway adds its own, headers that nobody has heard of may choose another deployment,
// and the service refuses requests with more than ten of them. Values are shared with in,
// not copied.
func (u *Upstream) requestHeader(in http.Header) http.Header {
	out := make(http.Header, len(in)+2)
	for name, values := range in {
		if goesUp(name) || len(u.also) > 0 && u.alsoGoesUp(name) {
			out[name] = values
		}
	}
	for _, name := range connectionOptions(in) {
		delete(out, name)
	}
	// Answers are metered as they pass, so they must come as they are.
	out["Accept-Encoding"] = []string{"identity"}
	if _, ok := out["User-Agent"]; !ok {
		out["User-Agent"] = []string{""} // none came, none is made up
	}
	return out
}

// goesUp reports whether a request header of that canonical name goes to resources.
func goesUp(name string) bool {
	switch name {
	case "Accept", "Accept-Language", "User-Agent", "Range",
		"Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Content-Md5", "Content-Digest",
		"Openai-Beta", "Aoai-Evals", // features, by name
		"Traceparent", "Tracestate", "X-Ms-Client-Request-Id", "X-Ms-Return-Client-Request-Id",
		"X-Ms-Useragent", "Semantic-Kernel-Version": // which SDK it is
		return true
	}
	return strings.HasPrefix(name, "X-Stainless-") // what OpenAI's SDKs say of themselves
}

// alsoGoesUp reports whether the configuration lets the header through. Some no
// configuration can.
func (u *Upstream) alsoGoesUp(name string) bool {
	for _, glob := range u.also {
		if tallygate.Match(glob, name) {
			return !tallygate.Withheld(name)
		}
	}
	return false
}

// connectionOptions returns the headers that the Connection header says are for
// this connection alone.
func connectionOptions(h http.Header) []string {
	var names []string
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			names = append(names, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	return names
}
