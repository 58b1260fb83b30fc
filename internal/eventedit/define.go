package eventedit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Length is how long an event lasts, as --for takes it.
func Length(e *api.Event) (string, error) {
	d := e.End.Sub(e.Start)
	if d < time.Second {
		return "", console.Usagef("--for is missing: how long the new event lasts; %q tells nothing", e.ID)
	}
	return d.String(), nil
}

// Define writes the definition of an event that is not stored, from what the gateway tells
// of it and of those of the limits that are about it alone.
func Define(e *api.Event, all []api.Limit) (Definition, error) {
	keys := []string{"name"}
	for _, f := range Flags {
		keys = append(keys, f.Key())
	}
	d, err := only(e, keys...)
	if err != nil {
		return nil, err
	}
	if e.MaxTokensReject {
		d["max_tokens"] = map[string]any{"cap": e.MaxTokens, "over": "reject"}
	}
	var limits []any
	for _, l := range all {
		if l.Origin == "stored" || !slices.Equal(l.Events, []string{e.ID}) {
			continue
		}
		limit, err := defineLimit(l)
		if err != nil {
			return nil, err
		}
		limits = append(limits, limit)
	}
	if len(limits) > 0 {
		d["limits"] = limits
	}
	return d, nil
}

// defineLimit returns a limit as one of an event's own is written: without a name,
// which no two may have, and without the event.
func defineLimit(l api.Limit) (map[string]any, error) {
	l.Each = slices.DeleteFunc(l.Each, func(dimension string) bool { return dimension == "event" })
	d, err := only(l, "zone", "each", "callers", "groups", "models", "deployments")
	if err != nil {
		return nil, err
	}
	d[l.Quantity] = Number(string(l.Amount))
	if l.Period != "" {
		d["per"], d["warn"] = l.Period, fmt.Sprintf("%d%%", l.Warn)
	}
	if l.DryRun {
		d["dry_run"] = true
	}
	if l.Answer == http.StatusForbidden {
		d["answer"] = l.Answer
	}
	return d, nil
}

// only is what the admin API tells by those keys that it shares with the configuration.
func only(v any, keys ...string) (Definition, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d, err := Read(text)
	maps.DeleteFunc(d, func(key string, _ any) bool { return !slices.Contains(keys, key) })
	return d, err
}
