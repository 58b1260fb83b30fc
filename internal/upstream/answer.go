package upstream

import (
	"net/http"
	"slices"
	"strings"
)

// CopyHeader puts of the answer's header into out what clients read of the service. out
// may hold the gateway's own headers already; those win. Repeated headers are kept.
//
// What else comes stays behind: a playground lives on the gateway's own origin, and what
// a browser obeys there (cookies, redirects, other addresses, policies, and what will be
// invented) is the gateway's to say. So does what tells of the deployment's room, which
// all callers share. Addresses are not copied; see Addresses.
func CopyHeader(out, answer http.Header) {
	dropped := connectionOptions(answer)
	for name, values := range answer {
		if _, own := out[name]; own || !comesDown(name) || slices.Contains(dropped, name) || !visible(values) {
			continue
		}
		out[name] = values
	}
	if types := answer["Content-Type"]; len(types) != 1 || !inert(types[0]) {
		out[policyHeader] = []string{sandbox}
	}
}

// An answer that a browser might run is shut off from the origin it came from.
const (
	policyHeader = "Content-Security-Policy"
	sandbox      = "sandbox; default-src 'none'"
)

// TakeBack takes out of out what CopyHeader put there for an answer that is not sent.
func TakeBack(out, answer http.Header) {
	for name, values := range answer {
		if own, ok := out[name]; ok && len(values) > 0 && len(own) == len(values) && &own[0] == &values[0] {
			delete(out, name)
		}
	}
	delete(out, policyHeader)
}

// comesDown reports whether a header of that canonical name goes to clients.
func comesDown(name string) bool {
	switch name {
	case "Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Disposition", "Content-Range", "Content-Md5", "Content-Digest",
		"Accept-Ranges", "Allow", "Cache-Control", "Date", "Etag", "Expires", "Last-Modified", "Pragma", "Vary", "Warning", "Deprecation", "Sunset",
		"Retry-After", "Retry-After-Ms", "X-Should-Retry", "X-Request-Id", "Request-Id", "Traceparent", "X-Accel-Buffering",
		"X-Envoy-Upstream-Service-Time", "X-Aml-Cluster", "X-Inference-Time":
		return true
	}
	for _, prefix := range [...]string{"X-Ms-", "Openai-", "Azure-", "Azureml-", "Ms-Azureml-", "Apim-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// visible reports whether the values hold no control characters.
func visible(values []string) bool {
	for _, v := range values {
		for i := range len(v) {
			if c := v[i]; c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
		}
	}
	return true
}

// inert reports whether nothing of that type can act in a browser.
func inert(contentType string) bool {
	if contentType == "application/json" || contentType == "text/event-stream" {
		return true
	}
	media, _, _ := strings.Cut(contentType, ";")
	switch media = strings.ToLower(strings.TrimSpace(media)); media {
	case "application/json", "text/event-stream", "text/plain", "application/octet-stream", "application/jsonl", "application/x-ndjson",
		"text/csv", "application/sdp", "application/zip":
		return true
	case "image/svg+xml":
		return false
	}
	kind, rest, _ := strings.Cut(media, "/")
	return (kind == "audio" || kind == "image" || kind == "video") && !strings.Contains(rest, "xml")
}
