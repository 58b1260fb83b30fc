package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
)

func pricesRepriceCommand() *cobra.Command {
	var o adminOptions
	var output string
	var dry bool
	q := usageOptions{limit: 1}
	c := &cobra.Command{
		Use: "reprice", Short: "Work out anew what past requests cost", Args: noArgs,
		Long: "Works out by the prices in use what requests cost that were made in a period.\n" +
			"Usage shows the new costs at once. Limits of money count with them when the\n" +
			"gateway has started again: what was admitted at the old price stays admitted.",
		Example: "  tallygate prices reprice --from 2026-11 --dry-run\n" +
			"  tallygate prices reprice --from 2026-11 --to 2026-12 --where model=gpt-4o",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, _ []string) error {
			if q.from == "" {
				return console.Usagef("--from is missing: the time from which on requests are repriced, such as 2026-11")
			}
			asked, err := q.query()
			if err != nil {
				return err
			}
			return reprice(c, gateway, output, &api.RepriceRequest{From: asked.From, To: asked.To, Where: asked.Where, DryRun: dry})
		}),
	}
	f := c.Flags()
	f.StringVar(&q.from, "from", "", "first `time` repriced: 2026-11, 2026-11-21, 2026-11-21T15:00, RFC 3339, or 24h or 7d for so long ago")
	f.StringVar(&q.to, "to", "", "first `time` no longer repriced, likewise; now unless said")
	f.StringVar(&q.zone, "zone", "UTC", "`zone` of dates, such as Europe/Stockholm; Local is this machine's")
	f.StringArrayVar(&q.where, "where", nil, "reprice only `dimension=value`; may be repeated, values of one dimension add up")
	f.BoolVar(&dry, "dry-run", false, "only say what would change")
	outputFlag(c, &output, "json")
	adminFlags(c, &o)
	return c
}

func reprice(c *cobra.Command, gateway *client.Client, output string, q *api.RepriceRequest) error {
	began := time.Now()
	r, err := gateway.Reprice(c.Context(), q)
	if err != nil {
		return err
	}
	if output == "json" {
		return console.JSON(c.OutOrStdout(), r)
	}
	rows := [][]string{{"requests", "changed", "before", "after", "currency"},
		{console.Grouped(r.Entries), console.Grouped(r.Changed), listing.Figure(r.Before), listing.Figure(r.After), r.Currency}}
	if err := console.Align(c.OutOrStdout(), rows, 0, 2); err != nil {
		return err
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(c.ErrOrStderr(), "nothing was changed: this was a dry run")
	case r.Changed > 0:
		fmt.Fprintf(c.ErrOrStderr(), "done in %s; limits of money count with it\n", time.Since(began).Round(time.Millisecond))
	}
	return nil
}
