package config

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// MaxLogo bounds a picture that stands in an event itself, in bytes.
const MaxLogo = 64 << 10

// LogoFault says what keeps s from being an event's logo, the https address of a picture
// or the picture itself as Logo writes it; empty when nothing does.
func LogoFault(s string) string {
	if head, data, ok := strings.Cut(s, ","); ok && strings.HasPrefix(s, "data:") {
		picture, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return "is not a picture in base64"
		}
		own, fault := Logo(picture)
		if fault == "" && !strings.HasPrefix(own, head+",") {
			return "is not a picture of the kind that it says"
		}
		return fault
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "is not an address such as https://example.com/logo.png"
	case u.Scheme == "http":
		return plainLogo
	}
	return ""
}

const plainLogo = "is an http address, and browsers show pictures on these pages over https alone: give an https address, or put the picture into the event (--logo @FILE)"

// Logo writes a picture as an event holds it: as a data: address. fault says why that
// cannot be: what is no PNG, JPEG, GIF, WebP or SVG, or too large.
func Logo(picture []byte) (address, fault string) {
	kind := http.DetectContentType(picture)
	switch {
	case len(picture) > MaxLogo:
		return "", fmt.Sprintf("has %d bytes; a picture in an event has %d at most", len(picture), MaxLogo)
	case svg(picture):
		kind = "image/svg+xml"
	case kind != "image/png" && kind != "image/jpeg" && kind != "image/gif" && kind != "image/webp":
		return "", "is no picture: PNG, JPEG, GIF, WebP or SVG"
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(picture), ""
}

// svg reports whether a text is a picture in SVG.
func svg(text []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		t, err := d.Token()
		if err != nil {
			return false
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local == "svg" && (e.Name.Space == "http://www.w3.org/2000/svg" || e.Name.Space == "")
		}
	}
}
