package policy

import (
	"context"
	"fmt"

	"github.com/tallygate/tallygate"
)

// Models lets a caller ask only for the models its globs name. A caller without
// globs may use every model. A caller with globs may list models, but may use no
// other route that names no model: what lives there (files, stored responses) is
// not bound to a model, so the globs could not hold.
type Models struct{}

// Check implements Policy.
func (Models) Check(_ context.Context, who *tallygate.Identity, ask *tallygate.Ask) error {
	if len(who.Models) == 0 || ask.Operation == tallygate.Models {
		return nil
	}
	if ask.Model == "" {
		return &tallygate.Error{
			Kind:    tallygate.Forbidden,
			Code:    "OperationNotAllowed",
			Message: fmt.Sprintf("This key may use named models only, and %q names none.", ask.Operation),
		}
	}
	if MayUse(who.Caller, ask.Model) {
		return nil
	}
	return &tallygate.Error{
		Kind:    tallygate.Forbidden,
		Code:    "ModelNotAllowed",
		Param:   "model",
		Message: fmt.Sprintf("This key may not use the model %q. Ask for one of those that GET …/models lists.", ask.Model),
	}
}

// MayUse reports whether the caller's globs allow the model.
func MayUse(who *tallygate.Caller, model string) bool {
	if len(who.Models) == 0 {
		return true
	}
	for _, glob := range who.Models {
		if Match(glob, model) {
			return true
		}
	}
	return false
}

// Match reports whether name matches glob, in which * stands for any run of
// characters. Case does not count, as in the names of Azure deployments. It
// allocates nothing.
func Match(glob, name string) bool {
	// Two marks suffice: when a character differs, the latest star takes one more.
	g, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, n
			g++
		case g < len(glob) && lower(glob[g]) == lower(name[n]):
			g++
			n++
		case star >= 0:
			mark++
			g, n = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
