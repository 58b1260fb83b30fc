package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/eventedit"
)

func eventsLinkCommand() *cobra.Command {
	var o adminOptions
	var renew bool
	c := &cobra.Command{
		Use: "link ID", Short: "Print the organiser's link, or make another", Args: oneArg("the event's id"),
		Long: "Prints the link that opens an event's live view, code cards and report, for its\n" +
			"organisers only. --renew makes another one, and the old one opens nothing any\n" +
			"more. Events of the configuration file get another link with another number as\n" +
			"their link.",
		Example: "  tallygate events link spring-hackathon\n  tallygate events link spring-hackathon --renew",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			e, err := gateway.Event(c.Context(), args[0])
			if renew {
				e, err = renewLink(c.Context(), gateway, args[0])
			}
			if err != nil {
				return err
			}
			if e.Live == "" {
				return fmt.Errorf("the event %q is not in use: %s", e.ID, console.Printable(e.Problem, 500))
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), e.Base+e.Live)
			return err
		}),
	}
	c.Flags().BoolVar(&renew, "renew", false, "end the link and make another")
	gatewayFlags(c, &o)
	return c
}

// renewLink gives a stored event another link, and returns the event as it is then.
func renewLink(ctx context.Context, a *client.Client, id string) (*api.Event, error) {
	e, err := a.StoredEvent(ctx, id)
	if err != nil {
		return nil, err
	}
	d, err := eventedit.Read(e.Definition)
	if err != nil {
		return nil, err
	}
	if err := d.RenewLink(); err != nil {
		return nil, err
	}
	return a.PutEvent(ctx, id, d, e.Version)
}
