package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
	"github.com/tallygate/tallygate/internal/price"
)

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
	data, err := console.ReadFile(c.InOrStdin(), name)
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
