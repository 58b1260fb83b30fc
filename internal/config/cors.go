package config

import (
	"net/url"
	"strings"

	"go.yaml.in/yaml/v4"
)

// CORS says which web pages of other origins may call the data side from a browser.
// Patterns are those of package cors: an origin, https://*.example, http://localhost:*,
// and for events also *, which is all pages.
type CORS struct {
	// Origins may call every route that an SDK calls.
	Origins []string
	// Events may call the event proxy's own routes, which need an event's code.
	Events []string
}

func (c *CORS) fields() fields {
	return fields{
		{key: "origins", codec: list(&c.Origins, "", origin), doc: "Origins whose pages may call the routes of SDKs, such as https://app.example, https://*.example or http://localhost:*; none unless said. Their pages send a key of their own: no cookie counts."},
		{key: "events", codec: origins(&c.Events), doc: "The same for the event proxy's own routes, which need an event's code; [\"*\"], all pages, unless said, and [] turns it off."},
	}
}

// origins is a list of origins in which * may stand for all. Unlike other lists it takes
// the place of its default, and is told when it is empty.
func origins(p *[]string) codec {
	c := list(p, "", originOrAny)
	decode, encode := c.decode, c.encode
	c.decode = func(d *decoder, v value) {
		*p = nil
		decode(d, v)
	}
	c.encode = func(pr *printer) *yaml.Node {
		if len(*p) == 0 {
			return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		}
		return encode(pr)
	}
	return c
}

func origin(p *string) codec { return originCodec(p, false) }

func originOrAny(p *string) codec { return originCodec(p, true) }

func originCodec(p *string, any bool) codec {
	c := text(p)
	c.decode = func(d *decoder, v value) {
		s, ok := d.scalar(v, "an origin", false)
		if !ok {
			return
		}
		s = strings.ToLower(s)
		switch {
		case s == "*" && any:
		case s == "*":
			d.wrong(v, "name the origins; * is for cors.events alone", "would let every web page call with whatever key it has")
			return
		default:
			if err := originFault(s); err != nil {
				d.fail(v, err)
				return
			}
		}
		*p = strings.TrimSuffix(s, "/")
	}
	c.schema = func() schema { return schema{"type": "string", "pattern": `^https?://[^/]+/?$|^\*$|\$\{`} }
	return c
}

// originFault says why s is neither an origin nor a pattern of some.
func originFault(s string) error {
	const example = "write scheme and host as browsers do, such as https://app.example, https://*.example or http://localhost:*"
	if strings.Count(s, "*") > 1 {
		return faultf(example, "has more than one *")
	}
	concrete := s
	switch {
	case strings.HasSuffix(strings.TrimSuffix(s, "/"), ":*"):
		concrete = strings.Replace(s, ":*", ":1", 1)
	case strings.Contains(s, "://*."):
		concrete = strings.Replace(s, "://*.", "://any.", 1)
	}
	u, err := url.Parse(concrete)
	switch {
	case strings.Contains(concrete, "*"):
		return faultf(example, "has a * that is neither the first label of a host nor a port")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || strings.ContainsAny(s, "?#"):
		return faultf(example, "is not an origin")
	}
	host, err := endpointHost(u)
	if err != nil {
		return err
	}
	if host != u.Host {
		return faultf("browsers leave it out", "names the port that is the scheme's own")
	}
	return nil
}
