package signup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	_ "embed" // the samples
)

// programs are those in all languages that the playground's "View code" knows, as it
// writes them: a test of ui/ holds the file to that.
//
//go:embed samples.json
var programs []byte

// What stands in the programs for the gateway's address, the model and the key. Copying
// puts the key in its place.
const (
	anyBase     = "https://gateway.invalid"
	anyModel    = `"MODEL"`
	placeholder = "YOUR_KEY"
)

// sample is a first program in one language. Keyed is the same with a place for the key,
// which Code takes from the environment.
type sample struct {
	ID       string `json:"id"`
	Language string `json:"language"`
	Code     string `json:"code"`
	Keyed    string `json:"keyed"`
}

// samples show how to ask a model.
func samples(base, model string) []sample {
	var out []sample
	if err := json.Unmarshal(programs, &out); err != nil {
		return nil // it is embedded, and tested
	}
	for i := range out {
		s := &out[i]
		fill := strings.NewReplacer(anyBase, plain(base), anyModel, literal(s.ID, model))
		s.Code, s.Keyed = fill.Replace(s.Code), fill.Replace(s.Keyed)
	}
	return out
}

// literal writes a text as a literal of a language; in those that send JSON as it stands,
// of JSON.
func literal(language, s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // no string fails
		return `""`
	}
	text := strings.TrimSuffix(b.String(), "\n")
	switch language {
	case "java": // JSON within a literal
		return strings.ReplaceAll(text, `\`, `\\`)
	case "powershell": // no console's encoding spoils ASCII
		return ascii(text)
	}
	return text
}

// ascii escapes what JSON need not.
func ascii(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c < 0x80:
			b.WriteRune(c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			c -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+c>>10, 0xdc00+c&0x3ff)
		}
	}
	return b.String()
}

// plain is an address without what could end a literal. It is the one that the request
// itself came to.
func plain(base string) string {
	return strings.Map(func(c rune) rune {
		if c > '~' || c <= ' ' || strings.ContainsRune("\"'\\`$<>{}|^()!;&*", c) {
			return -1
		}
		return c
	}, base)
}
