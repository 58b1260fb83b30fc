package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
	"github.com/tallygate/tallygate/internal/price"
)

func pricesSetCommand() *cobra.Command {
	var o adminOptions
	var currency string
	c := &cobra.Command{
		Use: "set MODEL", Short: "Set the price of a model", Args: oneArg("the model, in which * stands for any text"),
		Long: "Sets what a model costs, everywhere or at one deployment type or region, from\n" +
			"now on or for a time. Set again for the same it replaces what was set.\n" +
			"Prices are decimal: for 1,000,000 tokens, for one call, for one second.",
		Example: "  tallygate prices set gpt-4o --prompt 2.50 --cached 1.25 --completion 10\n" +
			"  tallygate prices set gpt-4o --region japaneast --prompt 2.75 --completion 11\n" +
			"  tallygate prices set text-embedding-3-small --prompt 0.02 --completion 0",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			return setPrice(c, gateway, args[0], currency)
		}),
	}
	for class := range price.Classes {
		usage := "`price` of 1,000,000 " + strings.ReplaceAll(class.String(), "_", " ") + " tokens"
		if class >= price.Call {
			usage = "`price` of one " + class.String()
		}
		c.Flags().String(priceFlag(class), "", usage)
	}
	for _, f := range []struct{ name, usage string }{
		{"sku", "deployment `type` it is for, such as GlobalStandard; any unless said"},
		{"region", "`region` it is for, such as swedencentral; any unless said"},
		{"from", "first `date` it counts, such as 2026-12-01; any time unless said"},
		{"to", "first `date` it does not count any more"},
	} {
		c.Flags().String(f.name, "", f.usage)
	}
	c.Flags().StringVar(&currency, "currency", "", "`currency` of the prices, such as USD; the gateway's unless said")
	adminFlags(c, &o)
	return c
}

func priceFlag(c price.Class) string { return strings.ReplaceAll(c.String(), "_", "-") }

// setPrice stores one price under a name that tells what it is for.
func setPrice(c *cobra.Command, gateway *client.Client, model, currency string) error {
	now, err := gateway.Prices(c.Context(), "")
	if err != nil {
		return err
	}
	entry, id := map[string]string{"model": model}, model
	for _, name := range []string{"sku", "region", "from", "to"} {
		if v := c.Flags().Lookup(name).Value.String(); v != "" {
			entry[name], id = v, id+","+name+"="+v
		}
	}
	for class := range price.Classes {
		if f := c.Flags().Lookup(priceFlag(class)); f.Changed {
			entry[class.String()] = f.Value.String()
		}
	}
	if currency == "" {
		currency = now.Currency
	}
	if kept := keepRates(entry, now, currency); len(kept) > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "kept as it was: %s\n", strings.Join(kept, ", "))
	}
	file, err := json.Marshal(map[string]any{"currency": currency, "prices": []any{entry}})
	if err != nil {
		return err
	}
	put := client.PriceFile{ID: id, Text: file, Version: versionOf(now, id)}
	changes, err := gateway.PutPrices(c.Context(), &put)
	if err != nil {
		return asFlags(c, err)
	}
	fmt.Fprintf(c.ErrOrStderr(), "set, under the id %q\n", console.Printable(id, 200))
	if unserved(model, now.Models) {
		fmt.Fprintf(c.ErrOrStderr(), "note: no deployment serves a model %q%s\n", console.Printable(model, 200), console.DidYouMean(model, now.Models, ""))
	}
	for _, p := range now.Prices {
		if strings.EqualFold(p.Model, model) && closer(&p, entry["sku"], entry["region"]) {
			fmt.Fprintf(c.ErrOrStderr(), "a price goes before it for %s\n", listing.Scope(&p))
		}
	}
	return listing.Changes(c.OutOrStdout(), changes)
}

// keepRates adds to the new price of a model what the one that it replaces says of parts
// of a prompt or an answer, such as cached tokens: what is left out would cost as much as
// the whole. It returns what was kept.
func keepRates(entry map[string]string, now *api.PriceList, currency string) (kept []string) {
	if currency != now.Currency {
		return nil
	}
	var was *api.Price
	for i := range now.Prices {
		p := &now.Prices[i]
		fits := strings.EqualFold(p.Model, entry["model"]) && (p.SKU == "" || strings.EqualFold(p.SKU, entry["sku"])) &&
			(p.Region == "" || strings.EqualFold(p.Region, entry["region"]))
		if fits && (was == nil || closer(p, was.SKU, was.Region) || p.From > was.From) {
			was = p
		}
	}
	if was == nil {
		return nil
	}
	for _, class := range []price.Class{price.Cached, price.CacheWrite, price.AudioIn, price.Image, price.AudioOut} {
		rate, said := was.Rates[class.String()]
		if _, set := entry[class.String()]; said && !set {
			entry[class.String()] = rate
			kept = append(kept, strings.ReplaceAll(class.String(), "_", " ")+" "+rate)
		}
	}
	return kept
}

// unserved reports whether a price for model, which may be a glob, is for none of the
// models that deployments serve. Where it is not known what they serve it is not.
func unserved(model string, served []string) bool {
	model = strings.ToLower(model)
	return len(served) > 0 && !slices.ContainsFunc(served, func(name string) bool {
		name = strings.ToLower(name)
		matches, err := path.Match(model, name)
		return matches || err != nil || strings.HasPrefix(name, model+"-") // or a version of it
	})
}

// asFlags says what is wrong with the one price that was sent as what is wrong with the
// flags: it stands in a file that nobody wrote.
func asFlags(c *cobra.Command, err error) error {
	const place = "prices[0]"
	if r, ok := errors.AsType[*client.Rejection](err); ok {
		for i, p := range r.Problems {
			if _, what, ok := strings.Cut(p, place); ok {
				r.Problems[i] = strings.TrimPrefix(strings.TrimPrefix(what, "."), ": ")
			}
		}
	}
	return inFlags(c, err)
}

// closer reports whether a price is for a closer place than one for sku and region.
func closer(p *api.Price, sku, region string) bool {
	place := func(sku, region string) (n int) {
		if sku != "" {
			n++
		}
		if region != "" {
			n += 2
		}
		return n
	}
	return place(p.SKU, p.Region) > place(sku, region) && (sku == "" || p.SKU == "" || strings.EqualFold(sku, p.SKU)) &&
		(region == "" || p.Region == "" || strings.EqualFold(region, p.Region))
}

// versionOf returns the version of the stored prices of an id, 0 when there are none.
func versionOf(list *api.PriceList, id string) int64 {
	for _, s := range list.Stored {
		if s.ID == id {
			return s.Version
		}
	}
	return 0
}

// The formats of price lists.
const (
	formatTallygate = "tallygate"
	formatLiteLLM   = "litellm"
	formatGenAI     = "genai"
	formatRetail    = "azure-retail"
)

type importOptions struct {
	adminOptions
	format, id string
	yes        bool
}

func pricesImportCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use: "import FILE", Short: "Import a price list", Args: oneArg("the file; - is standard input"),
		Long: "Shows what a price list would change, and with --yes imports it. Imported again\n" +
			"under the same id, a list replaces the earlier one. The formats:\n" +
			"  tallygate     a price file, as export prints it\n" +
			"  litellm       model_prices_and_context_window.json of LiteLLM, azure/ only\n" +
			"  genai         the data file of pydantic's genai-prices\n" +
			"  azure-retail  an answer of https://prices.azure.com/api/retail/prices",
		Example: "  tallygate prices import contract.yaml\n" +
			"  tallygate prices import model_prices.json --format litellm --yes",
		RunE: func(c *cobra.Command, args []string) error { return importPrices(c, &o, args[0]) },
	}
	formats := []string{formatTallygate, formatLiteLLM, formatGenAI, formatRetail}
	c.Flags().StringVar(&o.format, "format", formatTallygate, "`format` of the list: "+strings.Join(formats, ", "))
	c.Flags().StringVar(&o.id, "id", "", "`id` to store it under; the file's name or the format unless said")
	c.Flags().BoolVar(&o.yes, "yes", false, "do it")
	complete(c, "format", formats...)
	adminFlags(c, &o.adminOptions)
	return c
}

func importPrices(c *cobra.Command, o *importOptions, name string) error {
	if err := oneOf("format", o.format, formatTallygate, formatLiteLLM, formatGenAI, formatRetail); err != nil {
		return err
	}
	gateway, err := o.client()
	if err != nil {
		return err
	}
	data, err := readImport(c.InOrStdin(), name)
	if err != nil {
		return err
	}
	file, notes, err := o.convert(name, data)
	for _, note := range notes {
		fmt.Fprintf(c.ErrOrStderr(), "note: %s\n", console.Printable(note, 400))
	}
	if err != nil {
		return err
	}
	now, err := gateway.Prices(c.Context(), "")
	if err != nil {
		return err
	}
	put := client.PriceFile{ID: o.name(name), Text: file, DryRun: !o.yes}
	put.Version = versionOf(now, put.ID)
	changes, err := gateway.PutPrices(c.Context(), &put)
	if err != nil {
		return err
	}
	if err := listing.Changes(c.OutOrStdout(), changes); err != nil {
		return err
	}
	n := console.Counted(int64(len(changes.Changes)), "prices")
	if o.yes {
		_, err = fmt.Fprintf(c.ErrOrStderr(), "imported under the id %q: %s changed\n", console.Printable(put.ID, 200), n)
	} else {
		_, err = fmt.Fprintf(c.ErrOrStderr(), "%s would change, under the id %q; --yes does it\n", n, console.Printable(put.ID, 200))
	}
	return err
}

// maxImport is the largest list that is read, in bytes: a few times what there is.
const maxImport = 64 << 20

func readImport(stdin io.Reader, name string) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxImport+1))
	if err == nil && len(data) > maxImport {
		err = fmt.Errorf("%s is larger than %d MiB", name, maxImport>>20)
	}
	return data, err
}

// convert makes a price file of a list. What could not be read is in the notes.
func (o *importOptions) convert(name string, data []byte) (file []byte, notes []string, err error) {
	var book *price.Book
	switch o.format {
	case formatTallygate:
		_, err := price.Parse(name, data)
		return data, nil, err
	case formatLiteLLM:
		book, notes, err = price.FromLiteLLM(data)
	case formatGenAI:
		book, notes, err = price.FromGenAIPrices(data)
	case formatRetail:
		book, notes, err = price.FromAzureRetail(data)
	}
	if err != nil {
		return nil, notes, err
	}
	return book.Marshal(), notes, nil
}

// name is the id to store a file under.
func (o *importOptions) name(file string) string {
	switch {
	case o.id != "":
		return o.id
	case o.format != formatTallygate:
		return o.format
	case file == "-":
		return "import"
	}
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

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
