package config

import (
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// headerGlob is a request header's name, or a glob over some.
func headerGlob(p *string) tree.Codec {
	c := tree.Name(p)
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		decode(d, v)
		switch s := *p; {
		case s == "":
		case strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.*") != "":
			d.Wrong(v, "give a name such as x-my-header, or a glob such as x-my-*", "is not a header's name")
		case !strings.Contains(s, "*") && tallygate.Withheld(s):
			d.Wrong(v, "remove it", "never goes to a resource: it would prove who the caller is, choose what was not checked, or tell where the client is")
		case strings.Trim(s, "*-") == "":
			d.Note(v.Path, "lets every header of a caller's through but those that never go to a resource; the service refuses requests with more than ten that it does not know", "")
		case tallygate.Withheld(strings.ReplaceAll(s, "*", "")):
			d.Note(v.Path, "matches headers that never go to a resource", "")
		}
	}
	return c
}
