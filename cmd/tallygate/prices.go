package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/listing"
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
			if err := listing.Prices(c.OutOrStdout(), c.ErrOrStderr(), output, list); err != nil {
				return err
			}
			return listing.PricedAs(c.ErrOrStderr(), model, list.Prices)
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
	gateway, err := o.client()
	if err != nil {
		return nil, err
	}
	return gateway.Prices(ctx, model)
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
	list, leftOut, err := app.Prices(cfg, model)
	if err != nil {
		return nil, coded{exitConfig, err}
	}
	if leftOut != nil {
		fmt.Fprintf(stderr, "left out: %v\n", leftOut)
	}
	return list, nil
}

func pricesExportCommand() *cobra.Command {
	var o adminOptions
	c := &cobra.Command{
		Use: "export", Short: "Print the prices in use as a price file", Args: noArgs,
		Long:    "Prints the prices in use as a price file, which import and prices.file read.",
		Example: "  tallygate prices export > prices.yaml",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, _ []string) error {
			text, err := gateway.PriceFile(c.Context())
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
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, args []string) error {
			return deleted(c, "prices", args[0], gateway.DeletePrices(c.Context(), args[0]))
		}),
	}
	adminFlags(c, &o)
	return c
}
