package policy

import (
	"context"
	"fmt"
	"net/http"

	"github.com/tallygate/tallygate"
)

// Routes decides by method and route what a caller may reach. Callers that are not
// restricted may reach everything. Those that are (see tallygate.Caller.Restricted) may
// have a model read their request if it is one of theirs, and list their models; no
// other route, since the objects that resources keep (files, stored responses) have no
// owners, and so no request that refers to one either.
//
// Whoever takes part in an event reaches nothing beyond the prompt but what the event
// allows.
type Routes struct {
	// NoPassthrough closes the routes that no model reads to everybody.
	NoPassthrough bool
}

// Check implements Policy.
func (p Routes) Check(_ context.Context, r Request) error {
	who, ask := r.Who, r.Ask
	if ask.Access == tallygate.ToList {
		return nil // it shows each the models that it may use
	}
	read := ask.Access == tallygate.ToModel && ask.Method == http.MethodPost
	restricted := who.Restricted()
	switch {
	case !read && restricted:
		return forbidden("OperationNotAllowed", fmt.Sprintf(
			"This key may ask its models and list them. %s %s reaches what the resource keeps, where objects have no owners.", ask.Method, ask.Operation))
	case !read && p.NoPassthrough:
		return forbidden("OperationNotAllowed", fmt.Sprintf(
			"This gateway serves models only, and %s %s is not read by one.", ask.Method, ask.Operation))
	case !restricted:
		return nil
	case ask.Model == "":
		return forbidden("OperationNotAllowed", fmt.Sprintf("This key may use named models only, and this %s request names none.", ask.Operation))
	case !mayUse(who.Caller, ask.Model):
		why := forbidden("ModelNotAllowed", fmt.Sprintf("This key may not use the model %q. Ask for one of those that GET …/models lists.", ask.Model))
		why.Param = "model"
		return why
	case ask.Refers:
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Code: "ReferenceNotAllowed",
			Message: "The request refers to something that the resource keeps, such as an earlier response, a conversation, a file, a container or a deployment beside the model. " +
				"Objects have no owners here yet, so this key may not refer to any: send what the model is to read in the request itself. " +
				`What a model thought can be sent again with "store": false and "include": ["reasoning.encrypted_content"].`,
		}
	case ask.Background:
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Code: "ReferenceNotAllowed", Param: "background",
			Message: "The answer to work in the background is a stored response, and objects have no owners here yet, so this key could not read it. Ask without \"background\".",
		}
	case who.Event != "" && ask.Reach&^who.Allow != 0:
		return forbidden("ReachNotAllowed", fmt.Sprintf(
			"The event does not allow: %s. Ask for it without, or ask the organiser to allow it.", (ask.Reach&^who.Allow).String()))
	}
	return nil
}

func forbidden(code, message string) *tallygate.Error {
	return &tallygate.Error{Kind: tallygate.Forbidden, Code: code, Message: message}
}

// mayUse reports whether the caller's globs allow the model.
func mayUse(who *tallygate.Caller, model string) bool {
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
