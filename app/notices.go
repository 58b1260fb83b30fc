package app

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/alert"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/limit"
)

// notice tells the operator of a limit that is nearly or wholly used up: the metrics at
// once, and the log, and the webhook if there is one, as often as somebody can read it.
// It waits for nothing.
func (a *App) notice(n limit.Notice) {
	cfg := a.live().Config
	w := alert.Alert{
		Kind: alert.Warning, Limit: n.Limit.Name, Subject: n.Subject, DryRun: n.Limit.DryRun,
		Quantity: n.Limit.Quantity.String(), Spent: figure(n.Limit, n.Spent), Amount: figure(n.Limit, n.Limit.Amount), At: time.Now().UTC(),
	}
	if n.Limit.Quantity == tallygate.Cost {
		w.Currency = cfg.Currency
	}
	if !n.Resets.IsZero() {
		w.Resets = &n.Resets
	}
	if n.Refused {
		w.Kind = alert.Exhausted
	}
	w.Text = w.Say()
	a.metrics.Alerted(w.Kind)
	a.gate.Add(w)
}

// alerted hears of the alerts that are told.
func (a *App) alerted(w alert.Alert) {
	a.log.Warn(w.Text, "kind", w.Kind, "limit", w.Limit, "subject", w.Subject, "count", max(w.Count, 1))
	if hook := a.webhook.Load(); hook != nil {
		hook.Send(w)
	}
}

// figure writes an amount of a limit's quantity.
func figure(l *tallygate.Limit, n int64) string {
	if l.Quantity == tallygate.Cost {
		return tallygate.Money(n).String()
	}
	return fmt.Sprint(n)
}

// hook makes the webhook of a configuration, when it is not the one there is.
func (a *App) hook(cfg, was *config.Config) {
	if was != nil && was.Alerts.Webhook == cfg.Alerts.Webhook && maps.Equal(was.Alerts.Headers, cfg.Alerts.Headers) {
		return
	}
	var next *alert.Webhook
	if url := cfg.Alerts.Webhook.Reveal(); url != "" {
		header := make(http.Header)
		for name, value := range cfg.Alerts.Headers {
			header.Set(name, value.Reveal())
		}
		next = alert.New(alert.Options{URL: url, Header: header, Log: a.log.With("component", "alerts")})
	}
	if old := a.webhook.Swap(next); old != nil {
		a.listen.Beside(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			_ = old.Close(ctx) // what it loses it says itself
		})
	}
}

// closeWebhook delivers what waits.
func (a *App) closeWebhook(ctx context.Context) error {
	if hook := a.webhook.Load(); hook != nil {
		return hook.Close(ctx)
	}
	return nil
}
