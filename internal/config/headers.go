package config

import (
	"strings"

	"github.com/tallygate/tallygate"
)

// headerGlob is a request header's name, or a glob over some.
func headerGlob(p *string) codec {
	c := name(p)
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		decode(d, v)
		switch s := *p; {
		case s == "":
		case strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.*") != "":
			d.wrong(v, "give a name such as x-my-header, or a glob such as x-my-*", "is not a header's name")
		case !strings.Contains(s, "*") && tallygate.Withheld(s):
			d.wrong(v, "remove it", "never goes to a resource: it would prove who the caller is, choose what was not checked, or tell where the client is")
		case strings.Trim(s, "*-") == "":
			d.note(v.path, "lets every header of a caller's through but those that never go to a resource; the service refuses requests with more than ten that it does not know", "")
		case tallygate.Withheld(strings.ReplaceAll(s, "*", "")):
			d.note(v.path, "matches headers that never go to a resource", "")
		}
	}
	return c
}
