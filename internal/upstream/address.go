package upstream

import (
	"net/http"
	"net/url"
	"strings"
)

// Addresses puts the addresses in an answer's header into out as clients of the gateway
// reach them: home is the gateway's own base, without a path, and local says where a path
// below /openai/ of the resource is there. Whatever leads elsewhere stays behind.
func Addresses(out http.Header, res *http.Response, home func() string, local func(path string) string) {
	for _, name := range [...]string{"Location", "Content-Location", "Operation-Location", "Azure-Asyncoperation"} {
		values := res.Header[name]
		if len(values) == 0 {
			continue
		}
		delete(out, name) // of Azure-… all else comes down
		if len(values) > 1 {
			continue
		}
		if to, ok := reached(res.Request.URL, values[0]); ok {
			out[name] = []string{home() + local(to)}
		}
	}
}

// reached returns the path and query of an address on the resource that was asked, less
// what stands before its /openai/; false when the address is none. asked is the URL of
// the request, whose Opaque holds the path.
func reached(asked *url.URL, address string) (string, bool) {
	if !visible([]string{address}) || strings.ContainsAny(address, "\\ \"<>") {
		return "", false
	}
	to, err := url.Parse(address)
	if err != nil || to.User != nil || to.Opaque != "" || to.Fragment != "" {
		return "", false
	}
	if to.Host != "" && !(strings.EqualFold(to.Host, asked.Host) && (to.Scheme == "https" || to.Scheme == "http" || to.Scheme == "")) || to.Host == "" && to.Scheme != "" {
		return "", false
	}
	prefix, _, _ := strings.Cut(asked.Opaque, "/openai/")
	path, ok := strings.CutPrefix(to.EscapedPath(), prefix)
	if !ok || !strings.HasPrefix(path, "/openai/") || strings.Contains(path, "//") || strings.Contains(path, "%") {
		return "", false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return "", false
		}
	}
	if to.RawQuery != "" {
		path += "?" + to.RawQuery
	}
	return path, true
}
