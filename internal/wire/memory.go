package wire

import (
	"fmt"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// Memory is what the bodies of all requests on their way may take, of memory and of
// disk: one for a process. What is charged has come: what a client only claims to send
// costs nothing. One payer has a quarter of it at most, and an eighth is kept for small
// bodies, so that nobody's large ones shut out everybody's chats.
//
// A nil Memory has no bounds and no disk. Safe for concurrent use.
type Memory struct {
	memory, disk ration
	dir          string // of the spill files; empty when there are none
	joining      sync.Mutex
}

const (
	// smallBody is the largest body for which an eighth of the memory is kept, in bytes.
	smallBody = 256 << 10
	// diskFactor is how much more than memory bodies may take of the disk.
	diskFactor = 16
	// roomAgain is when to come again when there is no room for a body.
	roomAgain = time.Second
)

// NewMemory returns a budget of so many bytes of memory. Bodies that need not be in
// memory are kept in files in dir, at most 16 times as much; an empty dir keeps none.
// dir must exist.
func NewMemory(bytes int64, dir string) *Memory {
	m := &Memory{dir: dir}
	m.memory = newRation(bytes)
	m.disk = newRation(bytes * diskFactor)
	return m
}

// InUse returns how much memory and disk bodies take now, in bytes.
func (m *Memory) InUse() (memory, disk int64) { return m.memory.inUse(), m.disk.inUse() }

// share is the most that one payer may take of the memory; 0 is no bound.
func (m *Memory) share() int64 {
	if m == nil {
		return 0
	}
	return m.memory.share
}

// Payer is whose share of the Memory a body takes: an event, a group or a caller. Kind
// tells those of one name apart.
type Payer struct{ Kind, Name string }

// ration is a resource that payers share.
type ration struct {
	most, share, reserve int64

	mu   sync.Mutex
	used int64
	by   map[Payer]int64
}

func newRation(most int64) ration {
	return ration{most: most, share: most / 4, reserve: most / 8, by: make(map[Payer]int64)}
}

func (r *ration) inUse() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

// take takes n more for a payer, all or nothing. small says that what is kept for small
// bodies may be taken as well.
func (r *ration) take(payer Payer, n int64, small bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.most - r.used
	if !small {
		room -= r.reserve
	}
	if n > room || r.by[payer]+n > r.share {
		return false
	}
	r.used += n
	r.by[payer] += n
	return true
}

func (r *ration) give(payer Payer, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	if left := r.by[payer] - n; left > 0 {
		r.by[payer] = left
	} else {
		delete(r.by, payer)
	}
}

// account is what one body has of the budget. It belongs to the body's buffer.
type account struct {
	of           *Memory
	payer        Payer
	memory, disk int64
}

// charge takes n bytes of memory more, and returns the refusal when there are none.
func (a *account) charge(n int64) error {
	if a.of != nil && !a.of.memory.take(a.payer, n, a.memory+n <= smallBody) {
		return &tallygate.Error{
			Kind: tallygate.Unavailable, Code: "BodyMemoryExhausted", RetryAfter: roomAgain,
			Message: fmt.Sprintf("The bodies of requests on their way take all the memory that they may; yours may take %d bytes together. Please retry in a moment, with fewer or smaller requests at once.", a.of.share()),
		}
	}
	a.memory += n
	return nil
}

// credit gives memory back.
func (a *account) credit(n int64) {
	a.memory -= n
	if a.of != nil && n > 0 {
		a.of.memory.give(a.payer, n)
	}
}

// chargeDisk takes n bytes of disk more, if there are any.
func (a *account) chargeDisk(n int64) bool {
	if !a.of.disk.take(a.payer, n, false) {
		return false
	}
	a.disk += n
	return true
}

// close gives all back.
func (a *account) close() {
	a.credit(a.memory)
	if a.disk > 0 {
		a.of.disk.give(a.payer, a.disk)
	}
	*a = account{}
}
