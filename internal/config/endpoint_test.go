package config_test

import (
	"fmt"
	"testing"
)

func withEndpoint(url, extra string) string {
	return fmt.Sprintf("resources: [{name: a, endpoint: %q, key: azure-key-1, deployments: [{name: x}]%s}]\ncallers: [{name: c, key: caller-key}]\n", url, extra)
}

func TestEndpointNormalised(t *testing.T) {
	f := func(written, want string, notes int) {
		t.Helper()
		c := mustParse(t, withEndpoint(written, ""), nothing)
		if got := c.Resources[0].Endpoint.String(); got != want {
			t.Errorf("endpoint %s = %s, want %s", written, got, want)
		}
		if len(c.Notes) != notes {
			t.Errorf("endpoint %s: notes %v, want %d", written, c.Notes, notes)
		}
	}
	// The hosts of the service, and what the portals add to them.
	f("https://x.openai.azure.com", "https://x.openai.azure.com", 0)
	f("https://x.openai.azure.com/", "https://x.openai.azure.com", 0)
	f("https://x.openai.azure.com//", "https://x.openai.azure.com", 0)
	f("https://x.cognitiveservices.azure.com/", "https://x.cognitiveservices.azure.com", 0)
	f("https://x.services.ai.azure.com/", "https://x.services.ai.azure.com", 0)
	f("https://x.openai.azure.us", "https://x.openai.azure.us", 0)
	f("HTTPS://X.OpenAI.Azure.COM", "https://x.openai.azure.com", 0)
	f("https://x.openai.azure.com:443", "https://x.openai.azure.com", 0)
	f("https://x.openai.azure.com:8443/", "https://x.openai.azure.com:8443", 0)
	f("https://x.openai.azure.com:", "https://x.openai.azure.com", 0)
	// Target URIs.
	f("https://x.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "https://x.openai.azure.com", 1)
	f("https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com", 1)
	f("https://x.openai.azure.com/openai", "https://x.openai.azure.com", 1)
	f("https://x.openai.azure.com//openai/v1", "https://x.openai.azure.com", 1)
	f("https://x.openai.azure.com/OpenAI/responses?api-version=2025-04-01-preview", "https://x.openai.azure.com", 1)
	f("https://x.cognitiveservices.azure.com/openai/deployments/d/embeddings?api-version=1", "https://x.cognitiveservices.azure.com", 1)
	// A gateway or a project in front.
	f("https://apim.example/team/a/", "https://apim.example/team/a", 0)
	f("https://apim.example/team/openai/deployments/d", "https://apim.example/team", 1)
	f("https://apim.example/openai-team/", "https://apim.example/openai-team", 0)
	f("https://apim.example/a%2Fb/", "https://apim.example/a%2Fb", 0)
	f("https://x.services.ai.azure.com/api/projects/p/openai/v1/", "https://x.services.ai.azure.com/api/projects/p", 1)
	// Addresses.
	f("https://[2001:DB8::1]/", "https://[2001:db8::1]", 0)
	f("https://[2001:db8:0:0::1]:443/", "https://[2001:db8::1]", 0)
	f("https://10.0.0.4:8443", "https://10.0.0.4:8443", 0)
	// Plain http stays on this machine.
	f("http://localhost:9000", "http://localhost:9000", 0)
	f("http://127.0.0.2:80/", "http://127.0.0.2", 0)
	f("http://[::1]:9000", "http://[::1]:9000", 0)
}

func TestEndpointRefused(t *testing.T) {
	f := func(written, want string) {
		t.Helper()
		fails(t, nothing, withEndpoint(written, ""), "t.yaml:1:33: resources[0].endpoint: "+want)
	}
	const noURL = "is not a URL with a scheme and a host (write it as https://NAME.openai.azure.com)"
	f("", noURL)
	f("x.openai.azure.com", noURL)
	f("x.openai.azure.com:443", noURL)
	f("//x.openai.azure.com", noURL)
	f("https:x.openai.azure.com", noURL)
	f("https://x y", noURL)
	f("https://x:port", noURL)
	f("https://%zz", noURL)
	f("https://", "has no host")
	f("https:///openai", "has no host")
	f("https://:443", "has a host that is not a name (international names are written in their xn-- form)")
	f("https://müller.example", "has a host that is not a name (international names are written in their xn-- form)")
	f("https://x_y!.example", "has a host that is not a name (international names are written in their xn-- form)")
	f("https://x:70000", "has no port from 1 to 65535")
	f("https://x:0", "has no port from 1 to 65535")
	f("https://[fe80::1%25eth0]", "has an IPv6 address that is not one")
	f("ftp://x.example", "must begin with https://")
	f("https://user:password@x.example", "must not hold a user or password (keys belong in key)")
	f("https://x.example/#part", "must not hold a fragment (#)")
	f("https://x.example/?api-key=abc", "must not hold a query (?) (write scheme and host alone; the api-version comes with each request)")
	f("https://x.example?", "must not hold a query (?) (write scheme and host alone; the api-version comes with each request)")
	f("https://x.example/a/../b", "must not hold . or .. in its path")
	f("https://x.example/a/%2e%2E/b", "must not hold . or .. in its path")
	const plain = "would send keys and prompts over plain http (use https, or set allow_http: true on the resource to send them in the clear)"
	f("http://x.openai.azure.com", plain)
	f("http://10.0.0.4", plain)
	f("http://localhost.example", plain)
}

func TestPlainHTTPWhereAllowed(t *testing.T) {
	c := mustParse(t, withEndpoint("http://x.internal", ", allow_http: true"), nothing)
	if got := c.Resources[0].Endpoint.String(); got != "http://x.internal" {
		t.Errorf("endpoint = %s", got)
	}
}

func TestEndpointNoteNamesItsPlace(t *testing.T) {
	c := mustParse(t, withEndpoint("https://x.openai.azure.com/openai/v1/", ""), nothing)
	const want = "t.yaml:1:33: resources[0].endpoint: everything from /openai on is left out (the gateway writes that part for each request)"
	if got := c.Notes[0].String(); got != want {
		t.Errorf("notes = %s, want %s", got, want)
	}
}
