package admin

import (
	"fmt"
	"net/http"

	"github.com/tallygate/tallygate"
)

// notAllowed refuses a method.
func notAllowed(r *http.Request) error {
	return &tallygate.Error{Kind: tallygate.MethodNotAllowed, Code: "MethodNotAllowed", Message: fmt.Sprintf("This address does not take %.16s.", r.Method)}
}

// inShape serves a mux whose own refusals, of unknown paths and of methods that a path
// does not have, are made those of the admin side.
func inShape(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r) // which sets the path's values too
			return
		}
		said := unsaid{w.Header()}
		h.ServeHTTP(said, r)
		if w.Header().Get("Allow") != "" {
			refuse(w, notAllowed(r))
			return
		}
		refuse(w, &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: "The admin side has no such address."})
	})
}

// unsaid keeps the header of an answer and lets go of the rest.
type unsaid struct{ header http.Header }

func (u unsaid) Header() http.Header         { return u.header }
func (u unsaid) Write(p []byte) (int, error) { return len(p), nil }
func (u unsaid) WriteHeader(int)             {}
