// Package object keeps what people change while the gateway runs, such as limits and
// prices: a kind, an id, and JSON that the package does not look into.
//
// Whoever changes an object says which version of it they saw, so that of two who
// change it at once one is told. Versions rise over all objects together, so that
// whoever keeps a copy follows by asking for the changes since the last one it knows.
package object

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
)

// Object is one object at one version.
type Object struct {
	// Kind and ID name the object: 1 to 200 characters each, all printable. Kind is
	// what it is, such as "limit".
	Kind, ID string
	// Tenant is whose it is; empty for the organisation that runs the gateway. At
	// most 200 printable characters, as By is.
	Tenant string
	// Data is JSON, at most 1 MiB. It is nil in a tombstone, which is all that is left
	// of an object that was deleted; it has no By.
	Data []byte
	// Version is the number of the object's last change among all changes of all
	// objects; the first is 1.
	Version int64
	// Updated is when it was changed last, in UTC to the microsecond.
	Updated time.Time
	// By is who did; may be empty.
	By string
}

// Deleted reports whether o is a tombstone.
func (o *Object) Deleted() bool { return o.Data == nil }

// Store keeps objects. It is safe for concurrent use. What it is given and what it
// returns belongs to the caller.
type Store interface {
	// List returns the objects of a kind, by id.
	List(ctx context.Context, kind string) ([]Object, error)
	// Get returns an object, or ErrNotFound.
	Get(ctx context.Context, kind, id string) (Object, error)
	// Put makes an object when its Version is 0, and otherwise replaces the one of
	// that version; it returns the object with its new Version and Updated, once that
	// would survive a power cut. It fails with ErrConflict when there is one already
	// or it has another version, with ErrNotFound when there is none to replace, and
	// with a *tallygate.Error of kind BadRequest when the object cannot be one (see
	// Object.Check).
	Put(ctx context.Context, o Object) (Object, error)
	// Delete removes the object of a version and leaves a tombstone. It fails with
	// ErrNotFound, or with ErrConflict when the object has another version.
	Delete(ctx context.Context, kind, id string, version int64) error
	// Changes returns the objects whose version is above since as they are now,
	// tombstones too, oldest change first and at most MaxChanges of them: ask again
	// from the last version until none is left.
	Changes(ctx context.Context, since int64) ([]Object, error)
}

// The errors of a Store, to be told by errors.Is.
var (
	// ErrNotFound: there is no such object.
	ErrNotFound = errors.New("there is no such object")
	// ErrConflict: the object is not at the version that was given.
	ErrConflict = errors.New("the object is at another version")
)

// The bounds.
const (
	MaxName    = 200     // characters of Kind, ID, Tenant and By
	MaxData    = 1 << 20 // bytes of Data
	MaxChanges = 1000    // objects in one answer of Changes
)

// Any stands for whichever version of an object there is.
const Any int64 = -1

// Match reports why an object that is at version now, 0 when there is none, may not be
// changed by someone who expects it at version want, 0 for none, or Any: a
// *tallygate.Error of kind Conflict or Stale.
func Match(now, want int64) error {
	switch {
	case want == now || want == Any && now > 0:
		return nil
	case want == 0:
		return &tallygate.Error{Kind: tallygate.Conflict, Code: "Exists",
			Message: fmt.Sprintf("It is there already, at version %d. Send If-Match: \"%d\" to replace that one, or If-Match: * whichever there is.", now, now)}
	case now == 0:
		return &tallygate.Error{Kind: tallygate.Stale, Code: "VersionMismatch", Message: "There is none to be replaced. Send no If-Match to make it."}
	}
	return &tallygate.Error{Kind: tallygate.Stale, Code: "VersionMismatch",
		Message: fmt.Sprintf("It is at version %d, not %d: somebody changed it meanwhile. Look at it again.", now, want)}
}

// Check reports what keeps o from being put: a *tallygate.Error of kind BadRequest
// that names the field.
func (o *Object) Check() error {
	if o.Version < 0 {
		return bad("version", "The version %d is negative; 0 makes a new object.", o.Version)
	}
	for _, f := range [...]struct {
		name, value string
		least       int
	}{{"kind", o.Kind, 1}, {"id", o.ID, 1}, {"tenant", o.Tenant, 0}, {"by", o.By, 0}} {
		if err := checkName(f.name, f.value, f.least); err != nil {
			return err
		}
	}
	switch {
	case len(o.Data) > MaxData:
		return bad("data", "The data of %s %q has %d bytes, more than %d.", o.Kind, o.ID, len(o.Data), MaxData)
	case !utf8.Valid(o.Data) || !json.Valid(o.Data):
		return bad("data", "The data of %s %q is not JSON.", o.Kind, o.ID)
	}
	return nil
}

// checkName bounds the length before anything goes over the text.
func checkName(field, s string, least int) error {
	if len(s) < least || len(s) > MaxName*utf8.UTFMax || utf8.RuneCountInString(s) > MaxName {
		return bad(field, "The %s must have %d to %d characters.", field, least, MaxName)
	}
	for i, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return bad(field, "The %s has a character at byte %d that is not printable.", field, i)
		}
	}
	return nil
}

func bad(param, format string, args ...any) error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Code: "InvalidObject", Param: param, Message: fmt.Sprintf(format, args...)}
}

// Next decides what becomes of an object when o, which may be a tombstone, is put over
// it. now is the object as it is, the zero Object or a tombstone when there is none;
// last is the highest version of any object. Stores share it so that they agree.
func Next(now, o Object, last int64, at time.Time) (Object, error) {
	exists := !now.Deleted()
	switch {
	case !exists && (o.Version != 0 || o.Deleted()):
		return Object{}, fmt.Errorf("%s %q: %w", o.Kind, o.ID, ErrNotFound)
	case exists && o.Version == 0 && !o.Deleted():
		return Object{}, fmt.Errorf("%s %q is there already: %w (%d)", o.Kind, o.ID, ErrConflict, now.Version)
	case exists && now.Version != o.Version:
		return Object{}, fmt.Errorf("%s %q: %w (%d, not %d)", o.Kind, o.ID, ErrConflict, now.Version, o.Version)
	}
	if o.Deleted() {
		o.Tenant = now.Tenant
	}
	o.Version, o.Updated = last+1, at.UTC().Truncate(time.Microsecond)
	return o, nil
}
