package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
)

func eventsCloneCommand() *cobra.Command {
	var o eventEdit
	c := &cobra.Command{
		Use: "clone ID NEWNAME", Short: "Make an event like another one", Args: exactArgs("the event's id", "the name of the new one"),
		Long: "Makes an event like another one, with a name and a code of its own, and prints\n" +
			"what its attendees need. It lasts as long as the other one unless --end or --for\n" +
			"is given; nobody has signed up for it. The other one may also be in the\n" +
			"configuration file or in Azure Tables; the new one is kept by the gateway.",
		Example: "  tallygate events clone prompt-lab 'Second lab' --start 2026-12-08T09:00",
		RunE:    func(c *cobra.Command, args []string) error { return cloneEvent(c, &o, args[0], args[1]) },
	}
	c.Flags().StringVar(&o.id, "id", "", "`id` of the new event; made from its name unless said")
	outputFlag(c, &o.output, "json")
	o.flags(c, "id", "output")
	return c
}

func cloneEvent(c *cobra.Command, o *eventEdit, id, name string) error {
	if o.start == "" {
		return console.Usagef("--start is missing: when the new event begins, such as 2026-12-01T09:00, or now")
	}
	gateway, err := o.client()
	if err != nil {
		return err
	}
	e, err := gateway.Event(c.Context(), id)
	if err != nil {
		return err
	}
	d, err := define(c.Context(), gateway, e)
	if err != nil {
		return err
	}
	if o.end == "" && o.span == "" {
		if o.span, err = length(e); err != nil {
			return err
		}
	}
	coded := d["code"] != nil
	for _, key := range []string{"id", "code", "active", "link", "nonce"} { // they are its own
		delete(d, key)
	}
	if err := o.apply(c, d); err != nil {
		return err
	}
	if d["name"] = name; coded && !c.Flags().Changed("code") && !o.generate {
		d["code"] = newCode()
	}
	return o.make(c, d, listing.Zone(e))
}

// length is how long an event lasts, as --for takes it.
func length(e *api.Event) (string, error) {
	d := e.End.Sub(e.Start)
	if d < time.Second {
		return "", console.Usagef("--for is missing: how long the new event lasts; %q tells nothing", e.ID)
	}
	return d.String(), nil
}

// define returns the definition of an event: what is stored of it, or of an event from
// elsewhere what the gateway tells of it and of the limits that are about it alone.
func define(ctx context.Context, a *client.Client, e *api.Event) (definition, error) {
	if len(e.Definition) > 0 {
		return readDefinition(e.Definition)
	}
	keys := []string{"name"}
	for _, f := range eventFlags {
		keys = append(keys, f.key())
	}
	d, err := only(e, keys...)
	if err != nil {
		return nil, err
	}
	if e.MaxTokensReject {
		d["max_tokens"] = map[string]any{"cap": e.MaxTokens, "over": "reject"}
	}
	list, err := a.Limits(ctx, client.LimitQuery{Subjects: 1})
	if err != nil {
		return nil, err
	}
	var limits []any
	for _, l := range list.Limits {
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
	d[l.Quantity] = number(string(l.Amount))
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
func only(v any, keys ...string) (definition, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d, err := readDefinition(text)
	maps.DeleteFunc(d, func(key string, _ any) bool { return !slices.Contains(keys, key) })
	return d, err
}
