package simulator

import (
	"net/http"
	"net/url"
	"strings"
)

// style is a style of URL; operations name the set of styles they exist in.
type style uint8

const (
	styleDeployments style = 1 << iota // /openai/deployments/{deployment}/{operation}?api-version=
	styleResource                      // /openai/{operation}?api-version=
	styleV1                            // /openai/v1/{operation}
)

func (s style) String() string {
	switch s {
	case styleDeployments:
		return "deployments"
	case styleResource:
		return "resource"
	case styleV1:
		return "v1"
	}
	return ""
}

// operation is one operation of the data plane. A family of routes is a file with a
// function that returns its operations.
type operation struct {
	method string
	// path is its pattern behind the style's prefix; {x} stands for one segment.
	path   string
	styles style
	// title is its name in the service's messages.
	title string
	// since is the first dated api-version that has it; older ones answer tooOld, or
	// when that is empty know no such path.
	since  string
	tooOld string
	serve  func(*call) *apiError
}

func routes() []operation {
	var all []operation
	for _, family := range [][]operation{
		chatRoutes(), completionRoutes(), embeddingRoutes(), responseRoutes(), modelRoutes(), audioRoutes(),
		imageRoutes(), objectRoutes(),
	} {
		all = append(all, family...)
	}
	return all
}

// address is a path read as the service reads it.
type address struct {
	style      style
	deployment string   // styleDeployments only
	rest       []string // the operation's segments, unescaped
}

// readPath reads an escaped path. Empty segments are passed over, as the service
// tolerates doubled slashes.
func readPath(path string) (address, bool) {
	var segs []string
	for seg := range strings.SplitSeq(path, "/") {
		if seg == "" {
			continue
		}
		plain, err := url.PathUnescape(seg)
		if err != nil {
			return address{}, false
		}
		segs = append(segs, plain)
	}
	switch {
	case len(segs) < 2 || segs[0] != "openai":
		return address{}, false
	case segs[1] == "v1":
		return address{style: styleV1, rest: segs[2:]}, true
	case segs[1] == "deployments" && len(segs) > 3:
		return address{styleDeployments, segs[2], segs[3:]}, true
	}
	return address{style: styleResource, rest: segs[1:]}, true
}

// match finds the operation of a method and address and the segments that stand in its
// pattern: the first of them, and the last.
func match(table []operation, method string, a address) (op *operation, id, child string) {
	for i := range table {
		op := &table[i]
		if op.method != method || op.styles&a.style == 0 {
			continue
		}
		if id, child, ok := matchPath(op.path, a.rest); ok {
			return op, id, child
		}
	}
	return nil, "", ""
}

func matchPath(pattern string, segs []string) (id, child string, ok bool) {
	i := 0
	for want := range strings.SplitSeq(pattern, "/") {
		switch {
		case i == len(segs):
			return "", "", false
		case want[0] == '{':
			if child = segs[i]; id == "" {
				id = child
			}
		case want != segs[i]:
			return "", "", false
		}
		i++
	}
	return id, child, i == len(segs)
}

// checkVersion holds a request to its style's rule for api-version.
func (c *call) checkVersion() *apiError {
	if c.style == styleV1 {
		switch c.version {
		case "", "v1", "preview", "latest":
			return nil
		}
		return gateError("API version not supported")
	}
	if !dated(c.version) {
		return resourceNotFound()
	}
	if c.op.since != "" && !c.from(c.op.since) {
		if c.op.tooOld == "" {
			return resourceNotFound()
		}
		return gateError(c.op.tooOld)
	}
	return nil
}

// dated reports whether v is a date with or without "-preview".
func dated(v string) bool {
	v = strings.TrimSuffix(v, "-preview")
	if len(v) != len("2006-01-02") {
		return false
	}
	for i := range len(v) {
		if dash := i == 4 || i == 7; dash != (v[i] == '-') || !dash && (v[i] < '0' || v[i] > '9') {
			return false
		}
	}
	return v >= "2022-12-01"
}

// from reports whether the request's api-version is that one or a later one; the v1
// routes have everything.
func (c *call) from(version string) bool {
	const date = len("2006-01-02")
	return c.style == styleV1 || c.version[:date] >= version[:date]
}

// unknownHeaders counts the request's header fields that the service does not know.
func unknownHeaders(h http.Header) int {
	n := 0
	for name := range h {
		if !knownHeader(name) {
			n++
		}
	}
	return n
}

// maxUnknownHeaders is how many header fields of its own a request may carry.
const maxUnknownHeaders = 10

func knownHeader(name string) bool {
	switch name {
	case "Accept", "Api-Key", "Authorization", "Cache-Control", "Connection", "Cookie", "Date", "Dnt", "Expect",
		"Forwarded", "From", "Host", "Idempotency-Key", "Keep-Alive", "Ocp-Apim-Subscription-Key", "Origin",
		"Pragma", "Priority", "Range", "Referer", "Request-Id", "Te", "Traceparent", "Tracestate", "Trailer",
		"Transfer-Encoding", "Upgrade", "User-Agent", "Via", "X-Real-Ip", "X-Request-Id":
		return true
	}
	for _, prefix := range [...]string{"Accept-", "Access-Control-", "Aoai-", "Content-", "If-", "Openai-", "Sec-",
		"X-Forwarded-", "X-Ms-", "X-Stainless-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
