package main

import (
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/config"
)

// Times are read in the zone asked for; what is none is refused.
func TestParseTime(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-11":                   "2026-10-31T15:00:00Z",
		"2026-11-21":                "2026-11-20T15:00:00Z",
		"2026-11-21T09:30":          "2026-11-21T00:30:00Z",
		"2026-11-21 09:30":          "2026-11-21T00:30:00Z",
		"2026-11-21T09:30:01":       "2026-11-21T00:30:01Z",
		"2026-11-21T09:30:00+01:00": "2026-11-21T08:30:00Z",
	} {
		got, err := parseTime(in, zone)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q is %v (%v), want %s", in, got, err, want)
		}
	}
	for in, want := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "1.5d": 36 * time.Hour, "90m": 90 * time.Minute} {
		got, err := parseTime(in, zone)
		if ago := time.Since(got); err != nil || ago < want || ago > want+time.Minute {
			t.Errorf("%q is %v ago (%v), want %v", in, ago, err, want)
		}
	}
	for _, in := range []string{"yesterday", "-24h", "d", "2026-13-01", "24", "9999999d", "1e9d", "NaNd", "1h30d", "36501d"} {
		if got, err := parseTime(in, zone); err == nil {
			t.Errorf("%q is taken for %v", in, got)
		}
	}
}

// The demo's configuration holds for any directory, also one that YAML or the
// references of a configuration would read as something else.
func TestDemoConfig(t *testing.T) {
	for _, dir := range []string{"data", "a: b", "#1", "${env:HOME}", `C:\Users\me`, `say "hi"`, "søk", "{x}"} {
		o := demoOptions{Listen: "[::1]:0", Admin: "127.0.0.1:0", Data: dir, Upstream: "127.0.0.1:1", Key: demoResource}
		text, err := o.config()
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Parse("demo.yaml", text, config.Env{})
		if err != nil {
			t.Errorf("%q: %v", dir, err)
			continue
		}
		if cfg.Data != dir {
			t.Errorf("%q became %q", dir, cfg.Data)
		}
		c := cfg.Callers[0]
		if len(cfg.Resources) != 3 || c.Keys[0].Reveal() != "tg-demo-key" || cfg.Admin.Key.Reveal() != "tg-demo-admin" ||
			c.Limits[0].Amount != 5000 || c.Limits[1].Amount != 1_000_000 {
			t.Errorf("the demo's contract is broken:\n%s", text)
		}
	}
}
