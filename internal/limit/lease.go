package limit

import (
	"context"
	"strconv"
	"time"

	"github.com/tallygate/tallygate"
)

// maxLeases is how often one admission asks the bank: what it got may be gone to
// another request before it is locked again.
const maxLeases = 8

// shortage is a demand and the place it is for.
type shortage struct {
	Demand
	*place
	window int64 // where the running window began
	need   int64
}

// lease asks the bank for the shares that the need is short of.
func (l *Limits) lease(ctx context.Context, p *plan, h *Hold) error {
	lacks := l.shortages(p, h)
	if len(lacks) == 0 {
		return nil
	}
	demands := make([]Demand, len(lacks))
	for i := range lacks {
		demands[i] = lacks[i].Demand
	}
	shares, err := l.opt.Bank.Lease(ctx, l.opt.Holder, demands)
	if err != nil {
		return unavailable(err)
	}
	for i := range lacks {
		if err := lacks[i].got(shares[i], l.opt.Currency); err != nil {
			return err
		}
	}
	return nil
}

// shortages returns what the plan's accounts must have more of for the need.
func (l *Limits) shortages(p *plan, h *Hold) (lacks []shortage) {
	defer p.unlock()
	if !p.lock() {
		return nil // the next try makes the plan anew
	}
	now := time.Now().UnixNano()
	for i := range p.places {
		pl := &p.places[i]
		pl.advance(now)
		used, n := pl.account.spent+pl.account.held, h.need.amount(pl.Quantity)
		if pl.DryRun || n <= pl.share-used {
			continue
		}
		s := shortage{
			Demand: Demand{Key: pl.key(), Limit: pl.Amount, Used: used, Least: used + n, Want: pl.Amount},
			place:  pl, window: pl.spans[pl.newest].start, need: n,
		}
		if pl.bounded() {
			s.Ends = time.Unix(0, pl.spans[pl.newest].end)
		}
		lacks = append(lacks, s)
	}
	return lacks
}

// got notes the share that the bank gave. The error says that it is not enough
// because other gateways have the rest.
func (s *shortage) got(share int64, currency string) error {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bounded() && a.spans[a.newest].start != s.window {
		return nil // a window that is over
	}
	a.share = share
	if share >= s.Least {
		return nil
	}
	// What others have leased is gone as far as we know.
	v := verdict{rule: s.rule, subject: a.subject, need: s.need, spent: s.Amount - share + a.spent, held: a.held}
	v.decide(a, time.Now().UnixNano())
	if v.why == throttled {
		v.wait = max(v.wait, time.Second)
	}
	a.refused++
	return v.err(currency)
}

// key names the account and its running window to the bank.
func (a *account) key() string {
	key := a.counts + "\x00" + a.subject
	if a.bounded() {
		key += "\x00" + strconv.FormatInt(a.spans[a.newest].start, 10)
	}
	return key
}

// unavailable is the refusal while the bank cannot be asked.
func unavailable(err error) error {
	return &tallygate.Error{
		Kind: tallygate.Unavailable, Code: "LimitsUnavailable", Err: err,
		Message: "The gateway cannot tell at the moment what is left of your limits. Please retry later.",
	}
}
