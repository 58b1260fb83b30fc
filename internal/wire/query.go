package wire

import (
	"net/url"
	"strings"

	"github.com/tallygate/tallygate"
)

// query is what a request's query says.
type query struct {
	raw     string // escaped, without credentials
	version string // api-version
}

// readQuery reads a query as it stands in the URL. Its parameters keep their
// order, repetition and escapes; what could hold a credential is taken out.
func readQuery(raw string) (query, error) {
	var q query
	if raw == "" {
		return q, nil
	}
	drop, given := false, false
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = unescapeQuery(name)
		if name != "api-version" && !strings.EqualFold(name, "api-version") {
			drop = drop || credential(name)
			continue
		}
		value = unescapeQuery(value)
		if given && value != q.version {
			return q, badQuery("The query gives two different api-versions. Give one.")
		}
		if len(value) > 64 || !printable(value) {
			return q, badQuery("The query's api-version is not one. Give it as 2024-10-21, for example.")
		}
		q.version, given = value, true
	}
	q.raw = raw
	if drop {
		q.raw = without(raw, credential)
	}
	q.raw = visible(q.raw)
	return q, nil
}

// checkVersion holds the request to the API versions of its dialect.
func (q *Request) checkVersion() error {
	switch {
	case q.route.form != formV1 && q.APIVersion == "":
		return notFound("This route needs an API version: add ?api-version=2024-10-21 (or another one) to the URL. " +
			"Routes below /openai/v1/ need none.")
	case q.route.form == formV1 && q.APIVersion != "" &&
		!strings.EqualFold(q.APIVersion, "v1") && !strings.EqualFold(q.APIVersion, "preview") && !strings.EqualFold(q.APIVersion, "latest"):
		return badQuery("API version not supported. Routes below /v1/ take no api-version other than v1, preview or latest; " +
			"leave it out, or use /openai/deployments/{deployment}/ with a dated one.")
	}
	return nil
}

// credential reports whether a query parameter of that name carries a key. None
// goes upstream: it would be the caller's own.
func credential(name string) bool {
	for _, known := range [...]string{
		"api-key", "api_key", "apikey", "subscription-key", "ocp-apim-subscription-key", "access_token", "authorization",
	} {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// chooser reports whether a query parameter of that name could choose the deployment,
// which path or body have named already and which was checked there.
func chooser(name string) bool {
	switch strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		return r
	}, strings.ToLower(name)) {
	case "model", "modelid", "modelname", "deployment", "deploymentid", "deploymentname", "engine":
		return true
	}
	return false
}

// without returns a query without the parameters of some names.
func without(raw string, drop func(string) bool) string {
	out := make([]byte, 0, len(raw))
	for pair := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if drop(unescapeQuery(name)) {
			continue
		}
		if len(out) > 0 {
			out = append(out, '&')
		}
		out = append(out, pair...)
	}
	return string(out)
}

// unescapeQuery decodes a query's name or value; what cannot be decoded stands for
// itself.
func unescapeQuery(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}

// visible escapes the bytes that have no place in a request line: all but visible
// ASCII, and '#', behind which some would read a fragment.
func visible(raw string) string {
	const hex = "0123456789ABCDEF"
	bad := func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '#' }
	for i := range len(raw) {
		if !bad(raw[i]) {
			continue
		}
		out := append(make([]byte, 0, len(raw)+16), raw[:i]...)
		for _, c := range []byte(raw[i:]) {
			if bad(c) {
				out = append(out, '%', hex[c>>4], hex[c&15])
			} else {
				out = append(out, c)
			}
		}
		return string(out)
	}
	return raw
}

func badQuery(message string) error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Param: "api-version", Message: message}
}
