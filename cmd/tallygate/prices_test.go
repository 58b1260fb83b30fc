package main

import "testing"

// A price is for no model only where it is known what deployments serve, and none of it
// has the name, matches it, or is a version of it.
func TestUnserved(t *testing.T) {
	served := []string{"gpt-4o", "gpt-5-2026-01-01"}
	for _, c := range []struct {
		model  string
		served []string
		want   bool
	}{
		{"gpt-4oo", served, true}, {"GPT-4O", served, false}, {"gpt-5", served, false}, {"gpt-4*", served, false},
		{"o*", served, true}, {"gpt-4oo", nil, false},
	} {
		if got := unserved(c.model, c.served); got != c.want {
			t.Errorf("unserved(%q, %q) = %v", c.model, c.served, got)
		}
	}
}
