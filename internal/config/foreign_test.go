package config

import (
	"strings"
	"testing"
)

// The file of another gateway gets one problem that says what it is and which word is
// which here; a file of ours with one such key is ours, with a mistake.
func TestFilesOfOthers(t *testing.T) {
	f := func(text string, problems int, want ...string) {
		t.Helper()
		_, err := Parse("t.yaml", []byte(text), exampleEnv())
		if err == nil {
			t.Fatal("it was taken")
		}
		if n := strings.Count(err.Error(), "\n") + 1; n != problems {
			t.Errorf("%d problems, want %d:\n%v", n, problems, err)
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%v does not say %q", err, w)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v shows a key", err)
		}
	}
	f(`
azure_subscription_id: 123
region: swedencentral
clients:
  - {name: Team 1, description: d, key: s3cret-0123, deployments_allowed: [gpt-4o], max_tokens_per_minute_in_k: 5}
plugins: [{name: LimitUsage}]
aoai:
  endpoints:
    - {name: One, url: "https://a.openai.azure.com/", key: s3cret-4567, non_streaming_fraction: 1}
`, 1, "t.yaml:7:1: aoai: this is a configuration of PowerProxy", "clients here is callers", "plugins here is nothing", "docs/from-powerproxy.md")
	f("model_list:\n  - {model_name: gpt-4o, litellm_params: {model: azure/gpt-4o, api_key: s3cret-0123}}\nrouter_settings: {}\n", 1, "a configuration of LiteLLM", "router_settings here is models")
	f(string(callersText("  - {name: a, key: plain-key-1}\naoai: {}\n")), 1, "aoai: unknown key")
}
