package upstream

import (
	"net/http"
	"slices"
	"strings"
)

// requestHeader returns the header to send: the client's, less what concerns only
// the connection to us (hop by hop, RFC 9110 §7.6.1), what proves who the client
// is to us, and what tells where it came from. Values are shared with in, not
// copied.
func requestHeader(in http.Header) http.Header {
	out := make(http.Header, len(in)+2)
	dropped := connectionOptions(in)
	for name, values := range in {
		if !ours(name) && !slices.Contains(dropped, name) {
			out[name] = values
		}
	}
	// Answers are metered as they pass, so they must come as they are.
	out["Accept-Encoding"] = []string{"identity"}
	if _, ok := out["User-Agent"]; !ok {
		out["User-Agent"] = []string{""} // none came, none is made up
	}
	return out
}

// ours reports whether a request header stays with the gateway.
func ours(name string) bool {
	switch name {
	case "Api-Key", "Authorization", "Ocp-Apim-Subscription-Key", "Openai-Event-Code", "Cookie",
		"Host", "Content-Length", "Expect", "Accept-Encoding",
		"Forwarded", "X-Real-Ip", "Via", "Origin", "Referer":
		return true
	}
	return hopByHop(name) || strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "Sec-") ||
		strings.HasPrefix(name, "X-Tallygate-")
}

// hopByHop reports whether a header belongs to one connection alone.
func hopByHop(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// CopyHeader puts the answer's header into out, which may hold the gateway's own
// headers already; those win. Repeated headers are kept. Connection headers and
// cookies stay behind, and so does what tells of the deployment's room, which all
// callers share, and what looks like the gateway's own.
func CopyHeader(out, answer http.Header) {
	dropped := connectionOptions(answer)
	for name, values := range answer {
		if hopByHop(name) || name == "Set-Cookie" || strings.HasPrefix(name, "X-Ratelimit-") ||
			strings.HasPrefix(name, "X-Tallygate-") || slices.Contains(dropped, name) {
			continue
		}
		if _, own := out[name]; !own {
			out[name] = values
		}
	}
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
