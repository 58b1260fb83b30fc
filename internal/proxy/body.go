package proxy

import (
	"maps"
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

// header is the request's as it goes up: what was read as JSON is told to be that and
// nothing else, so that the service reads what was read here.
func (t *trip) header() http.Header {
	const json = "application/json"
	h := t.r.Header
	if told := h["Content-Type"]; !t.ask.Peeked() || len(told) == 1 && (told[0] == json || told[0] == json+"; charset=utf-8") {
		return h
	}
	h = maps.Clone(h)
	h["Content-Type"] = []string{json}
	return h
}

// allow tells which methods a route has, when the request's is not one.
func allow(w http.ResponseWriter, ask *wire.Request) {
	if ask.Allow != "" {
		w.Header().Set("Allow", ask.Allow)
	}
}
