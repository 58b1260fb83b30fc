package pool

import "time"

// span is how many whole seconds a window remembers: the current one and the sixty
// before it, so that it never forgets what Azure may still count.
const span = 61

// tally is a number of tokens and requests.
type tally struct{ tokens, requests int64 }

func (t *tally) add(u tally, sign int64) {
	t.tokens += sign * u.tokens
	t.requests += sign * u.requests
}

// window mirrors how Azure counts a standard deployment's quota: estimated tokens
// and requests since its minute began. When the minute begins is not told, only
// hinted at. Until the hints agree the last minute counts, wherever Azure's
// begins: that never promises room that is not there.
type window struct {
	second int64 // the newest second in the ring
	ring   [span]tally
	minute tally // sum of the ring
	total  tally // since ever; never falls

	phase phase
	fixed tally // since the minute began, as far as phase knows
}

// phase is when Azure's minute ends, as the reset headers tell. They are whole
// seconds, and on some deployments no count-down at all, so only hints that
// agree are believed.
type phase struct {
	end    time.Duration // of the current minute; 0 is unknown
	hinted time.Duration // when the last hint came
	agreed int
}

const (
	// hintApart is how far apart two hints must be for their agreement to mean anything.
	hintApart = 3 * time.Second
	// hintSlack is how far two hints may differ: each is rounded to a second.
	hintSlack = 1500 * time.Millisecond
)

// advance moves the window to now.
func (w *window) advance(now time.Duration) {
	if w.phase.end != 0 && now >= w.phase.end {
		w.phase.end += ((now-w.phase.end)/time.Minute + 1) * time.Minute
		w.fixed = tally{}
	}
	second := int64(now / time.Second)
	if second-w.second >= span {
		w.ring, w.minute, w.second = [span]tally{}, tally{}, second
		return
	}
	for w.second < second {
		w.second++
		oldest := &w.ring[w.second%span]
		w.minute.add(*oldest, -1)
		*oldest = tally{}
	}
}

// at returns the second's tally; seconds before the ring are zero, being overwritten
// or never used.
func (w *window) at(second int64) *tally { return &w.ring[(second+span)%span] }

// add counts t now; advance must have been called.
func (w *window) add(t tally) {
	w.at(w.second).add(t, 1)
	w.minute.add(t, 1)
	w.fixed.add(t, 1)
	w.total.add(t, 1)
}

// drop takes back what was added at a time, if the window still knows it: the
// request never arrived.
func (w *window) drop(t tally, at time.Duration) {
	second := int64(at / time.Second)
	if w.second-second >= span {
		return
	}
	w.at(second).add(t, -1)
	w.minute.add(t, -1)
	if w.phase.end != 0 && at >= w.phase.end-time.Minute {
		w.fixed.add(t, -1)
	}
}

// used is what counts against the minute's quota now; advance must have been called.
func (w *window) used() tally {
	if w.phase.agreed > 0 {
		return w.fixed
	}
	return w.minute
}

// remains returns how much of Azure's minute is left, as a fraction of it; 1 when
// its phase is not known.
func (w *window) remains(now time.Duration) float64 {
	if w.phase.agreed == 0 {
		return 1
	}
	return max(float64(w.phase.end-now)/float64(time.Minute), 1./60)
}

// since returns what was counted in the seconds from one on.
func (w *window) since(second int64) tally {
	var t tally
	for s := max(second, w.second-span+1); s <= w.second; s++ {
		t.add(*w.at(s), 1)
	}
	return t
}

// begins returns the first whole second of a minute that ends at end.
func begins(end time.Duration) int64 { return int64((end - time.Minute) / time.Second) }

// hint takes a reset header: at now, the minute was said to end after reset.
func (w *window) hint(now, reset time.Duration) {
	if reset <= 0 || reset > time.Minute {
		return
	}
	end, known := now+reset, w.phase.end != 0
	if known && now-w.phase.hinted < hintApart {
		return
	}
	w.phase.hinted = now
	if known {
		off := (end - w.phase.end) % time.Minute
		if off < 0 {
			off += time.Minute
		}
		if off <= hintSlack || off >= time.Minute-hintSlack {
			w.phase.agreed = min(w.phase.agreed+1, 3)
			return
		}
		if w.phase.agreed > 0 {
			w.phase.agreed-- // one that disagrees may be a stray
			return
		}
	}
	w.phase.end = end
	w.fixed = w.since(begins(end))
}
