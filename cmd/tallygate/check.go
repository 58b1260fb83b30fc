package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/remark"
	"github.com/tallygate/tallygate/internal/world"
)

func checkCommand() *cobra.Command {
	var file string
	var ask bool
	var timeout time.Duration
	c := &cobra.Command{
		Use: "check", Short: "Say everything that is wrong with a configuration", Args: noArgs,
		Long: "Reads the configuration as serve does, says every problem with its file and\n" +
			"line, and exits 3 if there is one. It prints no secret, and connects to nothing\n" +
			"without --online.\n\n" +
			"With --online it asks each resource with its key for the list of models, and\n" +
			"each deployment for a chat without messages, which nothing can serve and which\n" +
			"costs nothing: a 404 DeploymentNotFound tells a wrong name, a 400 that it is\n" +
			"there. It says the line of each that fails, and exits 1 if one does.",
		Example: "  tallygate check --config gateway.yaml\n  tallygate check --config gateway.yaml --online",
		RunE: func(c *cobra.Command, _ []string) error {
			if timeout <= 0 {
				return console.Usagef("--timeout: %v is not above 0", timeout)
			}
			cfg, err := check(c.OutOrStdout(), c.ErrOrStderr(), file)
			if err != nil || !ask {
				return err
			}
			return online(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), file, cfg, timeout)
		},
	}
	configFlag(c, &file)
	c.Flags().BoolVar(&ask, "online", false, "ask each resource and deployment with its key, too")
	c.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "`time` until a question of --online is given up")
	return c
}

// check reads a configuration and says what is worth a remark, and what it has.
func check(stdout, stderr io.Writer, file string) (*config.Config, error) {
	cfg, err := config.Load(file, config.Env{})
	if err != nil {
		return nil, err
	}
	for _, note := range cfg.Notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	if cfg.Admin.Listen != "" && cfg.Admin.Key.Reveal() == "" {
		fmt.Fprintln(stderr, "note: there is no admin.key, so /metrics and all of the admin side but health is closed")
	}
	for _, note := range cfg.CannotStart() {
		fmt.Fprintf(stderr, "note: %s: %s\n", file, note)
	}
	if err := noteBases(stderr, file, cfg); err != nil {
		return nil, err
	}
	remarks, err := remark.Remarks(cfg)
	if err != nil {
		return nil, err
	}
	for _, remark := range remarks {
		fmt.Fprintf(stderr, "note: %s: %s\n", file, remark)
	}
	if err := notePrices(stderr, file, cfg); err != nil {
		return nil, err
	}
	deployments := 0
	for _, r := range cfg.Resources {
		deployments += len(r.Deployments)
	}
	beside := ""
	if cfg.AzureTables.Connection != "" {
		beside = ", beside what Azure Tables hold"
	}
	_, err = fmt.Fprintf(stdout, "%s is fine: %s, %s, %s, %s%s\n", file,
		console.Counted(int64(len(cfg.Resources)), "resources"), console.Counted(int64(deployments), "deployments"),
		console.Counted(int64(len(cfg.Models)), "models"), console.Counted(int64(len(cfg.Callers)), "callers"), beside)
	return cfg, err
}

// notePrices remarks on models that limits of money are about although nobody knows
// what they cost: every request for them is refused. It fails when the price list cannot
// be used.
func notePrices(w io.Writer, file string, cfg *config.Config) error {
	book, leftOut, err := world.PriceList(cfg)
	if err != nil {
		return coded{exitConfig, err}
	}
	if leftOut != nil {
		fmt.Fprintln(w, "note: prices are left out:", leftOut)
	}
	if cfg.Prices.Unknown != nil {
		return nil
	}
	said := make(map[string]bool)
	for i := range cfg.Resources {
		r := &cfg.Resources[i]
		for j := range r.Deployments {
			d := &r.Deployments[j]
			if d.PTU > 0 && d.PTUPrice == 0 && cfg.Prices.PTU == 0 && !said["ptu "+d.Model] {
				if l := moneyLimit(cfg, d.Model, r.Name+"/"+d.Name); l != nil {
					said["ptu "+d.Model] = true
					fmt.Fprintf(w, "note: %s:%d: the limit %q is one of money and does not bound what %s serves, because provisioned throughput costs nothing a token: "+
						"set prices.ptu to what an hour of a unit costs to count a nominal price\n", file, r.Line, l.Name, r.Name+"/"+d.Name)
				}
			}
			_, known := book.Find(d.Base, d.SKU, r.Region, time.Now())
			if known || d.PTU > 0 && d.SKU == "" || said[d.Model] { // provisioned throughput costs nothing a token
				continue
			}
			if l := moneyLimit(cfg, d.Model, r.Name+"/"+d.Name); l != nil {
				said[d.Model] = true
				fmt.Fprintf(w, "note: %s:%d: the limit %q is one of money and nobody knows what %s costs at %s, so it refuses every request for it: "+
					"set its price in prices.file, or prices.unknown\n", file, r.Line, l.Name, d.Model, r.Name)
			}
		}
	}
	return nil
}

// moneyLimit returns the first limit of money that refuses, and is about a model at a deployment;
// nil when there is none.
func moneyLimit(cfg *config.Config, model, deployment string) *tallygate.Limit {
	matches := func(globs []string, name string) bool {
		return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return tallygate.Match(glob, name) })
	}
	for _, l := range cfg.AllLimits() {
		if l.Quantity == tallygate.Cost && !l.DryRun && matches(l.Match[tallygate.ByModel], model) && matches(l.Match[tallygate.ByDeployment], deployment) {
			return &l
		}
	}
	return nil
}

func configCommand() *cobra.Command {
	c := family(&cobra.Command{Use: "config", Short: "Show the configuration, its schema or an example"})
	var file string
	show := &cobra.Command{
		Use: "print", Short: "Print the configuration with its defaults", Args: noArgs,
		Long: "Prints the configuration as the gateway understands it: defaults filled in,\n" +
			"references resolved, and every secret as [redacted].",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, config.Env{})
			if err != nil {
				return err
			}
			return cfg.Print(c.OutOrStdout())
		},
	}
	configFlag(show, &file)
	schema := &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the configuration", Args: noArgs,
		Long: "Prints the JSON Schema of the configuration file, which editors complete and\n" +
			"check it with.",
		Example: "  tallygate config schema > tallygate.schema.json",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(config.Schema())
			return err
		},
	}
	example := &cobra.Command{
		Use: "example", Short: "Print a commented example to start from", Args: noArgs,
		Example: "  tallygate config example > tallygate.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(config.Example())
			return err
		},
	}
	c.AddCommand(show, schema, example)
	return c
}
