package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
)

func limitsCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "limits", Short: "Show and change the limits of a running gateway",
		Long: "Shows the limits of a running gateway and changes those that are not in its\n" +
			"configuration file. What is changed counts for the next request, and is kept in\n" +
			"the gateway's data directory.",
	})
	c.AddCommand(limitsListCommand("list", "  tallygate limits list\n  tallygate limits list --limit 'team*' -o json"), limitsSetCommand(), limitsDeleteCommand())
	return c
}

type limitsOptions struct {
	adminOptions
	client.LimitQuery
	output string
}

// limitsListCommand is "limits list" and "usage limits".
func limitsListCommand(use, example string) *cobra.Command {
	var o limitsOptions
	c := &cobra.Command{
		Use: use, Short: "Show what is spent, held and left of each limit", Args: noArgs, Example: example,
		Long: "Shows what is spent, held and left of each limit of a running gateway, and when\n" +
			"it begins anew. Held is what requests on their way may still use. A limit that\n" +
			"counts for each caller, model or the like has a row for each that has used\n" +
			"something. json and csv have more, such as refusals.",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, _ []string) error {
			if o.Subjects < 1 {
				return console.Usagef("--subjects: %d is not 1 or more", o.Subjects)
			}
			list, err := gateway.Limits(c.Context(), o.LimitQuery)
			if err != nil {
				return err
			}
			return listing.Limits(c.OutOrStdout(), c.ErrOrStderr(), o.output, list)
		}),
	}
	c.Flags().StringVar(&o.Name, "limit", "", "show only limits of this `name`; * stands for any text")
	c.Flags().StringVar(&o.Subject, "subject", "", "show only this `subject`, such as caller=search-team, or '*=gpt-4o'")
	c.Flags().IntVar(&o.Subjects, "subjects", 100, "show at most `so many` subjects of each limit, the most used first")
	outputFlag(c, &o.output, "json", "csv")
	adminFlags(c, &o.adminOptions)
	return c
}

// limitFlags are the keys of a limit that have a flag, in the order of the help.
var limitFlags = []struct {
	name, usage string
	list        bool
}{
	{name: "requests", usage: "`number` of requests in each period"},
	{name: "tokens", usage: "`number` of tokens in each period: 200k, 5M"},
	{name: "prompt-tokens", usage: "`number` of prompt tokens in each period"},
	{name: "completion-tokens", usage: "`number` of completion tokens in each period"},
	{name: "money", usage: "`amount` of money in each period: 500 or 12.50"},
	{name: "seconds", usage: "`number` of seconds of sound in each period"},
	{name: "images", usage: "`number` of pictures in each period"},
	{name: "characters", usage: "`number` of spoken characters in each period: 100k"},
	{name: "concurrent", usage: "`number` of requests at the same time"},
	{name: "per", usage: "`period`: minute, hour, day, week, month, year, event, ever, or 10s or 30m"},
	{name: "zone", usage: "`zone` in which days, weeks, months and years begin; the file's unless said"},
	{name: "each", usage: "`what` has a count of its own: key, caller, group, event, attendee, model, deployment", list: true},
	{name: "callers", usage: "`callers` it is about, separated by commas; * stands for any text", list: true},
	{name: "groups", usage: "`groups` it is about", list: true},
	{name: "models", usage: "`models` it is about", list: true},
	{name: "deployments", usage: "`deployments` it is about, as RESOURCE/NAME", list: true},
	{name: "events", usage: "`events` it is about", list: true},
	{name: "warn", usage: "`share` at which a warning goes out, such as 80%"},
	{name: "answer", usage: "`status` of a refusal by a budget: 429 or 403"},
}

func limitsSetCommand() *cobra.Command {
	var o adminOptions
	var dry bool
	c := &cobra.Command{
		Use: "set NAME", Short: "Make a limit, or replace it", Args: oneArg("the limit's name"),
		Long: "Makes a limit of a running gateway, or replaces the one of that name. It has\n" +
			"exactly one amount. What it bounds counts at once, with what was used before in\n" +
			"the running period.",
		Example: "  tallygate limits set team --tokens 100k --per minute --callers search-team\n" +
			"  tallygate limits set budgets --money 500 --per month --each group --warn 80%\n" +
			"  tallygate limits set trial --requests 10 --per day --each key --dry-run",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			return setLimit(c, gateway, args[0], dry)
		}),
	}
	for _, f := range limitFlags {
		if f.list {
			c.Flags().StringSlice(f.name, nil, f.usage)
		} else {
			c.Flags().String(f.name, "", f.usage)
		}
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only count, and say what would have been refused")
	adminFlags(c, &o)
	complete(c, "per", "minute", "hour", "day", "week", "month", "year", "event", "ever")
	complete(c, "each", "key", "caller", "group", "event", "attendee", "model", "deployment")
	complete(c, "answer", "429", "403")
	groupFlags(c,
		flagGroup{"How much (one of them):", []string{"requests", "tokens", "prompt-tokens", "completion-tokens", "money", "seconds", "images", "characters", "concurrent"}},
		flagGroup{"In which time:", []string{"per", "zone"}},
		flagGroup{"Of what:", []string{"each", "callers", "groups", "models", "deployments", "events"}},
		flagGroup{"And then:", []string{"warn", "answer", "dry-run"}},
		flagGroup{"Which gateway:", []string{"admin", "key-file"}})
	return c
}

// setLimit makes or replaces the limit of a name by the flags, and says which it did.
func setLimit(c *cobra.Command, gateway *client.Client, name string, dry bool) error {
	body, err := limitBody(c, dry)
	if err != nil {
		return err
	}
	replaced, err := gateway.SetLimit(c.Context(), name, body)
	if err != nil {
		return inFlags(c, err)
	}
	did := "made"
	if replaced {
		did = "replaced"
	}
	_, err = fmt.Fprintf(c.ErrOrStderr(), "%s the limit %q\n", did, console.Printable(name, 128))
	return err
}

// limitBody writes the flags that were given as the configuration has them.
func limitBody(c *cobra.Command, dry bool) ([]byte, error) {
	limit := make(map[string]any)
	for _, f := range limitFlags {
		if !c.Flags().Changed(f.name) {
			continue
		}
		key := strings.ReplaceAll(f.name, "-", "_")
		if f.list {
			list, err := c.Flags().GetStringSlice(f.name)
			if err != nil {
				return nil, err
			}
			limit[key] = list
			continue
		}
		limit[key] = c.Flags().Lookup(f.name).Value.String()
	}
	if dry {
		limit["dry_run"] = true
	}
	return json.Marshal(limit)
}

func limitsDeleteCommand() *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: "delete NAME", Short: "Delete a limit", Args: oneArg("the limit's name"),
		Long:    "Deletes a limit of a running gateway. Those of its configuration file stay.",
		Example: "  tallygate limits delete team",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			return deleted(c, "limit", args[0], gateway.DeleteLimit(c.Context(), args[0]))
		}),
	}
	adminFlags(c, &o)
	return c
}
