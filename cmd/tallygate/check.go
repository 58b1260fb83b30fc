package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/config"
)

func checkCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "check", Short: "Say everything that is wrong with a configuration", Args: cobra.NoArgs,
		Long: "Reads the configuration as serve does, says every problem with file and line, and exits 3 if there\n" +
			"is one. It prints no secret and connects to nothing.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, config.Env{})
			if err != nil {
				fmt.Fprintln(c.ErrOrStderr(), err)
				return coded{exitConfig, saidAlready{}}
			}
			for _, note := range cfg.Notes {
				fmt.Fprintln(c.ErrOrStderr(), "note:", note)
			}
			deployments := 0
			for _, r := range cfg.Resources {
				deployments += len(r.Deployments)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is fine: %d resources, %d deployments, %d models, %d callers\n",
				file, len(cfg.Resources), deployments, len(cfg.Models), len(cfg.Callers))
			return err
		},
	}
	configFlag(c, &file)
	return c
}

func configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Show the configuration, its schema or an example"}
	var file string
	show := &cobra.Command{
		Use: "print", Short: "Print the configuration with its defaults, secrets redacted", Args: cobra.NoArgs,
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
		Use: "schema", Short: "Print the JSON Schema of the configuration, for editors", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(config.Schema())
			return err
		},
	}
	example := &cobra.Command{
		Use: "example", Short: "Print a commented example to start from", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(config.Example())
			return err
		},
	}
	c.AddCommand(show, schema, example)
	return c
}

func healthcheckCommand() *cobra.Command {
	var url string
	c := &cobra.Command{
		Use: "healthcheck", Short: "Ask a running gateway whether it is ready, for container probes", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), 5*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return usageError("--url: %w", err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return coded{exitUnreachable, err}
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answered %s", url, res.Status)
			}
			return nil
		},
	}
	c.Flags().StringVar(&url, "url", "http://127.0.0.1:8081/readyz", "`address` of the readiness probe")
	return c
}
