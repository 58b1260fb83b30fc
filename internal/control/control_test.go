package control_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/object"
)

// world has the numbers that are stored, by their IDs, and their sum, which is a kind that
// builds on them.
type world struct {
	numbers  map[string]int
	left     map[string]error
	sum      int
	finished bool
}

// memory is a store of objects for one test; broken fails what is written.
type memory struct {
	object.Store
	mu      sync.Mutex
	all     map[string]object.Object
	version int64
	broken  error
}

func (m *memory) List(_ context.Context, kind string) (out []object.Object, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.all)) {
		if m.all[id].Kind == kind {
			out = append(out, m.all[id])
		}
	}
	return out, nil
}

func (m *memory) Put(_ context.Context, o object.Object) (object.Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return o, m.broken
	}
	now, err := object.Next(m.all[o.ID], o, m.version, time.Now())
	if err == nil {
		m.version, m.all[o.ID] = now.Version, now
	}
	return now, err
}

func (m *memory) Delete(_ context.Context, _, id string, version int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil {
		m.version++
		delete(m.all, id)
	}
	return m.broken
}

func numbers() control.Kind[world] {
	return control.Kind[world]{
		Name: "number",
		Use: func(_ context.Context, next, _ *world, stored []object.Object) error {
			next.numbers, next.left = make(map[string]int), make(map[string]error)
			for _, o := range stored {
				n, err := strconv.Atoi(string(o.Data))
				if err != nil {
					next.left[o.ID] = err
					continue
				}
				next.numbers[o.ID] = n
			}
			return nil
		},
		Left: func(next *world) map[string]error { return next.left },
		Then: []control.Kind[world]{{
			Name: "sum",
			Use: func(_ context.Context, next, _ *world, _ []object.Object) error {
				next.sum = 0
				for _, n := range next.numbers {
					next.sum += n
				}
				return nil
			},
			Left: func(*world) map[string]error { return nil },
		}},
	}
}

func room(t *testing.T) (*control.Room[world], *memory) {
	t.Helper()
	store := &memory{all: make(map[string]object.Object)}
	r := &control.Room[world]{Objects: store, Log: slog.New(slog.DiscardHandler), Finish: func(next *world) { next.finished = true }}
	first := new(world)
	if err := r.Furnish(t.Context(), first, nil, numbers()); err != nil {
		t.Fatal(err)
	}
	r.Swap(first)
	return r, store
}

func set(id, data string, want int64) control.Change {
	return control.Change{Object: object.Object{ID: id, Data: []byte(data)}, Want: want}
}

func kindOf(err error) tallygate.Kind { return tallygate.AsError(err).Kind }

// A change is stored, lives, and what builds on it follows; who expected another version
// is told.
func TestApply(t *testing.T) {
	r, store := room(t)
	first := r.Load()
	if err := r.Apply(t.Context(), numbers(), set("a", "2", 0), nil); err != nil {
		t.Fatal(err)
	}
	if w := r.Load(); w == first || w.sum != 2 || !w.finished || first.sum != 0 || len(store.all) != 1 {
		t.Fatalf("lives %+v after %+v", w, first)
	}
	for _, c := range []struct {
		change control.Change
		kind   tallygate.Kind
	}{
		{set("a", "3", 0), tallygate.Conflict}, {set("a", "3", 9), tallygate.Stale}, {set("b", "3", 9), tallygate.Stale},
		{control.Change{Object: object.Object{ID: "b"}, Want: object.Any}, tallygate.NotFound}, {set("b", "{", 0), tallygate.BadRequest},
	} {
		if err := r.Apply(t.Context(), numbers(), c.change, nil); kindOf(err) != c.kind || r.Load().sum != 2 {
			t.Errorf("%+v: %v, want kind %d; the sum is %d", c.change, err, c.kind, r.Load().sum)
		}
	}
	if err := r.Apply(t.Context(), numbers(), set("a", "5", 1), nil); err != nil || r.Load().sum != 5 {
		t.Errorf("%v, the sum is %d, want 5", err, r.Load().sum)
	}
	if err := r.Apply(t.Context(), numbers(), control.Change{Object: object.Object{ID: "a"}, Want: object.Any}, nil); err != nil || r.Load().sum != 0 || len(store.all) != 0 {
		t.Errorf("%v, the sum is %d, %d are stored", err, r.Load().sum, len(store.all))
	}
}

// What is only looked at, refused or not stored changes nothing.
func TestNothingChanges(t *testing.T) {
	r, store := room(t)
	was := r.Load()
	refused := errors.New("no")
	next, err := r.Preview(t.Context(), numbers(), set("a", "2", 0), nil)
	if err != nil || next.sum != 2 {
		t.Errorf("the preview is %+v, %v", next, err)
	}
	if err := r.Apply(t.Context(), numbers(), set("a", "2", 0), func(*world) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("a check that refuses: %v", err)
	}
	store.broken = errors.New("disk full")
	if err := r.Apply(t.Context(), numbers(), set("a", "2", 0), nil); !errors.Is(err, store.broken) {
		t.Errorf("a store that fails: %v", err)
	}
	if r.Load() != was || len(store.all) != 0 {
		t.Errorf("lives %+v, %d are stored", r.Load(), len(store.all))
	}
}

// What does not go with the rest is left out, and keeps nothing else from living.
func TestLeftOut(t *testing.T) {
	r, _ := room(t)
	for id, data := range map[string]string{"a": "1", "b": `"no number"`} {
		if err := r.Apply(t.Context(), numbers(), set(id, data, 0), nil); err != nil {
			t.Fatal(err)
		}
	}
	if w := r.Load(); w.sum != 1 || w.left["b"] == nil || len(w.left) != 1 {
		t.Errorf("lives %+v", w)
	}
	next := new(world)
	if err := r.Furnish(t.Context(), next, r.Load(), numbers()); err != nil || len(next.left) != 1 {
		t.Errorf("%+v, %v", next, err)
	}
}

// Many who change at once lose nothing of each other's.
func TestAtOnce(t *testing.T) {
	r, store := room(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if err := r.Apply(t.Context(), numbers(), set(strconv.Itoa(i), "1", 0), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if r.Load().sum != 50 || len(store.all) != 50 {
		t.Errorf("the sum is %d, %d are stored, want 50", r.Load().sum, len(store.all))
	}
}
