package proxy

import (
	"net/http"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// reading says how the request of a caller is read. Its body takes of its event's share of
// the memory, else of its group's or its own: names within an event are made up at will.
func (p *Proxy) reading(who *tallygate.Identity) wire.Options {
	o := wire.Options{Table: p.Operations, MaxBody: p.MaxBody, MaxUpload: p.MaxUpload, Memory: p.Bodies, Payer: wire.Payer{Kind: "caller", Name: who.ID}}
	switch {
	case who.Event != "":
		o.Payer = wire.Payer{Kind: "event", Name: who.Event}
	case who.Group != "":
		o.Payer = wire.Payer{Kind: "group", Name: who.Group}
	}
	return o
}

// allow tells which methods a route has, when the request's is not one.
func allow(w http.ResponseWriter, ask *wire.Request) {
	if ask.Allow != "" {
		w.Header().Set("Allow", ask.Allow)
	}
}
