package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
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

func (a *adminClient) events(ctx context.Context) ([]api.Event, error) {
	var list api.EventList
	if err := a.ask(ctx, call{method: http.MethodGet, path: "/events"}, &list); err != nil {
		return nil, err
	}
	for i := range list.Events {
		a.place(&list.Events[i])
	}
	return list.Events, nil
}

// place gives an event the address that attendees use, where a flag said it.
func (a *adminClient) place(e *api.Event) {
	if a.gateway != "" {
		e.Base = a.gateway
	}
}

// event returns the event of an id, and of a wrong one says which may have been meant.
func (a *adminClient) event(ctx context.Context, id string) (*api.Event, error) {
	all, err := a.events(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i := range all {
		if ids[i] = all[i].ID; ids[i] == id {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no event %q%s", console.Printable(id, 128), didYouMean(id, ids, ""))
}

// storedEvent returns an event that can be changed here.
func (a *adminClient) storedEvent(ctx context.Context, id string) (*api.Event, error) {
	e, err := a.event(ctx, id)
	if err != nil {
		return nil, err
	}
	switch e.Origin {
	case "stored":
		return e, nil
	case "file":
		return nil, fmt.Errorf("the event %q is in the gateway's configuration file: change it there, and reload", id)
	case "azure-tables":
		return nil, fmt.Errorf("the event %q is in Azure Tables: change it there, and the gateway follows", id)
	}
	return nil, fmt.Errorf("the event %q is from elsewhere (%s): change it there", id, console.Printable(e.Origin, 64))
}

// putEvent stores a definition: in place of the version of was, or as a new event.
func (a *adminClient) putEvent(ctx context.Context, id string, d definition, version int64) (*api.Event, error) {
	body, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	e := new(api.Event)
	err = a.ask(ctx, call{method: http.MethodPut, path: "/events", name: id, body: body, version: version}, e)
	a.place(e)
	return e, err
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
		RunE: o.asking(func(c *cobra.Command, client *adminClient, _ []string) error {
			all, err := client.events(c.Context())
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
		RunE: o.asking(func(c *cobra.Command, client *adminClient, args []string) error {
			e, err := client.event(c.Context(), args[0])
			if err != nil {
				return err
			}
			if output == "json" {
				return console.JSON(c.OutOrStdout(), e)
			}
			limits, err := client.limits(c.Context(), &limitsOptions{subjects: 1})
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
		RunE: o.asking(func(c *cobra.Command, client *adminClient, args []string) error {
			return endEvent(c, client, args[0])
		}),
	}
	adminFlags(c, &o)
	return c
}

func endEvent(c *cobra.Command, client *adminClient, id string) error {
	e, err := client.storedEvent(c.Context(), id)
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
	d, err := readDefinition(e.Definition)
	if err != nil {
		return err
	}
	end := now.Truncate(time.Second)
	if end.Before(e.Start) {
		end = e.Start
	}
	d["end"] = end.In(listing.Zone(e)).Format(time.RFC3339Nano)
	if _, err := client.putEvent(c.Context(), id, d, e.Version); err != nil {
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
		RunE: o.asking(func(c *cobra.Command, client *adminClient, args []string) error {
			e, err := client.storedEvent(c.Context(), args[0])
			if err != nil {
				return err
			}
			question := fmt.Sprintf("Delete the event %q, with %s?", e.ID, console.Counted(int64(e.Attendees+e.ByCode), "attendees"))
			if err := sure(c.InOrStdin(), c.ErrOrStderr(), yes, question); err != nil {
				return err
			}
			return client.remove(c, "event", call{path: "/events", name: e.ID, version: e.Version})
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
