package config

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Prompt is a suggestion for attendees in the playground.
type Prompt struct{ Title, Text string }

// What an event may say in the playground, in characters: a prompt is a chip that is
// pressed, and a system message goes with each of a chat's requests.
const (
	MaxPrompts       = 12
	MaxPromptTitle   = 40
	MaxPromptText    = 2_000
	MaxSystemMessage = 4_000
)

// prompts is a list of suggestions.
func prompts(p *[]Prompt) tree.Codec {
	c := tree.List(p, Prompt{}, (*Prompt).codec)
	decode, shape := c.Decode, c.Schema
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		if decode(d, v); len(*p) > MaxPrompts {
			d.Wrong(v, "", "are %d; there may be %d at most", len(*p), MaxPrompts)
		}
	}
	c.Schema = func() tree.Schema {
		s := shape()
		s["maxItems"] = MaxPrompts
		return s
	}
	return c
}

func (p *Prompt) codec() tree.Codec {
	return tree.Section(tree.Fields{
		{Key: "title", Required: true, Codec: prose(&p.Title, MaxPromptTitle, titleFault), Doc: "What its button says, in one line."},
		{Key: "text", Required: true, Codec: prose(&p.Text, MaxPromptText, proseFault), Doc: "What it writes into the message box."},
	})
}

// systemMessage is what a new chat begins with; empty is nothing.
func systemMessage(p *string) tree.Codec {
	c := prose(p, MaxSystemMessage, func(s string) string {
		if s == "" {
			return ""
		}
		return proseFault(s)
	})
	c.Schema = func() tree.Schema { return tree.Schema{"type": "string", "maxLength": MaxSystemMessage} }
	return tree.UnlessEmpty(c, func() bool { return *p == "" })
}

// prose is text that people read, of so many characters at most. fault says what else
// is wrong with it; empty is nothing.
func prose(p *string, most int, fault func(string) string) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "text", false)
			if !ok {
				return
			}
			if n := utf8.RuneCountInString(s); n > most {
				d.Wrong(v, "", "%s has %d characters; %d is the most", d.Quote(v.Path, s), n, most)
				return
			}
			if message := fault(s); message != "" {
				d.Wrong(v, "", "%s", message)
				return
			}
			*p = s
		},
		Encode: func(*tree.Printer) *yaml.Node { return tree.TextNode(*p) },
		Schema: func() tree.Schema { return tree.Schema{"type": "string", "minLength": 1, "maxLength": most} },
	}
}

// proseFault refuses what has nothing to read, or what no text editor writes.
func proseFault(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "must not be empty"
	case strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r < 0xa0
	}):
		return "holds a control character"
	}
	return ""
}

// titleFault refuses moreover what would break the line it stands in, or what
// turns the text after it around. Marks that only tell a direction are welcome.
func titleFault(s string) string {
	if fault := proseFault(s); fault != "" {
		return fault
	}
	switch {
	case strings.ContainsAny(s, "\n\r\t\u2028\u2029"):
		return "must be one line"
	case strings.ContainsAny(s, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"):
		return "holds a character that changes the direction of what follows"
	}
	return ""
}
