package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/listing"
)

func usageCommand() *cobra.Command {
	var o usageOptions
	c := &cobra.Command{
		Use: "usage", Short: "Sum up tokens by model, caller, address, day …", Args: unknownCommand,
		Long: "Sums up the ledger: requests, errors, prompt, completion and total tokens, and\n" +
			"the average total per request. It reads the data directory; a gateway may run\n" +
			"there meanwhile. -o json and csv have more measures, such as cached and\n" +
			"reasoning tokens and latencies in seconds.\n\n" +
			"Dimensions, of which --by takes several (one span of time at most) and --where\n" +
			"all but hour, day, week and month:\n" + dimensionLines(),
		Example: "  tallygate usage --by ip,model\n" +
			"  tallygate usage --by caller --from 2026-11 --to 2026-12 -o csv\n" +
			"  tallygate usage --by day --where caller=search-team --where model=gpt-4o\n" +
			"  tallygate usage --by hour --from 24h --zone Europe/Stockholm",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.data.find(c); err != nil {
				return err
			}
			q, err := o.query()
			if err != nil {
				return err
			}
			return withReader(c, &o.data, func(ctx context.Context, r ledger.Reader) error {
				t, err := r.Usage(ctx, q)
				if err != nil {
					return err
				}
				nameKeys(t, o.data.keyNames())
				return listing.Usage(c.OutOrStdout(), c.ErrOrStderr(), o.output, t)
			})
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.by, "by", []string{"model"}, "`dimensions` to sum by, separated by commas")
	f.StringVar(&o.sort, "sort", "", "`measure` that puts the largest first: "+strings.Join(ledger.SortMeasures(), ", "))
	f.BoolVar(&o.percentiles, "percentiles", false, "add p50 and p95 of latencies, to json and csv")
	f.IntVar(&o.limit, "limit", ledger.DefaultLimit, "most `rows` shown")
	outputFlag(c, &o.output, "json", "csv")
	dataFlag(c, &o.data)
	f.StringVar(&o.from, "from", "", "first `time` counted: 2026-11, 2026-11-21, 2026-11-21T15:00, RFC 3339, or 24h or 7d for so long ago")
	f.StringVar(&o.to, "to", "", "first `time` no longer counted, likewise")
	f.StringVar(&o.zone, "zone", "", "`zone` of dates and days, such as Europe/Stockholm; Local is this machine's; that of --config unless said, else UTC")
	f.StringArrayVar(&o.where, "where", nil, "keep only `dimension=value`; may be repeated, values of one dimension add up")
	complete(c, "by", ledger.Dimensions()...)
	complete(c, "sort", ledger.SortMeasures()...)
	groupFlags(c,
		flagGroup{"Which requests:", []string{"data", "config", "from", "to", "zone", "where"}},
		flagGroup{"How to show them:", []string{"by", "sort", "limit", "percentiles", "output"}})
	c.AddCommand(limitsListCommand("limits", "  tallygate usage limits\n  tallygate usage limits --subject 'caller=search-team*'"))
	return c
}

// dimensionLines lists the dimensions, spans of time on a line of their own.
func dimensionLines() string {
	var b strings.Builder
	for i, d := range ledger.Dimensions() {
		switch {
		case i%5 == 0 && i > 0:
			b.WriteString(",\n  ")
		case i == 0:
			b.WriteString("  ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(d)
	}
	return b.String()
}

type usageOptions struct {
	data                         dataOptions
	from, to, zone, sort, output string
	by, where                    []string
	limit                        int
	percentiles                  bool
}

// query reads the flags.
func (o *usageOptions) query() (ledger.Query, error) {
	q := ledger.Query{By: o.by, Sort: o.sort, Limit: o.limit, Percentiles: o.percentiles}
	if o.limit < 1 {
		return q, console.Usagef("--limit: %d is not 1 or more", o.limit)
	}
	zone, err := o.data.zone(), error(nil)
	switch o.zone {
	case "":
	case "Local":
		zone = time.Local
	default:
		zone, err = config.Zone(o.zone)
	}
	if err != nil {
		return q, console.Usagef("--zone: %w", err)
	}
	q.Zone = zone
	if q.From, err = parseTime(o.from, zone); err != nil {
		return q, console.Usagef("--from: %w", err)
	}
	if q.To, err = parseTime(o.to, zone); err != nil {
		return q, console.Usagef("--to: %w", err)
	}
	for _, w := range o.where {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return q, console.Usagef("--where: %q is not dimension=value", w)
		}
		if q.Where == nil {
			q.Where = make(map[string][]string)
		}
		q.Where[name] = append(q.Where[name], value)
	}
	_, err = q.Plan() // so that a wrong word is said before the ledger is looked for
	return q, wrongQuery(err)
}

// nameKeys puts the names of keys in place of their ids, where they have one.
func nameKeys(t *ledger.Table, names map[string]string) {
	at := slices.Index(t.By, "key")
	if at < 0 {
		return
	}
	for i := range t.Rows {
		if name := names[t.Rows[i].By[at]]; name != "" {
			t.Rows[i].By[at] = name
		}
	}
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
	if number, ok := strings.CutSuffix(s, "d"); ok {
		days, err := strconv.ParseFloat(number, 64)
		if err == nil && days >= 0 && days <= 36_500 {
			return time.Now().Add(-time.Duration(days * 24 * float64(time.Hour))), nil
		}
	} else if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return time.Now().Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("%q is neither a date (2026-11-21), a time (2026-11-21T15:00) nor a span (24h, 7d)", s)
}

// wrongQuery gives a query that makes no sense the exit code of wrong arguments.
func wrongQuery(err error) error {
	if err == nil {
		return nil
	}
	e := tallygate.AsError(err)
	return console.Usagef("--%s: %s", e.Param, e.Message)
}
