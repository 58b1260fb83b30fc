package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/eventedit"
)

func importCommand() *cobra.Command {
	c := family(&cobra.Command{Use: "import", Short: "Take over what another gateway has"})
	c.AddCommand(importTablesCommand())
	return c
}

// connectionVariable holds the storage account's connection string. There is no flag
// for it: all users of a machine can see the flags of each other's programs.
const connectionVariable = "AZURE_STORAGE_CONNECTION_STRING"

func importTablesCommand() *cobra.Command {
	var admin adminOptions
	var models []string
	var dry bool
	c := &cobra.Command{
		Use: "azure-tables", Short: "Copy the event proxy's events and deployments for good", Args: noArgs,
		Long: "Reads the Azure OpenAI Service Proxy's tables, with the connection string in\n" +
			"$" + connectionVariable + ". Its events are made in the running gateway, each\n" +
			"under its code; those that are there already stay as they are. Its deployments\n" +
			"are printed as resources for the configuration file, without their keys.\n\n" +
			"To follow the tables instead, configure azure_tables.",
		Example: "  tallygate import azure-tables --models gpt-35-turbo > resources.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			content, err := readTables(c.Context())
			if err != nil {
				return err
			}
			for _, p := range content.Problems {
				fmt.Fprintln(c.ErrOrStderr(), "left out:", p)
			}
			if !dry {
				gateway, err := admin.client()
				if err != nil {
					return err
				}
				if err := importEvents(c.Context(), gateway, content.Events, models, c.ErrOrStderr()); err != nil {
					return err
				}
			}
			return writeResources(c.OutOrStdout(), content.Deployments)
		},
	}
	adminFlags(c, &admin)
	c.Flags().StringSliceVar(&models, "models", nil, "`models` that the events offer here; all unless said")
	c.Flags().BoolVar(&dry, "dry-run", false, "make no events")
	return c
}

func readTables(ctx context.Context) (*aztables.Content, error) {
	connection := os.Getenv(connectionVariable)
	if connection == "" {
		return nil, console.Usagef("the storage account's connection string is missing: set %s", connectionVariable)
	}
	source, err := aztables.Open(connection)
	if err != nil {
		return nil, console.Usagef("$%s: %w", connectionVariable, err)
	}
	content, err := source.Read(ctx)
	if err != nil {
		return nil, coded{exitUnreachable, err}
	}
	return content, nil
}

// importEvents makes the events in the running gateway.
func importEvents(ctx context.Context, gateway *client.Client, events []*event.Event, models []string, words io.Writer) error {
	made, failed := 0, 0
	for _, e := range events {
		_, err := gateway.PutEvent(ctx, e.ID, tableDefinition(e, models), 0)
		switch {
		case err == nil:
			made++
		case exists(err):
			fmt.Fprintf(words, "the event %q is there already, as %s\n", e.Name, e.ID)
		default:
			failed++
			fmt.Fprintf(words, "the event %q was not made: %v\n", e.Name, err)
		}
	}
	fmt.Fprintf(words, "made %s\n", console.Counted(int64(made), "events"))
	if failed > 0 {
		return errors.New(console.Counted(int64(failed), "events") + " could not be made")
	}
	return nil
}

// exists reports whether a gateway did not make something because it is there.
func exists(err error) bool {
	r, ok := errors.AsType[*client.Rejection](err)
	return ok && r.Code == "Exists"
}

// tableDefinition is an event of the tables as it is stored here.
func tableDefinition(e *event.Event, models []string) eventedit.Definition {
	d := eventedit.Definition{
		"name": e.Name, "code": e.Code, "start": e.Start.Format(time.RFC3339), "end": e.End.Format(time.RFC3339),
		"zone": "UTC", "active": !e.Inactive, "max_tokens": e.MaxTokens.Tokens,
	}
	if len(models) > 0 {
		d["models"] = models
	}
	for key, value := range map[string]string{"url": e.URL, "url_text": e.URLText} {
		if value != "" {
			d[key] = value
		}
	}
	organiser := make(map[string]any)
	for key, value := range map[string]string{"name": e.Organiser.Name, "email": e.Organiser.Email} {
		if value != "" {
			organiser[key] = value
		}
	}
	if len(organiser) > 0 {
		d["organizer"] = organiser
	}
	return d
}

// writeResources prints deployments as the configuration has them. Keys are left to
// the environment.
func writeResources(w io.Writer, deployments []aztables.Deployment) error {
	if len(deployments) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("resources:\n")
	for _, d := range deployments {
		variable := "KEY_" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return '_'
		}, strings.ToUpper(d.Title))
		fmt.Fprintf(&b, "  - name: %q\n    endpoint: %q\n    key: ${env:%s}\n    region: %q\n    deployments: [{name: %q}]\n",
			d.Title, d.Endpoint, variable, d.Location, d.Name)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
