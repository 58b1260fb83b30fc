package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// RunObjects holds a kind of store against what object.Store promises. fresh returns
// an empty place, of which open opens the store, also again.
func RunObjects(t *testing.T, fresh func(t *testing.T) (open func(t *testing.T) object.Store)) {
	tests := []struct {
		name string
		run  func(t *testing.T, open func(t *testing.T) object.Store)
	}{
		{"an object comes back as it was put", objectComesBack},
		{"of two who change one version, one is told", objectConflicts},
		{"what was deleted leaves a tombstone and can be made again", objectDeleted},
		{"what cannot be an object is refused", objectRefused},
		{"a cancelled change changes nothing", objectCancelled},
		{"of many at once each version has one", objectRace},
		{"changes come in pages", objectPages},
		{"any sequence of changes is followed by a copy", objectFollowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, fresh(t)) })
	}
}

// limit returns an object of a kind that occurs.
func limit(id, data string) object.Object {
	return object.Object{Kind: "limit", ID: id, Tenant: "north", Data: []byte(data), By: "ann"}
}

func mustPut(t *testing.T, s object.Store, o object.Object) object.Object {
	t.Helper()
	got, err := s.Put(t.Context(), o)
	if err != nil {
		t.Fatalf("Put(%s %q at %d): %v", o.Kind, o.ID, o.Version, err)
	}
	return got
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func wantObjects(t *testing.T, what string, got []object.Object, err error, want ...object.Object) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

func objectComesBack(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	before := time.Now().Truncate(time.Microsecond)
	want := limit("b ✓", ` {"tokens" : 1e3,"a":"é"}`) // every byte is kept
	b := mustPut(t, s, want)
	want.Version, want.Updated = 1, b.Updated
	if d := cmp.Diff(want, b); d != "" || b.Updated.Before(before) || b.Updated.After(time.Now()) || b.Updated.Location() != time.UTC {
		t.Errorf("Put returns (-want +got):\n%s updated %s", d, b.Updated)
	}
	a := mustPut(t, s, limit("a", `[1]`))
	price := mustPut(t, s, object.Object{Kind: "price", ID: "a", Data: []byte("null")})
	s = open(t)
	got, err := s.Get(t.Context(), "limit", "b ✓")
	wantObjects(t, "Get", []object.Object{got}, err, b)
	list, err := s.List(t.Context(), "limit")
	wantObjects(t, "List", list, err, a, b)
	list, err = s.List(t.Context(), "price")
	wantObjects(t, "List of another kind", list, err, price)
	list, err = s.List(t.Context(), "event")
	wantObjects(t, "List of a kind without any", list, err)
	list, err = s.Changes(t.Context(), 1)
	wantObjects(t, "Changes", list, err, a, price)

	list[0].Data[0] = 'x' // it belongs to the caller
	got, err = s.Get(t.Context(), "limit", "a")
	wantObjects(t, "Get", []object.Object{got}, err, a)
}

func objectConflicts(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	first := mustPut(t, s, limit("a", "1"))
	_, err := s.Put(t.Context(), limit("a", "2"))
	wantError(t, "making it again", err, object.ErrConflict)
	second := first
	second.Data = []byte("2")
	second = mustPut(t, s, second)
	if second.Version <= first.Version {
		t.Errorf("the second version is %d, the first %d", second.Version, first.Version)
	}
	_, err = s.Put(t.Context(), first)
	wantError(t, "replacing a version that is gone", err, object.ErrConflict)
	wantError(t, "deleting a version that is gone", s.Delete(t.Context(), "limit", "a", first.Version), object.ErrConflict)
	wantError(t, "deleting version 0", s.Delete(t.Context(), "limit", "a", 0), object.ErrConflict)
	other := limit("b", "1")
	other.Version = second.Version
	_, err = s.Put(t.Context(), other)
	wantError(t, "replacing what is not there", err, object.ErrNotFound)
	wantError(t, "deleting what is not there", s.Delete(t.Context(), "limit", "b", 0), object.ErrNotFound)
	_, err = s.Get(t.Context(), "limit", "b")
	wantError(t, "getting what is not there", err, object.ErrNotFound)
	got, err := s.Get(t.Context(), "limit", "a")
	wantObjects(t, "Get", []object.Object{got}, err, second)
}

func objectDeleted(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	o := mustPut(t, s, limit("a", "1"))
	if err := s.Delete(t.Context(), "limit", "a", o.Version); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	_, err := s.Get(t.Context(), "limit", "a")
	wantError(t, "getting it", err, object.ErrNotFound)
	list, err := s.List(t.Context(), "limit")
	wantObjects(t, "List", list, err)
	wantError(t, "deleting it again", s.Delete(t.Context(), "limit", "a", o.Version), object.ErrNotFound)
	_, err = s.Put(t.Context(), o)
	wantError(t, "replacing it", err, object.ErrNotFound)
	list, err = s.Changes(t.Context(), o.Version)
	if err != nil || len(list) != 1 || !list[0].Deleted() || list[0].ID != "a" || list[0].Tenant != "north" || list[0].Version <= o.Version {
		t.Fatalf("Changes = %+v, %v; want a tombstone", list, err)
	}
	again := mustPut(t, s, limit("a", "2"))
	if again.Version <= list[0].Version {
		t.Errorf("made again it has version %d, its tombstone had %d", again.Version, list[0].Version)
	}
	list, err = s.Changes(t.Context(), 0)
	wantObjects(t, "Changes", list, err, again)
}

func objectRefused(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	for _, o := range []object.Object{limit("", "1"), limit("a\n", "1"), limit("a", "{"), limit("a", "")} {
		_, err := s.Put(t.Context(), o)
		if e, ok := errors.AsType[*tallygate.Error](err); !ok || e.Kind != tallygate.BadRequest || e.Param == "" {
			t.Errorf("Put(%q, %q) = %v, want BadRequest", o.ID, o.Data, err)
		}
	}
	list, err := s.Changes(t.Context(), 0)
	wantObjects(t, "Changes", list, err)
}

func objectCancelled(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	o := mustPut(t, s, limit("a", "1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Put(ctx, limit("b", "1"))
	wantError(t, "Put", err, context.Canceled)
	wantError(t, "Delete", s.Delete(ctx, "limit", "a", o.Version), context.Canceled)
	_, err = s.Get(ctx, "limit", "a")
	wantError(t, "Get", err, context.Canceled)
	_, err = s.List(ctx, "limit")
	wantError(t, "List", err, context.Canceled)
	_, err = s.Changes(ctx, 0)
	wantError(t, "Changes", err, context.Canceled)
	list, err := s.Changes(t.Context(), 0)
	wantObjects(t, "Changes", list, err, o)
}

// objectRace lets eight count one number up together: each change that was taken is
// in it once.
func objectRace(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	mustPut(t, s, limit("n", "0"))
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				o, err := s.Get(context.Background(), "limit", "n")
				if err != nil {
					t.Error(err)
					return
				}
				var n int64
				fmt.Sscan(string(o.Data), &n)
				o.Data = fmt.Append(nil, n+1)
				switch _, err := s.Put(context.Background(), o); {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, object.ErrConflict):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	o, err := s.Get(t.Context(), "limit", "n")
	if err != nil || string(o.Data) != fmt.Sprint(taken.Load()) || o.Version != taken.Load()+1 {
		t.Errorf("%d changes were taken; the object is %s at version %d, %v", taken.Load(), o.Data, o.Version, err)
	}
}

func objectPages(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	for n := range object.MaxChanges + 5 {
		mustPut(t, s, limit(fmt.Sprint(n), "1"))
	}
	first, err := s.Changes(t.Context(), 0)
	if err != nil || len(first) != object.MaxChanges {
		t.Fatalf("Changes = %d objects, %v", len(first), err)
	}
	rest, err := s.Changes(t.Context(), first[len(first)-1].Version)
	if err != nil || len(rest) != 5 || rest[0].ID != fmt.Sprint(object.MaxChanges) {
		t.Errorf("the rest = %d objects, %v", len(rest), err)
	}
}

// objectFollowed holds the store against a map, and a copy that follows by Changes
// against both.
func objectFollowed(t *testing.T, open func(t *testing.T) object.Store) {
	s := open(t)
	model, copied := make(map[string]object.Object), make(map[string]object.Object)
	var last, followed int64
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")
			now, exists := model[id]
			version := rapid.SampledFrom([]int64{0, now.Version, last}).Draw(t, "version")
			if rapid.Bool().Draw(t, "delete") {
				err := s.Delete(ctx, "limit", id, version)
				if worked := exists && version == now.Version; worked != (err == nil) {
					t.Fatalf("Delete(%q at %d, is at %d): %v", id, version, now.Version, err)
				} else if worked {
					delete(model, id)
					last++
				}
				continue
			}
			o := limit(id, fmt.Sprint(last))
			o.Version = version
			put, err := s.Put(ctx, o)
			if worked := version == now.Version; worked != (err == nil) {
				t.Fatalf("Put(%q at %d, is at %d): %v", id, version, now.Version, err)
			} else if worked {
				last++
				model[id] = put
			}
			if err == nil && put.Version != last {
				t.Fatalf("version %d, want %d", put.Version, last)
			}
		}
		changes, err := s.Changes(ctx, followed)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range changes {
			if o.Version <= followed {
				t.Fatalf("version %d after %d", o.Version, followed)
			}
			followed = o.Version
			if copied[o.ID] = o; o.Deleted() {
				delete(copied, o.ID)
			}
		}
		if d := cmp.Diff(model, copied); d != "" {
			t.Fatalf("the copy differs (-want +got):\n%s", d)
		}
	})
}
