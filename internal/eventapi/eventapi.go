// Package eventapi serves the routes of the Azure OpenAI Service Proxy, the "event
// proxy", below /api/ and /v1/api/: those of its first version (/api/eventinfo and
// /api/oai_prompt, for its playground and its load test), the paths that its later
// versions gave to the SDKs, and what a playground asks about a key.
//
// It decides nothing itself: who may use which model, how much and where is the
// line's affair. Requests of SDKs are handed to the line under its own paths, with
// their bodies untouched in both directions. A request of the first version becomes a
// chat completion that the line serves like any other, so that limits, metering and
// ledger hold for it too, and the answer is told in the old shape.
package eventapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/slow"
)

// Options are what a Handler asks. The functions are called for each request and must
// be safe for concurrent use; what they return is not changed.
type Options struct {
	// Line serves requests of Azure OpenAI's own shape. For who takes part in an event it
	// serves a model that is not there by the event's own one of the class.
	Line http.Handler
	// Identify recognises a credential, as the line does.
	Identify func(http.Header, netip.Addr) (*tallygate.Identity, error)
	// Source tells where a request truly came from.
	Source func(*http.Request) netip.Addr
	// Event returns the event of an ID, open or not.
	Event func(id string) (*event.Event, bool)
	// Behind returns the event that a credential leads to, open or not. It is asked
	// only for credentials that Identify refused because of their event, so that the
	// refusal can tell its times. nil tells none.
	Behind func(credential string) (*event.Event, bool)
	// Models are those that a caller may use and that have a deployment, the preferred
	// ones first.
	Models func(*tallygate.Identity) []api.Model
	// Left tells how a caller's own limits stand.
	Left func(*tallygate.Identity) []api.Left
	// Name is what somebody of an event is called; empty or nil where nobody knows.
	Name func(*tallygate.Identity) string
	// Endpoint is the address that clients use as their base, without a path. nil takes
	// the one that the request itself came to.
	Endpoint func(*http.Request) string
	// Refused hears of a request for a model that was refused before the line was asked,
	// so that it is on record as the line's own are. who is nil when nobody was
	// recognised. nil hears nothing.
	Refused func(r *http.Request, who *tallygate.Identity, began time.Time, status int)
	// Version is the gateway's.
	Version string
}

// does is what the model does, as far as anybody knows.
func does(m *api.Model) api.Kind {
	if m.Kind == "" {
		return api.KindChat
	}
	return m.Kind
}

// thinks reports whether the model thinks before it answers. Such models take
// max_completion_tokens and no sampling parameters.
func thinks(m *api.Model) bool { return slices.Contains(m.Capabilities, "reasoning") }

// Handler serves everything below /api/, /v1/api/ and /engines/; other paths are not found. It
// expects the paths as they came in, cleaned by nobody.
func Handler(o Options) http.Handler { return &handler{o} }

type handler struct{ Options }

// ServeHTTP implements http.Handler.
func (a *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, rest := segment(r.URL.EscapedPath())
	second, behind := segment(rest)
	switch {
	case first == "api" && second == "v1", first == "v1" && second == "api":
		a.serveV1(w, r, behind)
	case first == "engines": // OpenAI's SDK 0.28, with the bare address as its base
		if !a.forward(w, r, r.URL.EscapedPath()) {
			notFound(w)
		}
	case first == "api":
		a.serveFirst(w, r, strings.Trim(rest, "/"))
	default:
		notFound(w)
	}
}

// serveFirst serves the two routes of the first version.
func (a *handler) serveFirst(w http.ResponseWriter, r *http.Request, path string) {
	switch path {
	case "eventinfo":
		only(w, r, "POST", a.firstInfo)
	case "oai_prompt", "playground": // the second is what its playground of November 2023 asks
		only(w, r, "POST", a.prompt)
	default:
		notFound(w)
	}
}

// serveV1 serves what the later versions had below /api/v1 and /v1/api: their own
// routes, and those of the SDKs.
func (a *handler) serveV1(w http.ResponseWriter, r *http.Request, path string) {
	name := strings.Trim(path, "/")
	id, isEvent := strings.CutPrefix(name, "event/")
	switch {
	case name == "eventinfo":
		only(w, r, "GET, HEAD, POST", a.info)
	case name == "session":
		only(w, r, "GET, HEAD", a.session)
	case isEvent && !strings.Contains(id, "/"):
		only(w, r, "GET, HEAD", func(w http.ResponseWriter, r *http.Request) { a.registration(w, r, id) })
	case name == "playground":
		only(w, r, "POST", a.prompt)
	case name == "chat/completions" && coded(r.Header):
		only(w, r, "POST", a.completion)
	default:
		if !a.forward(w, r, path) {
			notFound(w)
		}
	}
}

// coded reports whether a request names its event as the first version did, and not
// in one of the ways of the SDKs.
func coded(h http.Header) bool {
	return h.Get(codeHeader) != "" &&
		h.Get("Api-Key") == "" && h.Get("Authorization") == "" && h.Get("Ocp-Apim-Subscription-Key") == ""
}

// codeHeader is the header that event codes come in.
const codeHeader = "Openai-Event-Code"

// only serves a route of this package's own: it holds requests to the route's methods
// and their bodies to a time in which they must have come.
func only(w http.ResponseWriter, r *http.Request, methods string, serve http.HandlerFunc) {
	if !slices.Contains(strings.Split(methods, ", "), r.Method) {
		w.Header().Set("Allow", methods)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		detail(w, http.StatusMethodNotAllowed, "Method Not Allowed")
		return
	}
	slow.Deadline(w, r, bodyTime)
	serve(w, r)
}

// segment cuts the first segment off an escaped path, passing over empty ones: doubled
// slashes come from base URLs that end in one.
func segment(path string) (first, rest string) {
	path = strings.TrimLeft(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}
