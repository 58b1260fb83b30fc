package limit_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/calendar"
	"github.com/tallygate/tallygate/internal/limit"
)

// book is a ledger in memory: what was recorded, and what is owed.
type book struct {
	entries []*tallygate.Entry
	intents map[*tallygate.Entry]bool
}

func (b *book) Sums(_ context.Context, from time.Time, by []tallygate.Dimension) ([]limit.Sum, error) {
	sums := make(map[[tallygate.Dimensions]string]*limit.Sum)
	for _, e := range b.entries {
		if !e.Counted || e.Began.Before(from) {
			continue
		}
		all := [tallygate.Dimensions]string{e.Key, e.Caller, e.Group, e.Event, e.Attendee, e.Ask.Model, ""}
		var v [tallygate.Dimensions]string
		for _, d := range by {
			v[d] = all[d]
		}
		s := sums[v]
		if s == nil {
			s = &limit.Sum{Values: v}
			sums[v] = s
		}
		s.Requests++
		s.Usage.Prompt += e.Usage.Prompt
		s.Usage.Completion += e.Usage.Completion
		s.Usage.Total += e.Usage.Total
		s.Usage.Seconds += e.Usage.Seconds
		s.Usage.Characters += e.Usage.Characters
		s.Usage.Images += e.Usage.Images
		s.Cost += e.Cost
	}
	var out []limit.Sum
	for _, s := range sums {
		out = append(out, *s)
	}
	return out, nil
}

func (b *book) Since(_ context.Context, from time.Time, each func(*tallygate.Entry) error) error {
	for _, e := range b.entries {
		if e.Counted && !e.Began.Before(from) {
			if err := each(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// world is a gateway that admits, settles, crashes and starts again, and what a
// test knows of it.
type world struct {
	t      *rapid.T
	book   book
	rules  []tallygate.Limit
	limits *limit.Limits
	open   map[*tallygate.Entry]*limit.Hold
}

func (w *world) start() {
	var err error
	if w.limits, err = limit.New(context.Background(), w.rules, limit.Options{Past: &w.book}); err != nil {
		w.t.Fatal(err)
	}
	w.open = make(map[*tallygate.Entry]*limit.Hold)
}

func (w *world) admit() {
	caller := rapid.SampledFrom([]string{"a", "b"}).Draw(w.t, "caller")
	e := &tallygate.Entry{Began: time.Now(), Caller: caller, Key: "k" + caller, Group: "g", Counted: true}
	e.Ask.Model = rapid.SampledFrom([]string{"gpt-4o", "o3"}).Draw(w.t, "model")
	e.Hold = tallygate.Bound{Prompt: rapid.Int64Range(0, 40).Draw(w.t, "prompt"), Completion: rapid.Int64Range(0, 40).Draw(w.t, "completion")}
	for _, n := range []*int64{&e.Hold.Seconds, &e.Hold.Images, &e.Hold.Characters} { // of a request that is no chat
		*n = rapid.SampledFrom([]int64{0, 0, 1, 7, 40}).Draw(w.t, "pieces")
	}
	e.Hold.Cost = worth(e.Hold.Whole())
	who := &tallygate.Identity{Caller: &tallygate.Caller{ID: caller, Group: "g"}, Key: e.Key}
	h := new(limit.Hold)
	if w.limits.Admit(context.Background(), h, who, e.Ask.Model, e.Began, limit.Need{Bound: e.Hold}) == nil {
		w.open[e] = h
		w.book.intents[e] = true
	}
}

// worth is what a usage costs here.
func worth(u tallygate.Usage) tallygate.Money {
	return tallygate.Money(2*(u.Prompt+u.Completion) + 3*u.Seconds + 5*u.Images + u.Characters)
}

// end settles one open request, in one of the ways there are.
func (w *world) end() {
	for e, h := range w.open {
		delete(w.open, e)
		delete(w.book.intents, e)
		switch rapid.IntRange(0, 2).Draw(w.t, "end") {
		case 0: // refused later on
			e.Counted = false
			h.Release()
		default:
			e.Usage.Prompt = rapid.Int64Range(0, e.Hold.Prompt).Draw(w.t, "used prompt")
			e.Usage.Completion = rapid.Int64Range(0, e.Hold.Completion).Draw(w.t, "used completion")
			e.Usage.Total = e.Usage.Prompt + e.Usage.Completion
			for _, n := range []struct{ used, most *int64 }{
				{&e.Usage.Seconds, &e.Hold.Seconds}, {&e.Usage.Images, &e.Hold.Images}, {&e.Usage.Characters, &e.Hold.Characters},
			} {
				*n.used = rapid.Int64Range(0, *n.most).Draw(w.t, "used pieces")
			}
			e.Cost = worth(e.Usage)
			h.Settle(e)
		}
		h.Release() // a deferred one does nothing
		w.book.entries = append(w.book.entries, e)
		return
	}
}

// crash forgets everything but the ledger, which settles what was owed at its hold.
func (w *world) crash() {
	for e := range w.book.intents {
		e.Usage = e.Hold.Whole()
		e.Cost = e.Hold.Cost
		w.book.entries = append(w.book.entries, e)
	}
	clear(w.book.intents)
	w.start()
}

// check compares every limit with what the ledger says, and with its amount.
func (w *world) check() {
	now := time.Now()
	for _, s := range w.limits.States() {
		l := s.Limit
		if l.Quantity == tallygate.Concurrent {
			if s.Spent != 0 || s.Held != int64(len(w.open)) || s.Held > l.Amount {
				w.t.Fatalf("%s: %d held with %d open", l.Name, s.Held, len(w.open))
			}
			continue
		}
		if s.Spent+s.Held > l.Amount {
			w.t.Fatalf("%s %s: %d spent and %d held of %d", l.Name, s.Subject, s.Spent, s.Held, l.Amount)
		}
		spent, held := w.expect(l, s.Subject, now)
		if l.Period == tallygate.Sliding {
			// A slot leaves up to its length late.
			if s.Spent < spent || s.Held < held {
				w.t.Fatalf("%s %s: %d spent and %d held, the ledger has %d and %d", l.Name, s.Subject, s.Spent, s.Held, spent, held)
			}
			continue
		}
		if s.Spent != spent || s.Held != held {
			w.t.Fatalf("%s %s: %d spent and %d held, the ledger has %d and %d", l.Name, s.Subject, s.Spent, s.Held, spent, held)
		}
	}
}

// expect sums up what counts for a limit and subject.
func (w *world) expect(l *tallygate.Limit, subject string, now time.Time) (spent, held int64) {
	from, _ := calendar.Window(l.Period, now, l.Zone)
	if l.Period == tallygate.Sliding {
		from = now.Add(-l.Length + time.Nanosecond)
	}
	count := func(e *tallygate.Entry, u tallygate.Usage, cost tallygate.Money) int64 {
		if e.Began.Before(from) || len(l.Each) > 0 && subject != "caller="+e.Caller ||
			len(l.Match[tallygate.ByModel]) > 0 && !tallygate.Match(l.Match[tallygate.ByModel][0], e.Ask.Model) {
			return 0
		}
		switch l.Quantity {
		case tallygate.Requests:
			return 1
		case tallygate.Tokens:
			return u.Prompt + u.Completion
		case tallygate.PromptTokens:
			return u.Prompt
		case tallygate.CompletionTokens:
			return u.Completion
		case tallygate.Seconds:
			return u.Seconds
		case tallygate.Images:
			return u.Images
		case tallygate.Characters:
			return u.Characters
		}
		return int64(cost)
	}
	for _, e := range w.book.entries {
		if e.Counted {
			spent += count(e, e.Usage, e.Cost)
		}
	}
	for e := range w.open {
		held += count(e, e.Hold.Whole(), e.Hold.Cost)
	}
	return spent, held
}

// Whatever requests, endings, crashes, restarts and reloads follow each other, no
// limit is ever over, and every counter is what the ledger sums up to.
func TestCountersAreTheLedger(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(*testing.T) {
			w := &world{t: rt, rules: rules()}
			w.book.intents = make(map[*tallygate.Entry]bool)
			w.start()
			rt.Repeat(map[string]func(*rapid.T){
				"admit": func(*rapid.T) { w.admit() },
				"end":   func(*rapid.T) { w.end() },
				"crash": func(*rapid.T) { w.crash() },
				"wait": func(rt *rapid.T) {
					time.Sleep(time.Duration(rapid.Int64Range(1, int64(40*time.Minute)).Draw(rt, "wait")))
				},
				"pause": func(rt *rapid.T) {
					time.Sleep(time.Duration(rapid.Int64Range(1, int64(10*time.Second)).Draw(rt, "pause")))
				},
				"reload": func(rt *rapid.T) {
					var err error
					if w.limits, err = w.limits.Next(context.Background(), w.rules); err != nil {
						rt.Fatal(err)
					}
				},
				"": func(*rapid.T) { w.check() },
			})
		})
	})
}

func rules() []tallygate.Limit {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(fmt.Sprintf("zone data: %v", err))
	}
	each := []tallygate.Dimension{tallygate.ByCaller}
	o3 := tallygate.Limit{Name: "o3", Quantity: tallygate.CompletionTokens, Amount: 150, Period: tallygate.Hour}
	o3.Match[tallygate.ByModel] = []string{"o*"}
	return []tallygate.Limit{
		{Name: "rate", Quantity: tallygate.Tokens, Amount: 200, Period: tallygate.Sliding, Length: time.Minute, Each: each},
		{Name: "ten", Quantity: tallygate.Requests, Amount: 5, Period: tallygate.Sliding, Length: 10 * time.Second},
		{Name: "day", Quantity: tallygate.Cost, Amount: 2000, Period: tallygate.Day, Zone: stockholm, Each: each},
		{Name: "prompts", Quantity: tallygate.PromptTokens, Amount: 900, Period: tallygate.Ever},
		o3,
		{Name: "sound", Quantity: tallygate.Seconds, Amount: 60, Period: tallygate.Sliding, Length: time.Hour, Each: each},
		{Name: "drawn", Quantity: tallygate.Images, Amount: 90, Period: tallygate.Day, Zone: stockholm},
		{Name: "spoken", Quantity: tallygate.Characters, Amount: 150, Period: tallygate.Month, Each: each},
		{Name: "at once", Quantity: tallygate.Concurrent, Amount: 3},
	}
}

// When what an entry cost is corrected, the counters of the limits it counts in
// follow; those of a window that is over, and of others, do not move.
func TestCorrect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		each := per(tallygate.Day, tallygate.Cost, 1000)
		each.Each = []tallygate.Dimension{tallygate.ByCaller}
		l := newLimits(t, each, per(tallygate.Month, tallygate.Cost, 5000), per(tallygate.Day, tallygate.Tokens, 500))
		e := entry(10)
		e.Caller, e.Key, e.Group, e.Began, e.Cost = "team", team.Key, "product", time.Now(), 300
		e.Ask.Model = "gpt-4o"
		h := mustAdmit(t, l, limit.Need{Bound: tallygate.Bound{Prompt: 10, Cost: 400}})
		h.Settle(e)
		check := func(day, month int64) {
			t.Helper()
			for _, s := range l.States() {
				want := int64(10)
				switch {
				case s.Limit.Quantity == tallygate.Cost && s.Limit.Period == tallygate.Day:
					want = day
				case s.Limit.Quantity == tallygate.Cost:
					want = month
				}
				if s.Spent != want {
					t.Errorf("%s: %d spent, want %d", s.Limit.Name, s.Spent, want)
				}
			}
		}
		check(300, 300)
		l.Correct(e, 50)
		check(350, 350)
		other := *e
		other.Caller = "other"
		l.Correct(&other, 7)
		check(350, 357)
		time.Sleep(24 * time.Hour)
		l.Correct(e, -100)
		for _, s := range l.States() {
			if want := map[tallygate.Period]int64{tallygate.Month: 257}[s.Limit.Period]; s.Limit.Quantity == tallygate.Cost && s.Spent != want {
				t.Errorf("the next day, %s: %d spent, want %d", s.Limit.Name, s.Spent, want)
			}
		}
	})
}
