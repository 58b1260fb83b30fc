package config

import (
	"net/url"
	"strings"
)

func (s *SignIn) codec() codec {
	return section(fields{
		{key: "name", required: true, codec: eventID(&s.Name), doc: "Name in addresses: lower-case letters, digits and dashes."},
		{key: "title", codec: name(&s.Title), doc: "What its button says; the name unless said."},
		{key: "issuer", codec: text(&s.Issuer), doc: "Address of the OpenID Connect issuer, such as https://login.microsoftonline.com/TENANT/v2.0."},
		{key: "client_id", required: true, codec: name(&s.ClientID), doc: "The gateway's client id there. Its redirect address is PUBLIC_URL/event/callback/NAME."},
		{key: "client_secret", required: true, codec: secret(&s.ClientSecret), doc: "And its secret, best as ${env:…}."},
		{key: "github", codec: flag(&s.GitHub), doc: "It is GitHub, or a GitHub server at issuer."},
		{key: "trusted", codec: flag(&s.Trusted), doc: "Take e-mail addresses as proved that the issuer does not call verified: for issuers that give them out themselves, as a tenant of Entra ID."},
	})
}

// checkSignIn checks the identity providers.
func (d *decoder) checkSignIn(list []SignIn) {
	names := make(map[string]int)
	for i, s := range list {
		path := index("sign_in", i)
		d.unique(names, join(path, "name"), s.Name)
		at := join(path, "issuer")
		switch {
		case s.Issuer == "" && !s.GitHub && d.sound(at):
			d.wrongAt(path, "or github: true", "has no issuer")
		case s.Issuer != "" && !webAddress(s.Issuer):
			d.wrongAt(at, "", "is not an https address")
		}
	}
}

// checkPublicURL checks the address that clients use.
func (d *decoder) checkPublicURL(c *Config) {
	if c.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		d.wrongAt("public_url", "", "is not an address without a path, such as https://ai.contoso.com")
		return
	}
	c.PublicURL = u.Scheme + "://" + u.Host
}

// webAddress reports whether secrets may be sent to an address: by https, or within
// this machine.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}
