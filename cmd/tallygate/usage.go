package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

func usageCommand() *cobra.Command {
	var o usageOptions
	c := &cobra.Command{
		Use: "usage", Short: "Sum up tokens by model, caller, address, day …", Args: cobra.NoArgs,
		Long: "Sums up the ledger: requests, errors, prompt, completion and total tokens, the average per request.\n" +
			"It reads the data directory, while a gateway runs there or not.\n\n" +
			"Dimensions: " + strings.Join(ledger.Dimensions(), ", ") + ".",
		Example: "  tallygate usage --by model,caller\n" +
			"  tallygate usage --by ip,model --from 2026-11-01 --to 2026-12-01 -o csv\n" +
			"  tallygate usage --by day --where caller=search-team --where model=gpt-4o --zone Europe/Stockholm",
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := o.query()
			if err != nil {
				return err
			}
			return withReader(c.Context(), o.data, func(ctx context.Context, r ledger.Reader) error {
				t, err := r.Usage(ctx, q)
				if err != nil {
					return wrongQuery(err)
				}
				return writeUsage(c.OutOrStdout(), c.ErrOrStderr(), o.output, t)
			})
		},
	}
	f := c.Flags()
	dataFlag(c, &o.data)
	f.StringSliceVar(&o.by, "by", []string{"model"}, "`dimensions` to sum by")
	f.StringVar(&o.from, "from", "", "first `time` counted: 2026-11-21, 2026-11-21T15:00, RFC 3339, or 24h, 7d ago")
	f.StringVar(&o.to, "to", "", "first `time` no longer counted, likewise")
	f.StringArrayVar(&o.where, "where", nil, "keep only `dimension=value`; several values of one dimension add up")
	f.StringVar(&o.zone, "zone", "UTC", "`time zone` of dates, such as Europe/Stockholm; Local is this machine's")
	f.StringVar(&o.sort, "sort", "", "`measure` that puts the largest first: "+strings.Join(ledger.SortMeasures(), ", "))
	f.IntVar(&o.limit, "limit", 0, fmt.Sprintf("most `rows` shown (default %d)", ledger.DefaultLimit))
	f.StringVarP(&o.output, "output", "o", "table", "`format`: table, json or csv")
	return c
}

type usageOptions struct {
	data, from, to, zone, sort, output string
	by, where                          []string
	limit                              int
}

// query reads the flags.
func (o *usageOptions) query() (ledger.Query, error) {
	q := ledger.Query{By: o.by, Sort: o.sort, Limit: o.limit}
	if !slices.Contains([]string{"table", "json", "csv"}, o.output) {
		return q, usageError("--output: %q is none of table, json, csv", o.output)
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return q, usageError("--zone: %w", err)
	}
	q.Zone = zone
	if q.From, err = parseTime(o.from, zone); err != nil {
		return q, usageError("--from: %w", err)
	}
	if q.To, err = parseTime(o.to, zone); err != nil {
		return q, usageError("--to: %w", err)
	}
	for _, w := range o.where {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return q, usageError("--where: %q is not dimension=value", w)
		}
		if q.Where == nil {
			q.Where = make(map[string][]string)
		}
		q.Where[name] = append(q.Where[name], value)
	}
	return q, nil
}

// parseTime reads a date, a time, or how long ago.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "2006-01"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	ago := s
	if days, ok := strings.CutSuffix(s, "d"); ok {
		ago = days + "h"
	}
	d, err := time.ParseDuration(ago)
	if err != nil || d < 0 {
		return time.Time{}, fmt.Errorf("%q is neither a date (2026-11-21), a time (2026-11-21T15:00) nor a span (24h, 7d)", s)
	}
	if ago != s {
		d *= 24
	}
	return time.Now().Add(-d), nil
}

// wrongQuery gives a query that makes no sense the exit code of wrong arguments.
func wrongQuery(err error) error {
	if e := tallygate.AsError(err); e.Kind == tallygate.BadRequest {
		return usageError("%s", e.Message)
	}
	return err
}
