package main

import (
	"strings"
	"testing"
)

// A build with a version of Go that is known to be unsafe says so; one whose version
// tells nothing does not.
func TestOutdated(t *testing.T) {
	for built, old := range map[string]bool{
		"go1.26.8": true, "go1.26.9 X:nodwarf5": true, "go1.25.12": true, "go1.26rc1": true,
		"go1.26.10": false, "go1.26.11": false, "go1.27.0": false, "go1.27-20261101-RC00": false, "devel go1.28-abcdef": false, "": false,
	} {
		if got := outdated(built) != ""; got != old {
			t.Errorf("%q is outdated: %v", built, got)
		}
	}
}

// A proxy that cannot be used is told of at start, without its address.
func TestProxyWarnings(t *testing.T) {
	for address, bad := range map[string]bool{
		"http://user:s3cret@proxy:3128": false, "proxy:3128": false, "user:s3cret@proxy:3128": false,
		"https://user:s3cret@proxy:3128": true, "socks5://user:s3cret@proxy": true, "http://user:s3cret%@proxy": true, "http://s3cret proxy": true,
	} {
		said := warnings(func(name string) (string, bool) { return address, name == "HTTPS_PROXY" })
		text := strings.Join(said, "\n")
		if strings.Contains(text, "HTTPS_PROXY") != bad || strings.Contains(text, "s3cret") {
			t.Errorf("%q: %q", address, text)
		}
	}
}
