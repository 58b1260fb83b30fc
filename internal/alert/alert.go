// Package alert tells somebody outside what an operator should know soon: a budget
// that is nearly used up, or wholly. It posts JSON to a webhook, in the background,
// in order, and tries again for a while; nothing waits for it.
package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Alert is what is posted. Text alone is what chat systems show of it.
type Alert struct {
	// Text says it in a sentence. Nothing in it is mark-up of chat systems.
	Text string `json:"text"`
	// Kind is "limit_warning" or "limit_exhausted".
	Kind string `json:"kind"`
	// Limit is the limit's name, Subject whom it counts for; empty when all share it.
	Limit   string `json:"limit"`
	Subject string `json:"subject,omitempty"`
	// Count is how many alerts of the limit this one stands for, and Subjects some of
	// those it was for; see Gate. 0 is one.
	Count    int      `json:"count,omitempty"`
	Subjects []string `json:"subjects,omitempty"`
	// DryRun says that the limit is on trial and refuses nothing.
	DryRun bool `json:"dry_run,omitempty"`
	// Quantity is what it counts; Spent of Amount is used, both in that quantity
	// (money in whole units of the currency, as text).
	Quantity string `json:"quantity"`
	Spent    string `json:"spent"`
	Amount   string `json:"amount"`
	Currency string `json:"currency,omitempty"`
	// Resets is when the limit's window ends; nil when it does not.
	Resets *time.Time `json:"resets,omitempty"`
	At     time.Time  `json:"at"`
}

// Say is the text of one alert.
func (a *Alert) Say() string {
	whom, unit := "", a.Quantity
	if a.Subject != "" {
		whom = " for " + Plain(a.Subject)
	}
	if a.Currency != "" {
		unit = a.Currency
	}
	text := fmt.Sprintf("%s of %s %s of the limit %s are used%s.", a.Spent, a.Amount, unit, Quote(a.Limit), whom)
	if a.Kind == Exhausted {
		text = fmt.Sprintf("The limit %s has begun to refuse requests%s: %s of %s %s are used.", Quote(a.Limit), whom, a.Spent, a.Amount, unit)
	}
	return text + a.trial()
}

// Gathered is the text of an alert that stands for several.
func (a *Alert) Gathered() string {
	names := make([]string, len(a.Subjects))
	for i, s := range a.Subjects {
		names[i] = Plain(s)
	}
	list := strings.Join(names, "; ")
	if more := a.Count - len(names); more > 0 && list != "" {
		list += fmt.Sprintf(" and %d more", more)
	}
	what := "is nearly used up"
	if a.Kind == Exhausted {
		what = "has begun to refuse requests"
	}
	return fmt.Sprintf("The limit %s %s %d times more since the last alert: %s.", Quote(a.Limit), what, a.Count, list) + a.trial()
}

func (a *Alert) trial() string {
	if a.DryRun {
		return " It is on trial and refuses nothing."
	}
	return ""
}

// The kinds of alerts.
const (
	Warning   = "limit_warning"
	Exhausted = "limit_exhausted"
)

// Options say where alerts go.
type Options struct {
	URL    string
	Header http.Header
	Client *http.Client // nil for one that waits 10 seconds
	Log    *slog.Logger
}

// queue is how many alerts wait while the webhook cannot be reached, attempts how
// often each is tried, and firstPause how long after the first failure; the pause
// doubles.
const (
	queue      = 256
	attempts   = 6
	firstPause = time.Second
)

// Webhook posts alerts. Safe for concurrent use.
type Webhook struct {
	opt     Options
	alerts  chan Alert
	ctx     context.Context
	cancel  context.CancelFunc
	stopped chan struct{}
	lost    atomic.Int64
}

// New starts a webhook; Close ends it.
func New(opt Options) *Webhook {
	if opt.Client == nil {
		opt.Client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // its headers may be secrets
		}}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	w := &Webhook{opt: opt, alerts: make(chan Alert, queue), stopped: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	go w.run()
	return w
}

// Send queues an alert and returns at once. When too many wait, it is lost, and
// counted.
func (w *Webhook) Send(a Alert) {
	select {
	case w.alerts <- a:
	default:
		w.lose(a, fmt.Errorf("%d alerts wait already", queue))
	}
}

// Lost returns how many alerts could not be delivered.
func (w *Webhook) Lost() int64 { return w.lost.Load() }

// Close delivers what waits, each tried once more, until ctx ends.
func (w *Webhook) Close(ctx context.Context) error {
	w.cancel()
	select {
	case <-w.stopped:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Webhook) run() {
	defer close(w.stopped)
	for {
		select {
		case a := <-w.alerts:
			w.deliver(a)
		case <-w.ctx.Done():
			for {
				select {
				case a := <-w.alerts:
					w.deliver(a)
				default:
					return
				}
			}
		}
	}
}

func (w *Webhook) deliver(a Alert) {
	pause := firstPause
	for n := 1; ; n++ {
		err := w.post(a)
		if err == nil {
			return
		}
		if n == attempts || w.ctx.Err() != nil {
			w.lose(a, err)
			return
		}
		select {
		case <-time.After(pause):
		case <-w.ctx.Done():
		}
		pause *= 2
	}
}

func (w *Webhook) lose(a Alert, err error) {
	w.lost.Add(1)
	w.opt.Log.Error("an alert could not be delivered", "alert", a.Text, "err", err)
}

// post sends one alert. The error never holds the webhook's address, which may be
// a secret.
func (w *Webhook) post(a Alert) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.opt.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the webhook's address is not usable")
	}
	for name, values := range w.opt.Header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := w.opt.Client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
	if res.StatusCode >= 300 {
		return fmt.Errorf("the webhook answered %s", res.Status)
	}
	return nil
}
