package op

import (
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
)

// unknown are the units of paths that nobody has put into the table. They reach what may
// do most, and so pass for callers who may use everything only: it may be what the
// service has learned to do since.
type unknown [3]Unit

// newUnknown makes those of a family; the empty name is that of no family.
func newUnknown(family string) *unknown {
	template := tallygate.Operation("{path...}")
	if family != "" {
		template = tallygate.Operation(family) + "/{path...}"
	}
	reads := kept("GET DELETE", string(template))
	posts := kept("POST", string(template)).starts()
	writes := kept("PUT PATCH", string(template)).starts()
	// The body's model finds the deployment, where that is what it names.
	posts.BodyModel = !strings.EqualFold(family, "fine_tuning")
	posts.prompt, posts.completion = wholeBody, longestAnswer
	return &unknown{reads, posts, writes}
}

// by returns the unit of a method.
func (u *unknown) by(method string) *Unit {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		return &u[0]
	case http.MethodPost:
		return &u[1]
	}
	return &u[2]
}
