package ledger_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"syscall"

	"github.com/tallygate/tallygate/internal/ledger"
)

// disk makes files that fail as real ones do, and that lose what was not synced
// when the power goes.
type disk struct {
	mu    sync.Mutex
	files []*diskFile
	dead  bool
	// What goes wrong, while it is set.
	writeErr error
	syncErr  error
	makeErr  error
	room     int64 // bytes that can be written until ENOSPC; below 0: no bound
}

func newDisk() *disk { return &disk{room: -1} }

var errPowerCut = errors.New("the machine is off")

type diskFile struct {
	d    *disk
	f    ledger.File
	lost []diskWrite // written and not synced
}

type diskWrite struct {
	p   []byte
	off int64
}

func (d *disk) create(path string) (ledger.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return nil, errPowerCut
	}
	if d.makeErr != nil {
		return nil, d.makeErr
	}
	f, err := ledger.NewFile(path)
	if err != nil {
		return nil, err
	}
	df := &diskFile{d: d, f: f}
	d.files = append(d.files, df)
	return df, nil
}

// set changes what goes wrong.
func (d *disk) set(change func(d *disk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// stop ends the machine. kept says which part of what was written and not synced
// has reached the disk: all of it when only the process died, each piece of 64
// bytes by chance when the power went.
func (d *disk) stop(kept func() bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
	for _, f := range d.files {
		for _, w := range f.lost {
			for at := 0; at < len(w.p); at += 64 {
				if kept() {
					f.f.WriteAt(w.p[at:min(at+64, len(w.p))], w.off+int64(at))
				}
			}
		}
		f.lost = nil
	}
}

func (d *disk) kill()                    { d.stop(func() bool { return true }) }
func (d *disk) powerCut(r func(int) int) { d.stop(func() bool { return r(2) == 0 }) }

func byChance(seed uint64) func(int) int { return rand.New(rand.NewPCG(seed, 7)).IntN }

func (f *diskFile) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.dead {
		return 0, errPowerCut
	}
	n, err := len(p), f.d.writeErr
	if err != nil {
		n = len(p) / 2 // a short write
	}
	if f.d.room >= 0 && int64(n) > f.d.room {
		n, err = int(f.d.room), syscall.ENOSPC
	}
	if f.d.room >= 0 {
		f.d.room -= int64(n)
	}
	f.lost = append(f.lost, diskWrite{append([]byte(nil), p[:n]...), off})
	return n, err
}

func (f *diskFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.dead {
		return errPowerCut
	}
	if f.d.syncErr != nil {
		f.lost = nil // as Linux does: the pages are clean now, and the data gone
		return f.d.syncErr
	}
	for _, w := range f.lost {
		if _, err := f.f.WriteAt(w.p, w.off); err != nil {
			return err
		}
	}
	f.lost = nil
	return nil // not f.f.Sync: tests do not depend on this machine's power
}

func (f *diskFile) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.dead {
		return errPowerCut
	}
	return f.f.Truncate(size)
}

func (f *diskFile) Close() error {
	return f.f.Close()
}
