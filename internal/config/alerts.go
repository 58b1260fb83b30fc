package config

import (
	"cmp"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

func (a *Alerts) fields() fields {
	return fields{
		{key: "webhook", codec: webhook(&a.Webhook), doc: "URL that warnings are posted to, best as ${env:…}; https, or http to this machine."},
		{key: "headers", codec: headers(&a.Headers), doc: "Headers that go with them, such as Authorization, best as ${env:…}."},
	}
}

// webhook is a URL that is kept as a key is, because it often holds one.
func webhook(p *Secret) codec {
	c := secret(p)
	c.decode = func(d *decoder, v value) {
		var s Secret
		secret(&s).decode(d, v)
		if s == "" {
			return
		}
		u, err := url.Parse(s.Reveal())
		raw := d.marks[v.path].raw
		switch {
		case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
			// The parser's own words repeat the text.
			d.wrong(v, raw, "must be a URL that begins with https://")
		case u.Scheme == "http" && !loopback(u.Hostname()):
			d.wrong(v, cmp.Or(raw, "use https"), "would send warnings over plain http to another machine")
		default:
			*p = s
		}
	}
	return c
}

// headers are HTTP headers with secret values, under their canonical names.
func headers(p *map[string]Secret) codec {
	c := table(p, headerFault, headerValue)
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		decode(d, v)
		written, lines := *p, make(map[string]int)
		if len(written) == 0 {
			return
		}
		*p = make(map[string]Secret)
		for _, key := range inOrderOf(d, v.path, written) {
			d.unique(lines, join(v.path, key), key)
			(*p)[textproto.CanonicalMIMEHeaderKey(key)] = written[key]
		}
	}
	return c
}

func headerFault(s string) error {
	const tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	name := strings.ToLower(s)
	switch {
	case s == "" || len(s) > maxName || strings.Trim(name, tokens) != "":
		return faultf("", "is not the name of a header")
	case slices.Contains([]string{"host", "connection", "content-length", "content-type", "transfer-encoding", "upgrade", "te", "trailer"}, name):
		return faultf("", "is a header that the gateway sets itself")
	}
	return nil
}

// headerValue is a secret that may hold spaces: Bearer and a key.
func headerValue(p *Secret) codec {
	c := secret(p)
	c.decode = func(d *decoder, v value) {
		s, ok := d.scalar(v, "text", false)
		if !ok {
			return
		}
		raw := d.marks[v.path].raw
		switch {
		case s == "":
			d.wrong(v, raw, "the value is empty")
		case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) || strings.TrimSpace(s) != s:
			d.wrong(v, raw, "the value begins or ends with a space, or holds a character that is not visible ASCII")
		default:
			d.hide(s, cmp.Or(raw, redacted))
			*p = Secret(s)
		}
	}
	c.schema = func() schema { return schema{"type": "string", "minLength": 1} }
	return c
}

func (d *decoder) checkAlerts(a *Alerts) {
	if len(a.Headers) > 0 && a.Webhook == "" && d.sound("alerts.webhook") {
		d.wrongAt("alerts.headers", "set alerts.webhook", "go nowhere without a webhook")
	}
}
