package config

import (
	"net/url"
	"strings"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// SignIn is an identity provider: OpenID Connect, or GitHub's OAuth.
type SignIn struct {
	// Name stands in addresses, Title on the button.
	Name, Title string
	// Issuer is where discovery starts; GitHub's server when GitHub.
	Issuer       string
	ClientID     string
	ClientSecret Secret
	GitHub       bool
	// Trusted takes addresses as proved that the issuer does not call verified.
	Trusted bool
}

func (s *SignIn) codec() tree.Codec {
	return tree.Section(tree.Fields{
		{Key: "name", Required: true, Codec: eventID(&s.Name), Doc: "Name in addresses: lower-case letters, digits and dashes."},
		{Key: "title", Codec: tree.Name(&s.Title), Doc: "What its button says; the name unless said."},
		{Key: "issuer", Codec: tree.Text(&s.Issuer), Doc: "Address of the OpenID Connect issuer, such as https://login.microsoftonline.com/TENANT/v2.0."},
		{Key: "client_id", Required: true, Codec: tree.Name(&s.ClientID), Doc: "The gateway's client id there. Its redirect address is PUBLIC_URL/event/callback/NAME."},
		{Key: "client_secret", Required: true, Codec: tree.Key(&s.ClientSecret), Doc: "And its secret, best as ${env:…}."},
		{Key: "github", Codec: tree.Flag(&s.GitHub), Doc: "It is GitHub, or a GitHub server at issuer."},
		{Key: "trusted", Codec: tree.Flag(&s.Trusted), Doc: "Take e-mail addresses as proved that the issuer does not call verified: for issuers that give them out themselves, as a tenant of Entra ID."},
	})
}

// checkSignIn checks the identity providers.
func (d *reading) checkSignIn(list []SignIn) {
	names := make(map[string]int)
	for i, s := range list {
		path := tree.Index("sign_in", i)
		d.Unique(names, tree.Join(path, "name"), s.Name)
		at := tree.Join(path, "issuer")
		switch {
		case s.Issuer == "" && !s.GitHub && d.Sound(at):
			d.WrongAt(path, "or github: true", "has no issuer")
		case s.Issuer != "" && !webAddress(s.Issuer):
			d.WrongAt(at, "", "is not an https address")
		}
	}
}

// checkPublicURL checks the address that clients use.
func (d *reading) checkPublicURL(c *Config) {
	if c.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		d.WrongAt("public_url", "", "is not an address without a path, such as https://ai.contoso.com")
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
