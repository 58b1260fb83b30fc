package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

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
			"Prices are decimal: for 1,000,000 tokens, and for one call, second, character\n" +
			"or picture. Of several kinds of pictures the first that fits is what a request\n" +
			"means that does not say.",
		Example: "  tallygate prices set gpt-4o --prompt 2.50 --cached 1.25 --completion 10\n" +
			"  tallygate prices set gpt-4o --region japaneast --prompt 2.75 --completion 11\n" +
			"  tallygate prices set text-embedding-3-small --prompt 0.02 --completion 0\n" +
			"  tallygate prices set tts --character 0.000015\n" +
			"  tallygate prices set dall-e-3 --picture standard/1024x1024=0.04 --picture hd=0.08",
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
	c.Flags().StringArray("picture", nil, "`kind=price` of one picture: QUALITY/SIZE, or one of them; may be repeated")
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
	entry, id := map[string]any{"model": model}, model
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
	if kinds, _ := c.Flags().GetStringArray("picture"); len(kinds) > 0 {
		if entry["pictures"], err = picturePrices(kinds); err != nil {
			return err
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
		if strings.EqualFold(p.Model, model) && closer(&p, word(entry, "sku"), word(entry, "region")) {
			fmt.Fprintf(c.ErrOrStderr(), "a price goes before it for %s\n", listing.Scope(&p))
		}
	}
	return listing.Changes(c.OutOrStdout(), changes)
}

// keepRates adds to the new price of a model what the one that it replaces says of parts
// of a prompt or an answer, such as cached tokens: what is left out would cost as much as
// the whole. It returns what was kept.
func keepRates(entry map[string]any, now *api.PriceList, currency string) (kept []string) {
	if currency != now.Currency || entry["prompt"] == nil { // or a price that is not one of tokens
		return nil
	}
	var was *api.Price
	for i := range now.Prices {
		p := &now.Prices[i]
		fits := strings.EqualFold(p.Model, word(entry, "model")) && (p.SKU == "" || strings.EqualFold(p.SKU, word(entry, "sku"))) &&
			(p.Region == "" || strings.EqualFold(p.Region, word(entry, "region")))
		if fits && (was == nil || closer(p, was.SKU, was.Region) || p.From > was.From) {
			was = p
		}
	}
	if was == nil {
		return nil
	}
	for _, class := range []price.Class{price.Cached, price.CacheWrite, price.AudioIn, price.Image, price.AudioOut, price.ImageOut} {
		rate, said := was.Rates[class.String()]
		if _, set := entry[class.String()]; said && !set {
			entry[class.String()] = rate
			kept = append(kept, strings.ReplaceAll(class.String(), "_", " ")+" "+rate)
		}
	}
	return kept
}

// word is a text of an entry, empty where it has none.
func word(entry map[string]any, key string) string {
	s, _ := entry[key].(string)
	return s
}

// picturePrices reads prices of pictures: QUALITY/SIZE=PRICE, of which a size begins with
// a digit.
func picturePrices(kinds []string) (out []any, err error) {
	for _, text := range kinds {
		kind, amount, ok := strings.Cut(text, "=")
		if !ok || amount == "" {
			return nil, console.Usagef("--picture: %q is not KIND=PRICE, such as hd/1024x1024=0.08", text)
		}
		quality, size, both := strings.Cut(kind, "/")
		if !both && kind != "" && kind[0] >= '0' && kind[0] <= '9' {
			quality, size = "", kind
		}
		c := map[string]any{"price": amount}
		if quality != "" {
			c["quality"] = quality
		}
		if size != "" {
			c["size"] = size
		}
		out = append(out, c)
	}
	return out, nil
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
