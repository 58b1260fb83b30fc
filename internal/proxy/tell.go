package proxy

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
)

// tellRoom tells the caller what is left of its own limits, in Azure's headers and
// units, and what the gateway changed of its request.
func tellRoom(h http.Header, hold *limit.Hold, n *need) {
	tellRate(h, &hold.Requests, "X-Ratelimit-Limit-Requests", "X-Ratelimit-Remaining-Requests", "X-Ratelimit-Reset-Requests")
	tellRate(h, &hold.Tokens, "X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Reset-Tokens")
	if b := &hold.Budget; b.Known {
		h["X-Tallygate-Budget-Limit"] = []string{tallygate.Money(b.Limit).String()}
		h["X-Tallygate-Budget-Remaining"] = []string{tallygate.Money(b.Left).String()}
		if b.Reset > 0 {
			h["X-Tallygate-Budget-Reset"] = []string{seconds(b.Reset)}
		}
	}
	if n.output > 0 {
		tellCap(h, n)
	}
	if len(hold.Would) > 0 {
		h["X-Tallygate-Dry-Run"] = hold.Would
	}
}

// tellWay tells how the answer came about, where that was not the usual way: which model
// served it and that it is a fallback, how many deployments were asked, how long it
// waited for room; and by which deployment, if that is no secret. d is nil for a refusal.
func (t *trip) tellWay(d *tallygate.Deployment) {
	h := t.w.Header()
	if t.entry.Attempts > 1 {
		h["X-Tallygate-Attempts"] = []string{strconv.Itoa(t.entry.Attempts)}
	}
	if waited := t.pick.Waited() + t.need.waited; waited > 0 {
		h["X-Tallygate-Wait-Ms"] = []string{decimal(int64((waited + time.Millisecond - 1) / time.Millisecond))}
	}
	if d == nil {
		return
	}
	if d.Model != "" && !strings.EqualFold(d.Model, t.ask.Written()) {
		h["X-Tallygate-Model"] = []string{d.Model}
	}
	if d.Model != "" && t.need.model != "" && !strings.EqualFold(d.Model, t.need.model) {
		h["X-Tallygate-Fallback"] = []string{"true"}
	} else {
		delete(h, "X-Tallygate-Fallback")
	}
	if t.open {
		h["X-Tallygate-Deployment"] = []string{d.Resource + "/" + cmp.Or(d.Title, d.Name)}
	}
}

// tellRate writes three headers into two allocations: every answer has them.
func tellRate(h http.Header, r *limit.Room, amount, left, reset string) {
	if !r.Known {
		return
	}
	var b [3 * 20]byte // what three numbers need at most
	text := strconv.AppendInt(b[:0], r.Limit, 10)
	first := len(text)
	text = strconv.AppendInt(text, r.Left, 10)
	second := len(text)
	text = strconv.AppendInt(text, wholeSeconds(r.Reset), 10)
	all := string(text)
	values := []string{all[:first], all[first:second], all[second:]}
	h[amount], h[left], h[reset] = values[0:1:1], values[1:2:2], values[2:3:3]
}

func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func seconds(d time.Duration) string { return strconv.FormatInt(wholeSeconds(d), 10) }
