package wire

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// formPart is a part of a form.
type formPart struct {
	name     string
	file     bool   // it has a file name, if an empty one
	filename string // as the client has it
	kind     string // its content type; empty when unsaid
	from, to int64  // where its contents are in the body
	// head is how the contents begin: up to maxHead of a file, up to maxValue and one
	// byte of a field, so that one which is too long shows.
	head []byte
}

const (
	// maxHead is what is kept of a file: enough for the headers of all containers of
	// sound, in bytes. maxValue is the longest field that means something here.
	maxHead  = 4 << 10
	maxValue = 1 << 10
	// maxPartHeader bounds a part's header, in bytes, and maxParts their number.
	maxPartHeader = 8 << 10
	maxParts      = 1024
)

// keep adds contents to the head, as far as it goes.
func (p *formPart) keep(b []byte) {
	most := maxValue + 1
	if p.file {
		most = maxHead
	}
	p.head = append(p.head, b[:min(len(b), max(most-len(p.head), 0))]...)
}

// readHeader reads a part's header, less the blank line. It takes what all readers of
// forms take alike; what is wrong is returned otherwise.
func (p *formPart) readHeader(text string) (wrong string) {
	seen := 0
	for line := range strings.SplitSeq(text, "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		switch {
		case !ok || !isToken(name):
			return fmt.Sprintf("a line of a part's header is no header field: %q", clip(line, 64))
		case !printable(strings.ReplaceAll(value, "\t", " ")):
			return fmt.Sprintf("the header field %q of a part is not UTF-8 text", clip(name, 64))
		}
		bit := 0
		switch {
		case strings.EqualFold(name, "Content-Disposition"):
			bit, wrong = 1, p.readDisposition(value)
		case strings.EqualFold(name, "Content-Type"):
			bit, p.kind, wrong = 2, value, wrongKind(value)
		case strings.EqualFold(name, "Content-Transfer-Encoding"):
			bit, wrong = 4, wrongEncoding(value)
		}
		switch {
		case wrong != "":
			return wrong
		case seen&bit != 0:
			return fmt.Sprintf("a part has the header field %q twice", clip(name, 64))
		}
		seen |= bit
	}
	if seen&1 == 0 {
		return "a part has no Content-Disposition"
	}
	return ""
}

// wrongKind refuses parts that hold parts.
func wrongKind(kind string) string {
	if len(kind) > 10 && strings.EqualFold(kind[:10], "multipart/") {
		return "a part holds parts itself"
	}
	return ""
}

// wrongEncoding refuses parts that some readers decode and others do not.
func wrongEncoding(encoding string) string {
	for _, plain := range [...]string{"binary", "8bit", "7bit"} {
		if strings.EqualFold(encoding, plain) {
			return ""
		}
	}
	return fmt.Sprintf("a part has the Content-Transfer-Encoding %q; send it as it is", clip(encoding, 32))
}

// readDisposition reads form-data; name="…"; filename="…".
func (p *formPart) readDisposition(value string) (wrong string) {
	kind, rest, _ := strings.Cut(value, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "form-data") {
		return fmt.Sprintf("a part's Content-Disposition is %q and not form-data", clip(kind, 32))
	}
	seen := make(map[string]bool, 3)
	for rest = strings.Trim(rest, " \t"); rest != ""; {
		key, behind, ok := strings.Cut(rest, "=")
		key = strings.ToLower(key)
		if !ok || !isToken(key) {
			return fmt.Sprintf("a part's Content-Disposition cannot be read at %q", clip(rest, 32))
		}
		text, behind, wrong := cutParameter(behind)
		switch {
		case wrong != "":
			return wrong
		case seen[key]:
			return fmt.Sprintf("a part's Content-Disposition has %q twice", key)
		case key != "filename*" && strings.Contains(key, "*"):
			return fmt.Sprintf("a part's Content-Disposition has %q; write it without the asterisk", clip(key, 32))
		}
		seen[key] = true
		switch key {
		case "name":
			p.name = text
		case "filename":
			p.file = true
			if p.filename == "" {
				p.filename = text
			}
		case "filename*":
			p.file = true
			if _, escaped, ok := strings.Cut(text, "''"); ok {
				if name, err := url.PathUnescape(escaped); err == nil && printable(name) {
					p.filename = name
				}
			}
		}
		rest = behind
	}
	if !seen["name"] || p.name == "" {
		return "a part has no name"
	}
	return ""
}

// cutParameter cuts a parameter's value off, a token or a quoted text, with the
// semicolon behind it.
func cutParameter(s string) (value, rest, wrong string) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		value, rest, ok = strings.Cut(quoted, `"`)
		switch {
		case !ok:
			return "", "", "a part's Content-Disposition has a quotation mark that nothing closes"
		case strings.HasSuffix(value, `\`):
			return "", "", `a part's Content-Disposition has a quotation mark behind a backslash; write %22`
		}
	} else {
		end := strings.IndexAny(s, "; \t")
		if end < 0 {
			end = len(s)
		}
		if value, rest = s[:end], s[end:]; !isToken(strings.ReplaceAll(value, "%", "")) && !isExtended(value) {
			return "", "", fmt.Sprintf("a part's Content-Disposition has a value without quotation marks: %q", clip(value, 32))
		}
	}
	rest = strings.TrimLeft(rest, " \t")
	if rest == "" {
		return value, "", ""
	}
	if rest[0] != ';' {
		return "", "", fmt.Sprintf("a part's Content-Disposition cannot be read at %q", clip(rest, 32))
	}
	return value, strings.Trim(rest[1:], " \t"), ""
}

// isExtended reports whether a value is one of RFC 8187: charset'language'escaped.
func isExtended(s string) bool {
	_, text, ok := strings.Cut(s, "''")
	return ok && isToken(strings.ReplaceAll(s, "%", "")) && text != ""
}

// isToken reports whether s is a token of RFC 9110, such as a header field's name.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}

// boundary returns the boundary of the request's form; what is wrong otherwise.
func boundary(h http.Header) (boundary, wrong string) {
	lines := h["Content-Type"]
	if len(lines) != 1 || strings.ContainsAny(lines[0], `*\`) {
		return "", "its Content-Type names no plain boundary"
	}
	_, params, err := mime.ParseMediaType(lines[0])
	if err != nil {
		return "", "its Content-Type cannot be read: " + strings.TrimPrefix(err.Error(), "mime: ")
	}
	boundary = params["boundary"]
	switch {
	case boundary == "":
		return "", "its Content-Type names no boundary"
	case len(boundary) > 70 || strings.HasSuffix(boundary, " "):
		return "", "its boundary is longer than 70 bytes or ends in a space"
	}
	for i := range len(boundary) {
		c := boundary[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("'()+_,-./:=? ", c) >= 0) {
			return "", "its boundary holds a character that boundaries cannot have"
		}
	}
	return boundary, ""
}
