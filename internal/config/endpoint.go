package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// endpoint is the address of an Azure OpenAI resource. The portals offer several
// addresses to copy, most of them longer than what is wanted; they all come down
// to scheme, host and base path.
func endpoint(p **url.URL) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "a URL", false)
			if !ok {
				return
			}
			u, cut, err := parseEndpoint(s)
			if err != nil {
				d.Fail(v, err)
				return
			}
			*p = u
			if cut {
				d.Note(v.Path, "everything from /openai on is left out", "the gateway writes that part for each request")
			}
		},
		Encode: func(*tree.Printer) *yaml.Node {
			if *p == nil {
				return nil
			}
			return tree.TextNode((*p).String())
		},
		Schema: func() tree.Schema { return tree.Schema{"type": "string"} },
	}
}

// parseEndpoint returns the endpoint in its shortest form, and whether more than
// a trailing slash was cut off.
func parseEndpoint(s string) (u *url.URL, cut bool, err error) {
	u, err = url.Parse(s)
	if err != nil || u.Scheme == "" || !strings.Contains(s, "://") {
		// The parser's own words repeat the text, which may hold a password.
		return nil, false, tree.Faultf("write it as https://NAME.openai.azure.com", "is not a URL with a scheme and a host")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, false, tree.Faultf("", "must begin with https://")
	case u.User != nil:
		return nil, false, tree.Faultf("keys belong in key", "must not hold a user or password")
	case u.Host == "" || u.Opaque != "":
		return nil, false, tree.Faultf("", "has no host")
	case u.Fragment != "":
		return nil, false, tree.Faultf("", "must not hold a fragment (#)")
	}
	host, err := endpointHost(u)
	if err != nil {
		return nil, false, err
	}
	base, cut := basePath(u.EscapedPath())
	if !cut && (u.RawQuery != "" || u.ForceQuery) {
		return nil, false, tree.Faultf("write scheme and host alone; the api-version comes with each request", "must not hold a query (?)")
	}
	for _, segment := range strings.Split(base, "/") {
		if s, err := url.PathUnescape(segment); err != nil || s == "." || s == ".." {
			return nil, false, tree.Faultf("", "must not hold . or .. in its path")
		}
	}
	if u, err = url.Parse(u.Scheme + "://" + host + base); err != nil {
		return nil, false, tree.Faultf("", "is not a URL")
	}
	return u, cut, nil
}

// basePath returns an escaped path up to, and without, its /openai segment, which
// the gateway adds itself, and whether there was one.
func basePath(path string) (base string, cut bool) {
	lower := strings.ToLower(path) + "/"
	if i := strings.Index(lower, "/openai/"); i >= 0 {
		path, cut = path[:i], true
	}
	return strings.TrimRight(path, "/"), cut
}

// endpointHost returns the host in lower case, with its port unless that is the
// scheme's own.
func endpointHost(u *url.URL) (string, error) {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return "", tree.Faultf("", "has no port from 1 to 65535")
	}
	if port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		port = ""
	}
	if strings.HasPrefix(u.Host, "[") {
		addr, err := netip.ParseAddr(host)
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", tree.Faultf("", "has an IPv6 address that is not one")
		}
		host = "[" + addr.String() + "]"
	} else if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" || strings.Trim(host, ".") == "" {
		return "", tree.Faultf("international names are written in their xn-- form", "has a host that is not a name")
	}
	if port == "" {
		return host, nil
	}
	return host + ":" + port, nil
}
