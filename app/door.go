package app

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/cors"
	"github.com/tallygate/tallygate/internal/eventapi"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/slow"
)

// Headers longer than maxHeader bytes are refused in the shape of all refusals. Those
// longer than mostHeader the server itself refuses, in plain text, before anybody here
// sees them; so does it what is no HTTP.
const (
	maxHeader  = 64 << 10
	mostHeader = 4 * maxHeader
)

// turnAway refuses what no route of either listener takes, and reports whether it did:
// tunnels, and headers that are too long. The connection ends with it.
func turnAway(w http.ResponseWriter, r *http.Request) bool {
	var why *tallygate.Error
	switch {
	case r.Method == http.MethodConnect:
		w.Header()["Allow"] = []string{"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}
		why = &tallygate.Error{Kind: tallygate.MethodNotAllowed, Message: "CONNECT is not served: this is no forward proxy. Send requests to it as to the API itself."}
	case headerBytes(r) > maxHeader:
		why = &tallygate.Error{Kind: tallygate.HeaderTooLarge, Message: "The request's header has more than 64 KiB. Look for a cookie or a token that grew."}
	default:
		return false
	}
	w.Header()["Connection"] = []string{"close"}
	proxy.Refuse(w, why)
	return true
}

// headerBytes is the length of a request's header, its first line included.
func headerBytes(r *http.Request) int {
	n := len(r.RequestURI)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// pages are the origins whose pages may call: the routes of SDKs, and those of events.
type pages struct{ sdk, events cors.Origins }

func pagesOf(c *config.CORS) pages {
	return pages{sdk: c.Origins, events: slices.Concat(c.Origins, c.Events)}
}

// crossOrigin answers a preflight, before anybody is asked who sends it, or returns the
// writer that tells a page of another origin that it may read the answer. Pages and
// files of the gateway's own are for its own origin alone.
func (a *App) crossOrigin(w http.ResponseWriter, r *http.Request, path string) (http.ResponseWriter, bool) {
	if r.Header["Origin"] == nil {
		return w, false
	}
	origins, methods, key := a.live().pages.sdk, "GET, HEAD, POST, PUT, PATCH, DELETE", "cors.origins"
	switch {
	case strings.HasPrefix(path, signupPages), strings.HasPrefix(path, attendeePages), atDoor(path), a.playground.Has(path):
		origins = nil
	case ofEvents(path) && eventapi.Coded(path):
		origins, methods, key = a.live().pages.events, "GET, HEAD, POST", "cors.events"
	}
	if !cors.Preflight(r) {
		return origins.Tell(w, r), false
	}
	if !origins.Answer(w, r, methods) {
		proxy.Refuse(w, &tallygate.Error{
			Kind: tallygate.Forbidden, Code: "OriginNotAllowed",
			Message: "Pages of this origin may not call this address from a browser: the gateway's configuration names those that may in " + key + ".",
		})
	}
	return w, true
}

// hasten bounds the time in which a body must have come.
func (a *App) hasten(w http.ResponseWriter, r *http.Request) {
	slow.Deadline(w, r, a.live().Config.Timeouts.Body)
}
