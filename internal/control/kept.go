package control

import (
	"context"
	"errors"
	"log/slog"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// Kept is a store of objects whose failures can be told to anybody: that a change could
// not be Kept is the client's to know, and why, such as a full disk, the operator's.
type Kept struct {
	object.Store
	Log *slog.Logger
}

// Put implements object.Store.
func (k Kept) Put(ctx context.Context, o object.Object) (object.Object, error) {
	next, err := k.Store.Put(ctx, o)
	return next, k.told(err, o.Kind, o.ID)
}

// Delete implements object.Store.
func (k Kept) Delete(ctx context.Context, kind, id string, version int64) error {
	return k.told(k.Store.Delete(ctx, kind, id, version), kind, id)
}

// told returns what a client may know of an error. What the client itself did wrong, or
// that it left, is as it was.
func (k Kept) told(err error, kind, id string) error {
	if _, known := errors.AsType[*tallygate.Error](err); err == nil || known ||
		errors.Is(err, object.ErrConflict) || errors.Is(err, object.ErrNotFound) || errors.Is(err, context.Canceled) {
		return err
	}
	k.Log.Error("a change could not be stored", "kind", kind, "id", id, "err", err)
	return &tallygate.Error{Kind: tallygate.Unavailable, Code: "StorageUnavailable", Err: err,
		Message: "The gateway cannot keep changes at the moment. Please try again in a moment."}
}
