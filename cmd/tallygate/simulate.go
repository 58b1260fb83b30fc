package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/simulator"
)

func simulateCommand() *cobra.Command {
	var listen, scenario string
	var show bool
	pace := -1.0
	c := &cobra.Command{
		Use: "simulate", Short: "Run a simulated Azure OpenAI to test against", Args: noArgs,
		Long: "Serves simulated Azure OpenAI resources: limits, latencies, errors and streams\n" +
			"as the service has them. A resource is chosen by the first segment of the path\n" +
			"(http://HOST/contoso-sweden/openai/…) or by the first label of the Host header.\n" +
			"Without a scenario it serves the demo's three resources, whose admin key is\n" +
			demoAdminKey + ".\n\n" + faultHelp,
		Example: "  tallygate simulate --pace 0\n" +
			"  tallygate simulate --print > scenario.json\n" +
			"  tallygate simulate --scenario scenario.json --listen 127.0.0.1:9100",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg := demoSimulator()
			if scenario != "" {
				var err error
				if cfg, err = readScenario(scenario); err != nil {
					return coded{exitConfig, err}
				}
			}
			if c.Flags().Changed("pace") {
				if !(pace >= 0) || math.IsInf(pace, 1) {
					return console.Usagef("--pace: %v is not 0 or more", pace)
				}
				cfg.Pace = pace
			}
			if show {
				return console.JSON(c.OutOrStdout(), cfg.Spelled())
			}
			return simulate(c, cfg, listen)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:9000", "`address` to serve on")
	c.Flags().StringVar(&scenario, "scenario", "", "JSON `file` with resources, deployments, limits and latencies")
	c.Flags().Float64Var(&pace, "pace", pace, "`factor` of all latencies: 1 is lifelike, 0 none")
	c.Flags().Lookup("pace").DefValue = "the scenario's"
	c.Flags().BoolVar(&show, "print", false, "print the scenario as JSON and exit")
	return c
}

// readScenario reads a scenario and tries it out.
func readScenario(file string) (cfg simulator.Config, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return cfg, fmt.Errorf("read the scenario: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(&cfg)
	at := d.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = syntax.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		at = int64(len(bytes.TrimRight(text, " \t\r\n")))
	}
	if err == nil && d.More() {
		err = errors.New("something follows the scenario")
	}
	if err != nil {
		return cfg, fmt.Errorf("%s:%d: %w", file, 1+bytes.Count(text[:at], []byte("\n")), err)
	}
	if _, err := simulator.New(cfg); err != nil {
		return cfg, fmt.Errorf("%s: %w", file, err)
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
		return busy(err, "--listen")
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	describe(c.OutOrStdout(), cfg, l.Addr())
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

// describe says what is simulated where.
func describe(w io.Writer, cfg simulator.Config, addr net.Addr) {
	fmt.Fprintln(w, "Simulated Azure OpenAI resources:")
	for _, r := range cfg.Resources {
		fmt.Fprintf(w, "\n  http://%s/%s\n", addr, r.Name)
		if r.Region != "" {
			fmt.Fprintf(w, "    region       %s\n", r.Region)
		}
		if r.Key != "" {
			fmt.Fprintf(w, "    key          %s\n", r.Key)
		}
		label := "deployments"
		for _, d := range r.Deployments {
			fmt.Fprintf(w, "    %-11s  %s\n", label, d.Name)
			label = ""
		}
	}
	fmt.Fprintf(w, "\nFaults, counters and the last requests, with the scenario's admin key:\n"+
		"  http://%s/_simulator/faults, …/counters, …/requests\nCtrl-C stops it.\n", addr)
}
