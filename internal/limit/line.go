package limit

import (
	"context"
	"time"
)

// maxLine is how many requests wait for one account; those after them are refused.
const maxLine = 256

// waiter is a request's place in the line of an account.
type waiter struct {
	account *account
	poke    chan struct{} // look again
}

// Waits reports whether the last Admit refused a patient request for no other reason
// than what the caller's own requests hold, which will be given back.
func (h *Hold) Waits() bool { return h.blocked != nil }

// Await waits for what the caller's own requests hold, after an Admit that refused for
// them, first come first served, and takes the hold. The error is that of the refusal:
// when the time is over, the context is, or something else stands in the way meanwhile.
// It is woken by what is settled and asks nobody in between.
func (h *Hold) Await(ctx context.Context, until time.Time, refused error) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	h.place = &waiter{poke: make(chan struct{}, 1)}
	defer h.leave()
	for {
		if !h.join() {
			return refused
		}
		// Room may have come before the place was taken, so it is looked at again.
		if err := h.take(ctx, nil); err == nil || h.blocked == nil {
			h.early = len(h.takes)
			return err
		}
		select {
		case <-h.place.poke:
			continue
		case <-timer.C:
		case <-ctx.Done():
		}
		h.blocked.mu.Lock()
		h.blocked.refused++
		h.blocked.mu.Unlock()
		return refused
	}
}

// join puts the request at the end of the line that it is blocked in, if it is not there
// already. It reports whether there is a place.
func (h *Hold) join() bool {
	a := h.blocked
	if h.place.account == a {
		return true
	}
	h.leave()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.line) >= maxLine {
		a.refused++
		return false
	}
	a.line = append(a.line, h.place)
	h.place.account = a
	return true
}

// leave gives up the place, and lets the next in the line look.
func (h *Hold) leave() {
	a := h.place.account
	if a == nil {
		return
	}
	h.place.account = nil
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, w := range a.line {
		if w == h.place {
			a.line = append(a.line[:i], a.line[i+1:]...)
			break
		}
	}
	a.wake()
}

// wake lets the first in the line look again. Called with the account locked.
func (a *account) wake() {
	if len(a.line) == 0 {
		return
	}
	select {
	case a.line[0].poke <- struct{}{}:
	default: // it will look anyway
	}
}

// behind reports whether others wait in the account whose turn comes first. Called with
// the account locked.
func (h *Hold) behind(a *account) bool {
	return h.need.Patient && len(a.line) > 0 && a.line[0] != h.place
}
