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
//
// Nobody of an event may use such a route either: objects there would be everyone's.
type Models struct{}

// Check implements Policy.
func (Models) Check(_ context.Context, who *tallygate.Identity, ask *tallygate.Ask) error {
	if len(who.Models) == 0 && who.Event == "" || ask.Operation == tallygate.Models {
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
		if tallygate.Match(glob, model) {
			return true
		}
	}
	return false
}
