package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/simulator"
)

func simulateCommand() *cobra.Command {
	var listen, scenario string
	pace := -1.0
	c := &cobra.Command{
		Use: "simulate", Short: "Run a simulated Azure OpenAI to test against", Args: cobra.NoArgs,
		Long: "Serves simulated Azure OpenAI resources: limits, latencies, errors and streams as the service has them.\n" +
			"A resource is chosen by the path's first segment (http://host/contoso-sweden/openai/…) or by the first\n" +
			"label of the Host header. Faults are set through /_simulator/ with the scenario's admin key.\n" +
			"Without a scenario it serves the demo's three resources.",
		Example: "  tallygate simulate --listen 127.0.0.1:9000\n  tallygate simulate --scenario scenario.json --pace 0",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg := demoSimulator()
			if scenario != "" {
				var err error
				if cfg, err = readScenario(scenario); err != nil {
					return coded{exitConfig, err}
				}
			}
			if pace >= 0 {
				cfg.Pace = pace
			}
			return simulate(c, cfg, listen)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:9000", "`address` to serve on")
	c.Flags().StringVar(&scenario, "scenario", "", "JSON `file` with resources, deployments, limits and latencies")
	c.Flags().Float64Var(&pace, "pace", pace, "scale all latencies: 1 is lifelike, 0 none")
	return c
}

func readScenario(file string) (cfg simulator.Config, err error) {
	f, err := os.Open(file)
	if err != nil {
		return cfg, err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&cfg); err != nil {
		return cfg, fmt.Errorf("%s: byte %d: %w", file, d.InputOffset(), err)
	}
	return cfg, nil
}

func simulate(c *cobra.Command, cfg simulator.Config, listen string) error {
	sim, err := simulator.New(cfg)
	if err != nil {
		return coded{exitConfig, err}
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	out := c.OutOrStdout()
	fmt.Fprintf(out, "Simulated Azure OpenAI resources on http://%s\n\n", l.Addr())
	for _, r := range cfg.Resources {
		var names []string
		for _, d := range r.Deployments {
			names = append(names, d.Name)
		}
		fmt.Fprintf(out, "  http://%s/%-16s %-14s key %s\n    %s\n", l.Addr(), r.Name, r.Region, r.Key, strings.Join(names, ", "))
	}
	fmt.Fprintf(out, "\nFaults and counters: http://%s/_simulator/  Ctrl-C stops it.\n", l.Addr())
	select {
	case err = <-served:
	case <-c.Context().Done():
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			server.Close()
		}
		err = <-served
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
