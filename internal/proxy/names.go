package proxy

import (
	"net/url"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// keysIn is the part of an address in which keys are looked for: its query, where the
// configuration says so.
func (p *Proxy) keysIn(u *url.URL) string {
	if !p.QueryKeys {
		return ""
	}
	return u.RawQuery
}

// mean gives the model that is asked for its own name, by which limits, rights and pools
// go: another name of it is an alias, and on the event proxy's routes one that nobody
// knows may stand for the event's own model.
func (p *Proxy) mean(ask *wire.Request, who *tallygate.Identity, standIn func(*tallygate.Identity, *tallygate.Ask) string) {
	own, ok := p.Aliases[strings.ToLower(ask.Model)]
	if !ok && standIn != nil && ask.Model != "" && !p.Pool.Has(ask.Model) {
		own = standIn(who, &ask.Ask)
	}
	if own != "" {
		ask.Mean(own)
	}
}
