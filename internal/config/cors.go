package config

import (
	"net/url"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
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

func (c *CORS) fields() tree.Fields {
	return tree.Fields{
		{Key: "origins", Codec: tree.List(&c.Origins, "", origin), Doc: "Origins whose pages may call the routes of SDKs, such as https://app.example, https://*.example or http://localhost:*; none unless said. Their pages send a key of their own: no cookie counts."},
		{Key: "events", Codec: origins(&c.Events), Doc: "The same for the event proxy's own routes, which need an event's code; [\"*\"], all pages, unless said, and [] turns it off."},
	}
}

// origins is a list of origins in which * may stand for all. Unlike other lists it takes
// the place of its default, and is told when it is empty.
func origins(p *[]string) tree.Codec {
	c := tree.List(p, "", originOrAny)
	decode, encode := c.Decode, c.Encode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		*p = nil
		decode(d, v)
	}
	c.Encode = func(pr *tree.Printer) *yaml.Node {
		if len(*p) == 0 {
			return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		}
		return encode(pr)
	}
	return c
}

func origin(p *string) tree.Codec { return originCodec(p, false) }

func originOrAny(p *string) tree.Codec { return originCodec(p, true) }

func originCodec(p *string, any bool) tree.Codec {
	c := tree.Text(p)
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		s, ok := d.Scalar(v, "an origin", false)
		if !ok {
			return
		}
		s = strings.ToLower(s)
		switch {
		case s == "*" && any:
		case s == "*":
			d.Wrong(v, "name the origins; * is for cors.events alone", "would let every web page call with whatever key it has")
			return
		default:
			if err := originFault(s); err != nil {
				d.Fail(v, err)
				return
			}
		}
		*p = strings.TrimSuffix(s, "/")
	}
	c.Schema = func() tree.Schema { return tree.Schema{"type": "string", "pattern": `^https?://[^/]+/?$|^\*$|\$\{`} }
	return c
}

// originFault says why s is neither an origin nor a pattern of some.
func originFault(s string) error {
	const example = "write scheme and host as browsers do, such as https://app.example, https://*.example or http://localhost:*"
	if strings.Count(s, "*") > 1 {
		return tree.Faultf(example, "has more than one *")
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
		return tree.Faultf(example, "has a * that is neither the first label of a host nor a port")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || strings.ContainsAny(s, "?#"):
		return tree.Faultf(example, "is not an origin")
	}
	host, err := endpointHost(u)
	if err != nil {
		return err
	}
	if host != u.Host {
		return tree.Faultf("browsers leave it out", "names the port that is the scheme's own")
	}
	return nil
}
