package wire

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
)

// form is the style of URL that a request goes upstream in. It is the dialect it
// came in but for what is mended on the way.
type form uint8

const (
	formDeployment form = iota + 1 // /openai/deployments/{deployment}/{tail}
	formResource                   // /openai/{tail}
	formV1                         // /openai/v1/{tail}
)

// route is where a request goes, less the deployment.
type route struct {
	form form
	// tail is the path behind the form's prefix, escaped and without a slash at
	// either end; its segments are neither empty nor dots.
	tail string
	// query is what goes upstream of the query, escaped.
	query string
	// model is the rule of what a model reads at the path, whatever the method; nil when
	// none does. rule is that of the request's own method.
	model, rule *Rule
	// pathModel says that the path names the model, so that the body's counts for
	// nothing.
	pathModel bool
	// names says that the body's model is what names it otherwise.
	names bool
}

// maxName bounds the names that are recorded with a request, in bytes.
const maxName = 256

// readURL reads the dialect, the operation, the deployment and the API version.
func (q *Request) readURL(u *url.URL, t Table) error {
	query, err := readQuery(u.RawQuery)
	q.APIVersion, q.route.query = query.version, query.raw
	if err != nil {
		return err
	}
	first, rest := segment(u.EscapedPath())
	if named(first, "api") {
		first, rest = project(rest)
	}
	switch {
	case named(first, "openai"):
		second, behind := segment(rest)
		switch {
		case named(second, "v1"):
			q.Dialect, q.route.form = tallygate.V1, formV1
			return q.readTail(behind, t)
		case named(second, "deployments") && strings.Trim(behind, "/") != "":
			q.Dialect, q.route.form = tallygate.Deployments, formDeployment
			return q.readDeployment(behind, t)
		}
		q.Dialect, q.route.form = tallygate.Resource, formResource
		err := q.readTail(rest, t)
		if q.route.model != nil {
			q.placeUnscoped()
		}
		return err
	case named(first, "v1"):
		q.Dialect, q.route.form = tallygate.Plain, formV1
		return q.readTail(rest, t)
	}
	return notFound("Paths begin with /openai/deployments/{deployment}/, /openai/v1/, /openai/ or /v1/; /api/projects/{project} may come before /openai.")
}

// project returns the path behind a project of Azure AI Foundry, projects/{project}/, as
// segment does. What the project keeps is the resource's, which the gateway chooses.
func project(path string) (first, rest string) {
	word, behind := segment(path)
	if !named(word, "projects") {
		return "", ""
	}
	name, behind := segment(behind)
	if _, err := cleanTail(name); err != nil {
		return "", "" // no project has such a name
	}
	if first, rest = segment(behind); !named(first, "openai") {
		return "", ""
	}
	return first, rest
}

// placeUnscoped finds the place of an inference operation directly below /openai/.
// Without a dated API version it is V1 whose base URL lacks the /v1; with one it is
// the dated API with the deployment forgotten.
func (q *Request) placeUnscoped() {
	switch q.APIVersion {
	case "", "v1", "preview", "latest":
		q.Dialect, q.route.form = tallygate.V1, formV1
	default:
		if q.route.model.Scoped && !(q.route.model.Listed && reads(q.Method)) {
			q.route.form = formDeployment
		}
	}
}

// readDeployment reads {deployment}/{operation}. The deployment is decoded once
// and only here; it may hold anything that a name can, slashes too.
func (q *Request) readDeployment(path string, t Table) error {
	raw, rest := segment(path)
	if len(path) > 1 && path[1] == '/' && t.Model(strings.Trim(path, "/")) != nil {
		return notFound("The path names no deployment: its place in /openai/deployments/{deployment}/ is empty.")
	}
	name, err := url.PathUnescape(raw)
	if err != nil || !printable(name) {
		return badPath("the deployment's name is not valid UTF-8 text")
	}
	if moves(name) {
		return badPath(`the deployment's name holds a "." or ".." segment`)
	}
	if len(name) > maxName {
		return badPath("the deployment's name is longer than 256 bytes")
	}
	q.Model, q.route.pathModel = name, true
	if err := q.readTail(rest, t); err != nil {
		return err
	}
	if (q.route.model == nil || !q.route.model.Scoped) && t.OnResource(q.route.tail) {
		q.route.form = formResource
		if q.route.model == nil { // it is as if no deployment were named
			q.Model, q.route.pathModel = "", false
		}
	}
	return nil
}

// readTail reads the path behind the prefix: the operation.
func (q *Request) readTail(path string, t Table) error {
	tail, err := cleanTail(path)
	if err != nil {
		return err
	}
	if tail == "" {
		return notFound("The path ends before it names an operation, such as chat/completions.")
	}
	q.route.tail = tail
	if q.route.model = t.Model(tail); q.route.model != nil {
		q.route.tail = string(q.route.model.Template)
	}
	q.classify(t)
	if q.Access == tallygate.ToList && q.listed == "" {
		q.route.tail = string(tallygate.Models)
	}
	return nil
}

// cleanTail returns the path with each segment decoded once, checked, and encoded
// again, without the empty ones. A path that needs none of it is returned as it is.
func cleanTail(path string) (string, error) {
	path = strings.Trim(path, "/")
	if len(path) > 2048 {
		return "", badPath("it is longer than 2048 bytes")
	}
	if clean(path) {
		return path, nil
	}
	var out []byte
	for path != "" {
		var raw string
		raw, path = segment(path)
		text, err := url.PathUnescape(raw)
		switch {
		case err != nil || !printable(text):
			return "", badPath("it is not valid UTF-8 text")
		case strings.ContainsAny(text, `/\`):
			return "", badPath("a segment holds an encoded slash or a backslash")
		case moves(text):
			return "", badPath(`it holds a "." or ".." segment`)
		case strings.IndexByte(text, '%') >= 0 && hidesSlash(text):
			return "", badPath("a segment holds an encoded slash or a backslash")
		}
		if len(out) > 0 {
			out = append(out, '/')
		}
		out = appendSegment(out, text)
	}
	return string(out), nil
}

// segment cuts the first segment off a path, passing over empty ones: doubled
// slashes come from base URLs that end in one.
func segment(path string) (first, rest string) {
	path = strings.TrimLeft(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// named reports whether an escaped segment is the word, in any letter case.
func named(raw, word string) bool {
	if raw == word {
		return true
	}
	if strings.IndexByte(raw, '%') >= 0 {
		text, err := url.PathUnescape(raw)
		return err == nil && strings.EqualFold(text, word)
	}
	return strings.EqualFold(raw, word)
}

// clean reports whether a path can go out as it came: plain bytes only, no empty
// segment and none that begins with a dot.
func clean(path string) bool {
	last := byte('/')
	for i := range len(path) {
		c := path[i]
		if c == '/' || c == '.' {
			if last == '/' {
				return false
			}
		} else if !plain(c) {
			return false
		}
		last = c
	}
	return true
}

// plain reports whether a byte stands for itself in a path segment: what RFC 3986
// allows there, less '@' and ';', which some servers read as more than a letter.
func plain(c byte) bool {
	switch {
	case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		return true
	}
	return strings.IndexByte(".~:!$&'()*+,=", c) >= 0
}

// appendSegment appends text as one path segment, escaped.
func appendSegment(dst []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	whole := dots(text)
	for i := range len(text) {
		if c := text[i]; plain(c) && !whole {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// dots reports whether a segment would move a path instead of naming something.
func dots(segment string) bool { return segment == "." || segment == ".." }

// moves reports whether a text holds a segment that would move a path, after any number
// of decodings: whoever stands before the service may decode once more than it does.
// Some servers take what follows a semicolon for a parameter and not for the name.
func moves(text string) bool {
	for {
		for part := range strings.FieldsFuncSeq(text, isSlash) {
			name, _, _ := strings.Cut(part, ";")
			if dots(name) {
				return true
			}
		}
		once := decodeOnce(text)
		if once == text {
			return false
		}
		text = once
	}
}

// hidesSlash reports whether a slash is in the text after any number of decodings.
func hidesSlash(text string) bool {
	for once := decodeOnce(text); once != text; text, once = once, decodeOnce(once) {
		if strings.ContainsFunc(once, isSlash) {
			return true
		}
	}
	return false
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// decodeOnce decodes the percent escapes that are some, and leaves the others, as
// lenient servers do.
func decodeOnce(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return string(out)
}

// printable reports whether a text from a URL is valid UTF-8 without control
// characters.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

func badPath(why string) error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Message: "The path of the URL cannot be used: " + why + "."}
}

func notFound(why string) error {
	return &tallygate.Error{Kind: tallygate.NotFound, Code: "404", Message: "Resource not found. " + why}
}
