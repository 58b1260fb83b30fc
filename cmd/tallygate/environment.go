package main

import (
	"fmt"
	goversion "go/version"
	"net/url"
	"runtime"
	"strings"
)

// safeGo is the first version of Go with which a few connections without a key cannot
// end a listener with TLS (GO-2026-6617).
const safeGo = "go1.26.10"

// warnings are what is wrong with the program and with where it runs.
func warnings(lookup func(string) (string, bool)) []string {
	var out []string
	if w := outdated(runtime.Version()); w != "" {
		out = append(out, w)
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if value, _ := lookup(name); value != "" {
			if fault := proxyFault(value); fault != "" {
				out = append(out, name+" "+fault)
			}
		}
	}
	return out
}

// outdated says what is wrong with the version of Go that the program was built with;
// empty when nothing is known. A version of no release says nothing.
func outdated(built string) string {
	built, _, _ = strings.Cut(built, " ") // experiments follow
	if !goversion.IsValid(built) || goversion.Compare(built, safeGo) >= 0 {
		return ""
	}
	return fmt.Sprintf("built with %s, whose HTTP server anybody can end from outside: build it with %s or later", built, safeGo)
}

// proxyFault says what keeps a proxy from being used, without a word of its address,
// which may hold a password.
func proxyFault(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || u.Host == "" {
		u, err = url.Parse("http://" + address) // as net/http reads it
	}
	switch {
	case err != nil:
		return "is not a URL, so it is not used: resources are asked without a proxy"
	case u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "is no address such as http://user:password@proxy.example:3128, so no resource can be reached; in a password, %2F stands for / and %40 for @"
	case u.Scheme != "http":
		return "is not an http:// address: only such proxies are supported, and no resource can be reached"
	}
	return ""
}
