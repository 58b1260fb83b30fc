package event

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Picture is the event's logo, which it holds itself: its media type and its bytes. ok is
// false for an event that has none, or one elsewhere.
func (e *Event) Picture() (kind string, data []byte, ok bool) {
	rest, ok := strings.CutPrefix(e.Logo, "data:image/")
	kind, text, ok2 := strings.Cut(rest, ";base64,")
	if !ok || !ok2 {
		return "", nil, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return "image/" + kind, data, err == nil
}

// LogoURL is where pages find the event's logo: elsewhere by https, or on this origin;
// empty for none that they may show.
func (e *Event) LogoURL() string {
	switch {
	case strings.HasPrefix(strings.ToLower(e.Logo), "https://"):
		return e.Logo
	case strings.HasPrefix(e.Logo, "data:image/"):
		version := sum(e.Logo)
		return "/event/" + e.ID + "/logo?v=" + hex.EncodeToString(version[:6])
	}
	return ""
}
