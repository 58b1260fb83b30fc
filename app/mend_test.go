package app_test

import (
	"strings"
	"testing"
)

// What someone must mend is an error in the log that says what to do, and when it was
// mended and reloaded the resource is asked again at once; one that was not changed stays
// as it was.
func TestWhatMustBeMendedIsSaidAndMended(t *testing.T) {
	for name, c := range map[string]struct {
		said      said
		log       string
		was, is   string // in the configuration
		elsewhere bool   // the other resource is changed and not this one
	}{
		"the key":      {jsonly(401, "401"), "Azure refuses the key of resource one: correct resources[one].key", resourceKey, "new-resource-key-0123", false},
		"the endpoint": {jsonly(401, "401"), "Azure refuses the key of resource one", "/one\n", "/one-new\n", false},
		"a network":    {jsonly(403, "403"), "let its address through the resource's firewall", resourceKey, "new-resource-key-0123", false},
		"the name":     {jsonly(404, "DeploymentNotFound"), "Resource one has no deployment gpt-4o: make it there, or correct its name in resources[one].deployments", "name: gpt-4o,", "name: gpt-4o-new, model: gpt-4o,", false},
		"a model":      {jsonly(404, "model_not_found"), "Resource one has no deployment gpt-4o", "name: gpt-4o,", "name: gpt-4o-new, model: gpt-4o,", false},
		"a retired":    {jsonly(410, "gone"), "Azure has retired deployment gpt-4o of resource one", "name: gpt-4o,", "name: gpt-4o-new, model: gpt-4o,", false},
		"nothing":      {jsonly(401, "401"), "Azure refuses the key of resource one", "region", "region", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := true
			g, u := serviced(t, "", func(resource, _ string) said {
				if broken && strings.HasPrefix(resource, "one") {
					return c.said
				}
				return well
			})
			g.post(chatPath, chat("Hello"))
			g.post(chatPath, chat("Hello"))
			if got := u.asked(); got != "one two two" {
				t.Fatalf("asked %s, want one two two", got)
			}
			if log := g.logs.String(); strings.Count(log, `"level":"ERROR"`) != 1 || !strings.Contains(log, c.log) {
				t.Errorf("the log does not say %q as its only error:\n%s", c.log, log)
			}
			text, _, _ := strings.Cut(*g.config.Load(), "name: two")
			changed := strings.Replace(*g.config.Load(), text, strings.ReplaceAll(text, c.was, c.is), 1)
			if c.elsewhere {
				rest := strings.TrimPrefix(*g.config.Load(), text)
				changed = text + strings.Replace(rest, resourceKey, "new-resource-key-0123", 1)
			}
			g.configure(changed)
			u.mu.Lock()
			broken = false
			u.mu.Unlock()
			if err := g.app.Reload(); err != nil {
				t.Fatal(err)
			}
			g.post(chatPath, chat("Hello"))
			if got := u.asked(); strings.HasPrefix(got, "one") == c.elsewhere {
				t.Errorf("after the reload asked %s", got)
			}
		})
	}
}
