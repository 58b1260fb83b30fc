package object

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Store that forgets everything when the process ends. The zero Memory is
// empty and ready.
type Memory struct {
	mu      sync.Mutex
	objects map[name]Object // tombstones too
	last    int64           // the highest version
}

type name struct{ kind, id string }

var _ Store = (*Memory)(nil)

// List implements Store.
func (m *Memory) List(ctx context.Context, kind string) ([]Object, error) {
	out, err := m.find(ctx, func(o *Object) bool { return o.Kind == kind && !o.Deleted() })
	slices.SortFunc(out, func(a, b Object) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

// Changes implements Store.
func (m *Memory) Changes(ctx context.Context, since int64) ([]Object, error) {
	out, err := m.find(ctx, func(o *Object) bool { return o.Version > since })
	slices.SortFunc(out, func(a, b Object) int { return cmp.Compare(a.Version, b.Version) })
	return out[:min(len(out), MaxChanges)], err
}

// find returns copies of the objects that are wanted.
func (m *Memory) find(ctx context.Context, wanted func(*Object) bool) (out []Object, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.objects {
		if wanted(&o) {
			out = append(out, o.clone())
		}
	}
	return out, nil
}

func (o Object) clone() Object {
	o.Data = bytes.Clone(o.Data)
	return o
}

// Get implements Store.
func (m *Memory) Get(ctx context.Context, kind, id string) (Object, error) {
	if err := ctx.Err(); err != nil {
		return Object{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.objects[name{kind, id}]
	if !ok || o.Deleted() {
		return Object{}, fmt.Errorf("%s %q: %w", kind, id, ErrNotFound)
	}
	return o.clone(), nil
}

// Put implements Store.
func (m *Memory) Put(ctx context.Context, o Object) (Object, error) {
	if err := o.Check(); err != nil {
		return Object{}, err
	}
	return m.change(ctx, o)
}

// Delete implements Store.
func (m *Memory) Delete(ctx context.Context, kind, id string, version int64) error {
	_, err := m.change(ctx, Object{Kind: kind, ID: id, Version: version})
	return err
}

// change puts an object or a tombstone over what is there.
func (m *Memory) change(ctx context.Context, o Object) (Object, error) {
	if err := ctx.Err(); err != nil {
		return Object{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k := name{o.Kind, o.ID}
	next, err := Next(m.objects[k], o, m.last, time.Now())
	if err != nil {
		return Object{}, err
	}
	if m.objects == nil {
		m.objects = make(map[name]Object)
	}
	m.last = next.Version
	m.objects[k] = next.clone()
	return next.clone(), nil
}
