package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/eventedit"
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
	if o.Start == "" {
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
	d, err := definitionOf(c.Context(), gateway, e)
	if err != nil {
		return err
	}
	if o.End == "" && o.Span == "" {
		if o.Span, err = eventedit.Length(e); err != nil {
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
		d["code"] = eventedit.NewCode()
	}
	return o.make(c, d, listing.Zone(e))
}

// definitionOf returns the definition of an event: what is stored of it, or of an event
// from elsewhere what the gateway tells of it and of the limits that are about it alone.
func definitionOf(ctx context.Context, gateway *client.Client, e *api.Event) (eventedit.Definition, error) {
	if len(e.Definition) > 0 {
		return eventedit.Read(e.Definition)
	}
	list, err := gateway.Limits(ctx, client.LimitQuery{Subjects: 1})
	if err != nil {
		return nil, err
	}
	return eventedit.Define(e, list.Limits)
}
