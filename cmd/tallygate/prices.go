package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/price"
)

func pricesCommand() *cobra.Command {
	c := family(&cobra.Command{
		Use: "prices", Short: "Show and change what tokens cost",
		Long: "Shows what tokens cost, and changes it in a running gateway. Over the built-in\n" +
			"list lies the configuration's prices.file, and over that what was set and\n" +
			"imported, the latest on top. Prices count for requests from then on; reprice\n" +
			"works out earlier ones anew.",
	})
	c.AddCommand(pricesListCommand(), pricesSetCommand(), pricesImportCommand(), pricesExportCommand(), pricesDeleteCommand(), pricesRepriceCommand())
	return c
}

func pricesListCommand() *cobra.Command {
	var o adminOptions
	var model, output, file string
	var offline bool
	c := &cobra.Command{
		Use: "list", Short: "Show the prices in use", Args: noArgs,
		Long: "Shows the prices in use: for 1,000,000 tokens, for one call, for one second. A\n" +
			"class without a price of its own costs what prompt or completion does. With\n" +
			"--offline it needs no gateway, and shows the built-in list with the prices.file\n" +
			"of --config over it.",
		Example: "  tallygate prices list --model gpt-4o\n  tallygate prices list --offline --model 'gpt-5*'",
		RunE: func(c *cobra.Command, _ []string) error {
			var list *api.PriceList
			var err error
			if offline {
				list, err = offlinePrices(c.ErrOrStderr(), file, model)
			} else {
				list, err = o.prices(c.Context(), model)
			}
			if err != nil {
				return err
			}
			if err := writePrices(c.OutOrStdout(), c.ErrOrStderr(), output, list); err != nil {
				return err
			}
			return sayPricedAs(c.ErrOrStderr(), model, list.Prices)
		},
	}
	c.Flags().StringVar(&model, "model", "", "show only prices of this `model`; * stands for any text")
	outputFlag(c, &output, "json", "csv")
	c.Flags().BoolVar(&offline, "offline", false, "without a gateway")
	c.Flags().StringVarP(&file, "config", "c", os.Getenv("TALLYGATE_CONFIG"), "configuration `file` for --offline, or $TALLYGATE_CONFIG")
	adminFlags(c, &o)
	return c
}

// prices asks the gateway for its prices.
func (o *adminOptions) prices(ctx context.Context, model string) (*api.PriceList, error) {
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	return client.prices(ctx, model)
}

func (a *adminClient) prices(ctx context.Context, model string) (*api.PriceList, error) {
	q := make(url.Values)
	if model != "" {
		q.Set("model", model)
	}
	list := new(api.PriceList)
	return list, a.ask(ctx, call{method: http.MethodGet, path: "/prices", query: q}, list)
}

// offlinePrices are those of a configuration file, or the built-in ones.
func offlinePrices(stderr io.Writer, file, model string) (*api.PriceList, error) {
	cfg := config.Default()
	if file != "" {
		var err error
		if cfg, err = config.Load(file, config.Env{}); err != nil {
			return nil, err
		}
	}
	book, leftOut, err := app.PriceList(cfg)
	if err != nil {
		return nil, coded{exitConfig, err}
	}
	if leftOut != nil {
		fmt.Fprintf(stderr, "left out: %v\n", leftOut)
	}
	list := admin.Prices(book, model)
	return &list, nil
}

// writePrices prints prices as people read them, or whole as json or csv.
func writePrices(stdout, stderr io.Writer, format string, list *api.PriceList) error {
	switch {
	case format == "json":
		return console.JSON(stdout, list)
	case format == "csv":
		return writePricesCSV(stdout, list)
	}
	defer sayStored(stderr, list)
	if len(list.Prices) == 0 {
		_, err := fmt.Fprintln(stderr, "there are no such prices")
		return err
	}
	rows := [][]string{{"model", "for", "origin", "other", "prompt", "cached", "completion"}}
	for i := range list.Prices {
		p := &list.Prices[i]
		rows = append(rows, append([]string{console.Printable(p.Model, 64), scope(p), shownOrigin(p.Origin)}, shownRates(p.Rates)...))
		for _, t := range p.Tiers {
			rows = append(rows, append([]string{"  above " + console.Grouped(t.Above), "", ""}, shownRates(t.Rates)...))
		}
	}
	rows = console.WithoutEmpty(rows, 1, 3)
	left := slices.Index(rows[0], "prompt")
	cut := make([]int, 0, 3)
	for i := 1; i < left; i++ {
		cut = append(cut, i)
	}
	gap := console.Fit(rows, cut...)
	if console.Width(rows, gap) > console.Columns {
		console.Fit(rows, 0) // the model's name is cut last
		console.Squeeze(rows, append(cut, 0)...)
	}
	fmt.Fprintf(stdout, "in %s, for 1,000,000 tokens, one call or one second:\n\n", list.Currency)
	return console.Align(stdout, rows, left, gap)
}

// sayPricedAs says so when a model has no price of its own, but is priced by patterns or
// by another name, and where.
func sayPricedAs(w io.Writer, model string, prices []api.Price) error {
	var by []string
	everywhere := false
	for i := range prices {
		p := &prices[i]
		if tallygate.Match(model, p.Model) {
			return nil
		}
		if !slices.Contains(by, p.Model) {
			by = append(by, p.Model)
		}
		everywhere = everywhere || p.SKU == "" && p.Region == ""
	}
	if model == "" || len(by) == 0 {
		return nil
	}
	where := ""
	if !everywhere {
		where = ", and only where the table says"
	}
	_, err := fmt.Fprintf(w, "%q has no price of its own; it is priced as %s%s\n", console.Printable(model, 200), console.Printable(strings.Join(by, ", "), 200), where)
	return err
}

// shownOrigin is where a price is from: of a file without its directory, of what is
// stored without its id, which may be long.
func shownOrigin(origin string) string {
	if strings.HasPrefix(origin, storedOrigin) {
		return "stored"
	}
	return console.Printable(filepath.Base(origin), 64)
}

// storedOrigin is before the id in the origin of a price that is stored.
const storedOrigin = "stored:"

// sayStored names the ids that prices of the list are stored under, and what is stored
// but not in use.
func sayStored(w io.Writer, list *api.PriceList) {
	for _, s := range list.Stored {
		switch {
		case s.Problem != "":
			fmt.Fprintf(w, "the prices %q are stored but not in use: %s\n", console.Printable(s.ID, 200), console.Printable(s.Problem, 500))
		case slices.ContainsFunc(list.Prices, func(p api.Price) bool { return p.Origin == storedOrigin+s.ID }):
			fmt.Fprintf(w, "stored under the id %q: %s\n", console.Printable(s.ID, 200), console.Counted(int64(s.Prices), "prices"))
		}
	}
}

// scope is where and when a price counts, empty for everywhere and always.
func scope(p *api.Price) string {
	words := make([]string, 0, 4)
	for _, w := range []struct{ before, value string }{{"", p.SKU}, {"", p.Region}, {"from ", p.From}, {"to ", p.To}} {
		if w.value != "" {
			words = append(words, w.before+w.value)
		}
	}
	return console.Printable(strings.Join(words, " "), 100)
}

// shownRates are the cells of the rates: first the classes that have no column.
func shownRates(rates map[string]string) []string {
	var other []string
	for c := range price.Classes {
		switch c {
		case price.Prompt, price.Cached, price.Completion:
			continue
		}
		if r := rates[c.String()]; r != "" {
			other = append(other, c.String()+" "+r)
		}
	}
	return []string{strings.Join(other, ", "), rates["prompt"], rates["cached"], rates["completion"]}
}

func writePricesCSV(w io.Writer, list *api.PriceList) error {
	c := csv.NewWriter(w)
	head := []string{"model", "sku", "region", "from", "to", "above", "currency"}
	for class := range price.Classes {
		head = append(head, class.String())
	}
	lines := [][]string{append(head, "origin")}
	for i := range list.Prices {
		p := &list.Prices[i]
		line := func(above string, rates map[string]string) {
			cells := []string{console.Cell(p.Model), console.Cell(p.SKU), console.Cell(p.Region), p.From, p.To, above, list.Currency}
			for class := range price.Classes {
				cells = append(cells, rates[class.String()])
			}
			lines = append(lines, append(cells, console.Cell(p.Origin)))
		}
		line("", p.Rates)
		for _, t := range p.Tiers {
			line(strconv.FormatInt(t.Above, 10), t.Rates)
		}
	}
	return c.WriteAll(lines)
}

func pricesExportCommand() *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: "export", Short: "Print the prices in use as a price file", Args: noArgs,
		Long:    "Prints the prices in use as a price file, which import and prices.file read.",
		Example: "  tallygate prices export > prices.yaml",
		RunE: o.asking(func(c *cobra.Command, client *adminClient, _ []string) error {
			text, err := client.text(c.Context(), call{method: http.MethodGet, path: "/prices", accept: "application/yaml"})
			if err != nil {
				return err
			}
			if _, err := price.Parse("the answer", text); err != nil {
				return errors.New("what answers is not a gateway's admin side: it sends no price file")
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		}),
	}
	adminFlags(c, &o)
	return c
}

func pricesDeleteCommand() *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: "delete ID", Short: "Delete prices that were set or imported", Args: oneArg("the id that the prices were stored under"),
		Long:    "Deletes prices that were set or imported. prices list tells their ids.",
		Example: "  tallygate prices delete gpt-4o",
		RunE: o.asking(func(c *cobra.Command, client *adminClient, args []string) error {
			return client.remove(c, "prices", call{path: "/prices", name: args[0]})
		}),
	}
	adminFlags(c, &o)
	return c
}
