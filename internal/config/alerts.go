package config

import (
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/tallygate/tallygate/internal/config/tree"
)

func (a *Alerts) fields() tree.Fields {
	return tree.Fields{
		{Key: "webhook", Codec: tree.Hidden(&a.Webhook, webhookFault), Doc: "URL that warnings are posted to, best as ${env:…}; https, or http to this machine."},
		{Key: "headers", Codec: headers(&a.Headers), Doc: "Headers that go with them, such as Authorization, best as ${env:…}."},
	}
}

// Alerts is where warnings go.
type Alerts struct {
	// Webhook is the URL they are posted to; empty is none. It is https, or http to
	// a loopback address.
	Webhook Secret
	// Headers go with each of them, by canonical name.
	Headers map[string]Secret
}

// webhookFault says what is wrong with a URL, which is kept as a key is because it
// often holds one.
func webhookFault(s string) string {
	u, err := url.Parse(s) // whose words repeat the text
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "holds a space or another character that is not visible ASCII"
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "must be a URL that begins with https://"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "would send warnings over plain http to another machine"
	}
	return ""
}

// headers are HTTP headers with secret values, under their canonical names.
func headers(p *map[string]Secret) tree.Codec {
	c := tree.Table(p, headerFault, headerValue)
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		decode(d, v)
		written, lines := *p, make(map[string]int)
		if len(written) == 0 {
			return
		}
		*p = make(map[string]Secret)
		for _, key := range inOrderOf(d, v.Path, written) {
			d.Unique(lines, tree.Join(v.Path, key), key)
			(*p)[textproto.CanonicalMIMEHeaderKey(key)] = written[key]
		}
	}
	return c
}

func headerFault(s string) error {
	const tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	name := strings.ToLower(s)
	switch {
	case s == "" || len(s) > tree.MaxName || strings.Trim(name, tokens) != "":
		return tree.Faultf("", "is not the name of a header")
	case slices.Contains([]string{"host", "connection", "content-length", "content-type", "transfer-encoding", "upgrade", "te", "trailer"}, name):
		return tree.Faultf("", "is a header that the gateway sets itself")
	}
	return nil
}

// headerValue is a secret that may hold spaces: Bearer and a key.
func headerValue(p *Secret) tree.Codec {
	return tree.Hidden(p, func(s string) string {
		switch {
		case s == "":
			return "the value is empty"
		case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) || strings.TrimSpace(s) != s:
			return "the value begins or ends with a space, or holds a character that is not visible ASCII"
		}
		return ""
	})
}

func (d *reading) checkAlerts(a *Alerts) {
	if len(a.Headers) > 0 && a.Webhook == "" && d.Sound("alerts.webhook") {
		d.WrongAt("alerts.headers", "set alerts.webhook", "go nowhere without a webhook")
	}
}
