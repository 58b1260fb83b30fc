package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/eventedit"
	"github.com/tallygate/tallygate/internal/listing"
)

func eventsEditCommand() *cobra.Command {
	var o eventEdit
	c := &cobra.Command{
		Use: "edit ID", Short: "Change an event", Args: oneArg("the event's id"),
		Long: "Changes what flags say about an event, and leaves the rest. An empty value takes\n" +
			"something away: --domains '' lets everybody in.\n" +
			"A flag for requests, tokens or money replaces the event's limits of that kind.",
		Example: "  tallygate events edit spring-hackathon --end 2026-12-01T19:00\n" +
			"  tallygate events edit spring-hackathon --tokens-per-attendee 200k/day\n" +
			"  tallygate events edit spring-hackathon --generate-code",
		RunE: func(c *cobra.Command, args []string) error { return editEvent(c, &o, args[0]) },
	}
	c.Flags().StringVar(&o.name, "name", "", "`name` for people; the id stays")
	c.Flags().BoolVar(&o.active, "active", true, "--active=false closes it whatever the time is")
	o.flags(c, "name", "active")
	return c
}

func editEvent(c *cobra.Command, o *eventEdit, id string) error {
	changes := c.Flags().NFlag()
	for _, name := range []string{"admin", "key-file", "gateway"} {
		if c.Flags().Changed(name) {
			changes--
		}
	}
	if changes == 0 {
		return seeHelp(c, fmt.Errorf("nothing to change: say what with a flag, such as --end"))
	}
	gateway, err := o.client()
	if err != nil {
		return err
	}
	e, err := gateway.StoredEvent(c.Context(), id)
	if err != nil {
		return err
	}
	d, err := eventedit.Read(e.Definition)
	if err != nil {
		return err
	}
	if err := o.apply(c, d); err != nil {
		return err
	}
	if c.Flags().Changed("name") {
		d["name"] = o.name
	}
	if c.Flags().Changed("active") {
		if d["active"] = false; o.active {
			delete(d, "active")
		}
	}
	if err := o.Set(d, listing.Zone(e)); err != nil {
		return err
	}
	all, err := gateway.Events(c.Context())
	if err != nil {
		return err
	}
	if err := eventedit.CodeTooNear(all, id, d); err != nil {
		return err
	}
	now, err := gateway.PutEvent(c.Context(), id, d, e.Version)
	if err != nil {
		return inEventFlags(c, d, err)
	}
	fmt.Fprintf(c.ErrOrStderr(), "changed the event %q: %s, %s\n", id, now.State, listing.Window(now))
	listing.Notes(c.ErrOrStderr(), now)
	if now.Code != e.Code && now.Code != "" {
		return console.Pairs(c.OutOrStdout(), [][2]string{{"code", console.Printable(now.Code, 64)}})
	}
	return nil
}
