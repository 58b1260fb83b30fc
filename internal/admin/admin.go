// Package admin is the control side on its own listener: health, metrics,
// profiles, the reload of the configuration, and limits and prices that change at
// run time. Nothing on it but health answers without the admin key.
package admin

import (
	"crypto/subtle"
	"net/http"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/caller"
)

// Options are what the admin side can see and do.
type Options struct {
	// Key lets in whoever bears it; an empty key lets nobody in.
	Key string
	// Version is the gateway's.
	Version string
	// Ready returns nil when requests can be served, else why not.
	Ready func() error
	// Reload loads the configuration anew. Its error is told to the caller.
	Reload  func() error
	Metrics *Metrics
	// Status says how the gateway is.
	Status func() api.Status
	Limits LimitControl
	Prices PriceControl
	Events EventControl
}

// Handler returns the admin side's routes.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	for _, r := range o.routes() {
		mux.HandleFunc(r.Method+" "+r.Path, r.serve)
	}
	guarded := authorised(o.Key, inShape(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Probe(w, r, o.Ready) {
			guarded.ServeHTTP(w, r)
		}
	})
}

// Probe answers the health probes, which need no key, and reports whether the
// request was one: /livez says that the process runs, /readyz (and /healthz) that
// it can serve. /powerproxy/health/liveness is PowerProxy's /livez, and answers as
// it did.
func Probe(w http.ResponseWriter, r *http.Request, check func() error) bool {
	var err error
	status := http.StatusOK
	switch r.URL.Path {
	case "/livez":
	case "/readyz", "/healthz":
		err = check()
	case "/powerproxy/health/liveness":
		status = http.StatusNoContent
	default:
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, notAllowed(r))
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case status == http.StatusNoContent:
		w.WriteHeader(status)
	default:
		w.Write([]byte("ok\n"))
	}
	return true
}

// authorised lets through only requests that bear the key, compared by digest in
// constant time.
func authorised(key string, next http.Handler) http.Handler {
	want := caller.Sum(key)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := caller.Sum(caller.Credential(r.Header))
		if key == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+api.Realm+`"`)
			refuse(w, &tallygate.Error{Kind: tallygate.Unauthenticated, Code: "Unauthorized", Message: "The admin side needs the admin key, as Authorization: Bearer or api-key."})
			return
		}
		next.ServeHTTP(w, r)
	})
}
