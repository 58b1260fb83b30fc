package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
)

func attendeesCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "attendees", Short: "Show who signed up for an event, and take keys back",
		Long: "Shows who signed up for an event of a running gateway, takes their keys back or\n" +
			"gives others. It counts for the next request. Those who use the shared code\n" +
			"without signing up are among them, without a key, where the event has a\n" +
			"--forget-after; usage --by attendee tells of all.",
	})
	c.AddCommand(attendeesListCommand(), attendeesExportCommand(),
		attendeeCommand("revoke", "Take an attendee's key back",
			"Takes an attendee's key back: it works no longer, and the seat goes to who waits\nlongest. restore gives it again.", "took the key of %s back"),
		attendeeCommand("restore", "Give an attendee's key again",
			"Gives again a key that was taken back. When the seat is taken by now, it works once\nanother becomes free.", "gave %s the key again"),
		attendeeCommand("renew", "Give an attendee another key",
			"Gives an attendee another key, which the event's page shows to its owner. The\nold one works no longer.", "gave %s another key; the event's page shows it"))
	return c
}

func attendeesListCommand() *cobra.Command {
	var o adminOptions
	var output string
	c := &cobra.Command{
		Use: "list EVENT", Short: "Show who signed up", Args: oneArg("the event's id"),
		Long: "Shows who signed up for an event, in that order. Keys are shown to their owners\n" +
			"only, on the event's page.",
		Example: "  tallygate attendees list spring-hackathon",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			e, all, err := gateway.Attendees(c.Context(), args[0])
			switch {
			case err != nil:
				return err
			case output == "json":
				return console.JSON(c.OutOrStdout(), api.AttendeeList{Attendees: all})
			case output == "csv":
				return listing.AttendeesCSV(c.OutOrStdout(), all)
			case len(all) == 0:
				_, err := fmt.Fprintln(c.ErrOrStderr(), "nobody has signed up")
				return err
			}
			return listing.Attendees(c.OutOrStdout(), e, all)
		}),
	}
	outputFlag(c, &output, "json", "csv")
	adminFlags(c, &o)
	return c
}

func attendeesExportCommand() *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: "export EVENT", Short: "Print who signed up, for a spreadsheet", Args: oneArg("the event's id"),
		Long:    "Prints who signed up for an event as CSV, with all that is known of them.",
		Example: "  tallygate attendees export spring-hackathon > attendees.csv",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			_, all, err := gateway.Attendees(c.Context(), args[0])
			if err != nil {
				return err
			}
			return listing.AttendeesCSV(c.OutOrStdout(), all)
		}),
	}
	adminFlags(c, &o)
	return c
}

// attendeeCommand is a command that does something to one attendee; did says so
// afterwards.
func attendeeCommand(verb, short, long, did string) *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: verb + " EVENT ATTENDEE", Short: short, Args: exactArgs("the event's id", "the attendee's id or name"), Long: long,
		Example: "  tallygate attendees " + verb + " spring-hackathon ann@example.com",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			_, all, err := gateway.Attendees(c.Context(), args[0])
			if err != nil {
				return err
			}
			who, err := client.FindAttendee(all, args[1])
			if err != nil {
				return err
			}
			if err := gateway.Tell(c.Context(), args[0], who.ID, verb); err != nil {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), did+"\n", console.Printable(listing.Name(who), 128))
			if _, all, err = gateway.Attendees(c.Context(), args[0]); err != nil {
				return err
			}
			if i := slices.IndexFunc(all, func(a *api.Attendee) bool { return a.ID == who.ID }); i >= 0 && all[i].Waiting && !all[i].Revoked {
				_, err = fmt.Fprintln(c.ErrOrStderr(), "all seats are taken: the key works once one is free")
			}
			return err
		}),
	}
	adminFlags(c, &o)
	return c
}
