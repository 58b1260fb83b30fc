package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/config"
)

func checkCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "check", Short: "Say everything that is wrong with a configuration", Args: noArgs,
		Long: "Reads the configuration as serve does, says every problem with its file and\n" +
			"line, and exits 3 if there is one. It prints no secret and connects to nothing.",
		Example: "  tallygate check --config gateway.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, config.Env{})
			if err != nil {
				return err
			}
			for _, note := range cfg.Notes {
				fmt.Fprintln(c.ErrOrStderr(), "note:", note)
			}
			if cfg.Admin.Listen != "" && cfg.Admin.Key.Reveal() == "" {
				fmt.Fprintln(c.ErrOrStderr(), "note: there is no admin.key, so /metrics and all of the admin side but health is closed")
			}
			deployments := 0
			for _, r := range cfg.Resources {
				deployments += len(r.Deployments)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is fine: %s, %s, %s, %s\n", file,
				counted(int64(len(cfg.Resources)), "resources"), counted(int64(deployments), "deployments"),
				counted(int64(len(cfg.Models)), "models"), counted(int64(len(cfg.Callers)), "callers"))
			return err
		},
	}
	configFlag(c, &file)
	return c
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
