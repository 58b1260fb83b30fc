package config

import (
	"net/mail"
	"net/url"
	"strings"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Portal is what the playground's door says to everybody, who has no key yet.
type Portal struct {
	// Organisation is whose it is, Help where to ask for a code: a text, or the address of
	// a page or a mailbox.
	Organisation, Help string
}

func (p *Portal) fields() tree.Fields {
	return tree.Fields{
		{Key: "organisation", Codec: tree.Name(&p.Organisation), Doc: "Whose playground it is, as its door shows it."},
		{Key: "help", Codec: tree.Name(&p.Help), Doc: "Where to ask who has no code: a text, an https address, or mailto: with an e-mail address. The door says \"No code? Ask your host.\" unless said."},
	}
}

// checkPortal checks that the door's link is one that a page may have.
func (d *reading) checkPortal(p *Portal) {
	scheme, rest, ok := strings.Cut(p.Help, ":")
	scheme = strings.ToLower(scheme)
	switch {
	case !ok || strings.ContainsAny(scheme, " ") || strings.HasPrefix(rest, " "):
	case scheme == "https":
		if u, err := url.Parse(p.Help); err != nil || u.Host == "" || u.User != nil {
			d.WrongAt("portal.help", "", "is not an address such as https://example.com/help")
		}
	case scheme == "mailto":
		if a, err := mail.ParseAddress(rest); err != nil || a.Address != rest || strings.ContainsAny(rest, "?&%#") {
			d.WrongAt("portal.help", "", "is not an address such as mailto:help@example.com")
		}
	case strings.HasPrefix(rest, "//") || scheme == "javascript" || scheme == "data":
		d.WrongAt("portal.help", "", "is an address that is neither https: nor mailto:")
	}
}
