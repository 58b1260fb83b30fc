package config_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// What the door says is a short text, or an address that a page may lead to.
func TestPortal(t *testing.T) {
	for text, want := range map[string]string{
		"portal: {organisation: Contoso, help: https://contoso.com/help?a=b}": "",
		"portal: {help: 'mailto:help@contoso.com'}":                           "",
		"portal: {help: 'Room 5: ask Ada'}":                                   "",
		"portal: {help: 'Ask <b>Ada</b> \u202e 👋'}":                           "",
		"portal: {help: 'javascript:alert(1)'}":                               "portal.help: is an address that is neither https: nor mailto:",
		"portal: {help: 'JavaScript:alert(1)'}":                               "portal.help: is an address that is neither https: nor mailto:",
		"portal: {help: 'http://contoso.com'}":                                "portal.help: is an address that is neither https: nor mailto:",
		"portal: {help: 'https://user:secret@contoso.com'}":                   "portal.help: is not an address such as https://",
		"portal: {help: 'https:///x'}":                                        "portal.help: is not an address such as https://",
		"portal: {help: 'mailto:a@b.com?body=x'}":                             "portal.help: is not an address such as mailto:",
		"portal: {organisation: " + strings.Repeat("é", 65) + "}":             "portal.organisation: is longer than 128 bytes",
		"portal: {organization: Contoso}":                                     "portal.organization: unknown key",
	} {
		_, err := config.Parse("t.yaml", []byte(strings.TrimSuffix(eventsHead, "events:\n")+text+"\n"), tree.Env{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}
