package config_test

import (
	"strings"
	"testing"
)

// What no configuration can let through is refused by name, and told of a glob.
func TestUpstreamHeaders(t *testing.T) {
	for _, name := range []string{"api-key", "Authorization", "x-ms-spillover-deployment", "X-HTTP-Method-Override", "x-forwarded-for", "openai-event-code", "openai-organization"} {
		fails(t, nothing, "upstream_headers: ["+name+"]\n"+rest, "t.yaml:1:20: upstream_headers[0]: never goes to a resource: it would prove who the caller is, choose what was not checked, or tell where the client is (remove it)")
	}
	fails(t, nothing, "upstream_headers: [\"x my\"]\n"+rest, `t.yaml:1:20: upstream_headers[0]: is not a header's name (give a name such as x-my-header, or a glob such as x-my-*)`)
	for glob, remarks := range map[string]int{"x-my-*": 0, "Prefer": 0, "*": 1, "x-ms-*-deployment": 1, "x-forwarded-*": 1} {
		c := mustParse(t, "upstream_headers: [\""+glob+"\"]\n"+rest, nothing)
		if len(c.Notes) != remarks || len(c.UpstreamHeaders) != 1 || !strings.EqualFold(c.UpstreamHeaders[0], glob) {
			t.Errorf("%s: %v, notes %v", glob, c.UpstreamHeaders, c.Notes)
		}
	}
}
