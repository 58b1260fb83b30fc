package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/eventedit"
	"github.com/tallygate/tallygate/internal/listing"
)

func eventsCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "events", Short: "Make, show and change events of a running gateway",
		Long: "Makes, shows and changes events of a running gateway: times in which people may\n" +
			"use some models, by a code they share. What is changed counts for the next\n" +
			"request, and is kept in the gateway's data directory. Events of its\n" +
			"configuration file and of Azure Tables are shown, and changed where they are\n" +
			"from.",
	})
	c.AddCommand(eventsCreateCommand(), eventsListCommand(), eventsShowCommand(), eventsEditCommand(),
		eventsCloneCommand(), eventsLinkCommand(), eventsEndCommand(), eventsDeleteCommand())
	return c
}

func eventsListCommand() *cobra.Command {
	var o adminOptions
	var output string
	var codes bool
	c := &cobra.Command{
		Use: "list", Short: "Show all events", Args: noArgs,
		Long: "Shows all events, each in its own time zone. Their codes are shown only with\n" +
			"--codes, in every format.",
		Example: "  tallygate events list\n  tallygate events list --codes -o csv",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, _ []string) error {
			all, err := gateway.Events(c.Context())
			if err != nil {
				return err
			}
			if !codes {
				for i := range all {
					hideCode(&all[i])
				}
			}
			return listing.Events(c.OutOrStdout(), c.ErrOrStderr(), output, listing.EventTable{Events: all, Codes: codes})
		}),
	}
	c.Flags().BoolVar(&codes, "codes", false, "show their codes, too")
	outputFlag(c, &output, "json", "csv")
	gatewayFlags(c, &o)
	return c
}

// hideCode takes out of an event what lets somebody in.
func hideCode(e *api.Event) { e.Code, e.Live, e.Definition = "", "", nil }

func eventsShowCommand() *cobra.Command {
	var o adminOptions
	var output string
	c := &cobra.Command{
		Use: "show ID", Short: "Show an event, with its code and pages", Args: oneArg("the event's id"),
		Long: "Shows everything about an event: its code, the page where people sign up, the\n" +
			"organiser's live view, and what its limits count.",
		Example: "  tallygate events show spring-hackathon",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			e, err := gateway.Event(c.Context(), args[0])
			if err != nil {
				return err
			}
			if output == "json" {
				return console.JSON(c.OutOrStdout(), e)
			}
			limits, err := gateway.Limits(c.Context(), client.LimitQuery{Subjects: 1})
			if err != nil {
				return err
			}
			return listing.Event(c.OutOrStdout(), e, limits)
		}),
	}
	outputFlag(c, &output, "json")
	gatewayFlags(c, &o)
	return c
}

func eventsEndCommand() *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: "end ID", Short: "End an event now", Args: oneArg("the event's id"),
		Long: "Ends an event now: its code and the keys of its attendees work no longer.\n" +
			"Another end opens it again: events edit ID --end TIME.",
		Example: "  tallygate events end spring-hackathon",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			return endEvent(c, gateway, args[0])
		}),
	}
	adminFlags(c, &o)
	return c
}

func endEvent(c *cobra.Command, gateway *client.Client, id string) error {
	e, err := gateway.StoredEvent(c.Context(), id)
	if err != nil {
		return err
	}
	now := time.Now()
	switch {
	case e.Problem != "":
		return fmt.Errorf("the event %q is not in use, so it needs no end: %s", id, console.Printable(e.Problem, 500))
	case e.End.Before(now):
		return fmt.Errorf("the event %q ended already, at %s", id, listing.Clock(e.End, e))
	case e.Start.After(now):
		return fmt.Errorf("the event %q begins at %s: delete it, or close it with events edit %s --active=false", id, listing.Clock(e.Start, e), id)
	}
	d, err := eventedit.Read(e.Definition)
	if err != nil {
		return err
	}
	end := now.Truncate(time.Second)
	if end.Before(e.Start) {
		end = e.Start
	}
	d["end"] = end.In(listing.Zone(e)).Format(time.RFC3339Nano)
	if _, err := gateway.PutEvent(c.Context(), id, d, e.Version); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.ErrOrStderr(), "ended the event %q\n", id)
	return err
}

func eventsDeleteCommand() *cobra.Command {
	var o adminOptions
	var yes bool
	c := &cobra.Command{
		Use: "delete ID", Short: "Delete an event", Args: oneArg("the event's id"),
		Long: "Deletes an event. The code and the keys of its attendees work no longer; what\n" +
			"was used stays in the ledger. On a terminal it asks first.",
		Example: "  tallygate events delete spring-hackathon\n  tallygate events delete spring-hackathon --yes",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			e, err := gateway.StoredEvent(c.Context(), args[0])
			if err != nil {
				return err
			}
			question := fmt.Sprintf("Delete the event %q, with %s?", e.ID, console.Counted(int64(e.Attendees+e.ByCode), "attendees"))
			if err := sure(c.InOrStdin(), c.ErrOrStderr(), yes, question); err != nil {
				return err
			}
			return deleted(c, "event", e.ID, gateway.DeleteEvent(c.Context(), e.ID, e.Version))
		}),
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	adminFlags(c, &o)
	return c
}

// sure asks whether something is to be done, unless yes was said before. Without
// somebody to ask it is not.
func sure(stdin io.Reader, stderr io.Writer, yes bool, question string) error {
	if yes {
		return nil
	}
	if in, ok := stdin.(*os.File); !ok || !terminal(in) {
		return console.Usagef("nobody is there to be asked: add --yes if that is meant")
	}
	return consent(stdin, stderr, question)
}

// consent asks, and is an error unless the answer is yes.
func consent(stdin io.Reader, stderr io.Writer, question string) error {
	fmt.Fprintf(stderr, "%s [y/N] ", question)
	answer, err := bufio.NewReader(stdin).ReadString('\n')
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(stderr)
	} else if err != nil {
		return err
	}
	if !slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer))) {
		return errors.New("nothing was deleted; with --yes it does not ask")
	}
	return nil
}
