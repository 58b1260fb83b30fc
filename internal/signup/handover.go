package signup

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
)

const (
	// handoverTime is how long a ticket may be handed in.
	handoverTime = 2 * time.Minute
	// sweepEvery is how often those are looked for whose time is over.
	sweepEvery = 10 * time.Second
	// maxTickets bounds those that are not handed in yet.
	maxTickets = 10_000
)

// tickets are keys on their way to another device. A ticket has 130 random bits, so none
// is found by trying. The zero tickets are ready; safe for concurrent use.
type tickets struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]*handover
	of map[string][sha256.Size]byte // whose: each key has one ticket, the last
	// swept is when those that are too old were looked for.
	swept time.Time
}

// handover is a key until its time is over.
type handover struct {
	whose, key string
	until      time.Time
}

// add returns a new ticket for a key; ok is false when there are too many.
func (t *tickets) add(whose, key string, now time.Time) (ticket string, until time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by, t.of = make(map[[sha256.Size]byte]*handover), make(map[string][sha256.Size]byte)
	}
	if last, ok := t.of[whose]; ok {
		t.drop(last)
	}
	t.sweep(now)
	if len(t.by) >= maxTickets {
		return "", until, false
	}
	ticket, until = rand.Text(), now.Add(handoverTime)
	sum := sha256.Sum256([]byte(ticket))
	t.by[sum], t.of[whose] = &handover{whose, key, until}, sum
	return ticket, until, true
}

// take returns the key of a ticket, which ends with that; empty for one that is none, was
// used or is too old.
func (t *tickets) take(ticket string, now time.Time) (key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := sha256.Sum256([]byte(ticket))
	if h := t.by[sum]; h != nil && now.Before(h.until) {
		key = h.key
	}
	t.drop(sum)
	t.sweep(now)
	return key
}

// sweep forgets what is too old. Called with mu held.
func (t *tickets) sweep(now time.Time) {
	if now.Sub(t.swept) < sweepEvery && len(t.by) < maxTickets {
		return
	}
	t.swept = now
	for sum, h := range t.by {
		if !now.Before(h.until) {
			t.drop(sum)
		}
	}
}

// drop forgets a ticket. Called with mu held.
func (t *tickets) drop(sum [sha256.Size]byte) {
	if h := t.by[sum]; h != nil {
		delete(t.of, h.whose)
		delete(t.by, sum)
	}
}

// issue answers a ticket for the key that the request shows.
func (s *door) issue(w http.ResponseWriter, r *http.Request) error {
	key := r.Header.Get("Api-Key")
	who, err := s.Identify(http.Header{"Api-Key": {key}}, s.Source(r))
	if err != nil {
		return err
	}
	ticket, until, ok := s.add(who.ID+"\x00"+who.Key, key, time.Now())
	if !ok {
		return &tallygate.Error{Kind: tallygate.Unavailable, Code: "TooManyTickets", Message: "Too many people move their keys just now. Try again in a moment."}
	}
	url := s.Base(r) + "/#ticket=" + ticket
	reply(w, http.StatusCreated, api.Ticket{URL: url, QR: string(qrImage(url)), Expires: until.UTC(), Seconds: int(handoverTime / time.Second)})
	return nil
}

// redeem answers the key that a ticket was for. Whatever is wrong with a ticket, the
// answer is one.
func (s *door) redeem(w http.ResponseWriter, r *http.Request) error {
	var in api.Redemption
	if err := read(r, &in); err != nil {
		return err
	}
	key := s.take(in.Ticket, time.Now())
	if key == "" {
		refusal(w, http.StatusGone, "TicketGone", "This ticket was used already, or is more than two minutes old. Show a new one on the other device.")
		return nil
	}
	reply(w, http.StatusOK, api.Admission{Key: key})
	return nil
}
