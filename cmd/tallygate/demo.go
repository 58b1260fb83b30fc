package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"text/template"
	"time"

	_ "embed"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/simulator"
)

// The demo's credentials are fixed and public: it listens on loopback only.
const (
	demoKey      = "tg-demo-key"
	demoAdminKey = "tg-demo-admin"
	demoResource = "tg-demo-resource-key" // what the gateway tells the simulator
)

//go:embed demo.yaml
var demoConfig string

type demoOptions struct {
	Listen, Admin, Data string
	// Upstream is the simulator's address, Key what it lets in.
	Upstream, Key string
}

func demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use: "demo", Short: "Start a simulator and the gateway before it, to try", Args: cobra.NoArgs,
		Long: "Starts a simulated Azure OpenAI with three resources in three regions, and the gateway before them,\n" +
			"on loopback only. It needs no file and no network. Ctrl-C stops it.",
		Example: "  tallygate demo\n  tallygate demo --listen 127.0.0.1:9000 --data ./demo-data",
		RunE: func(c *cobra.Command, _ []string) error {
			return demo(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:8080", "`address` of the data side")
	c.Flags().StringVar(&o.Admin, "admin", "127.0.0.1:8081", "`address` of the admin side")
	c.Flags().StringVar(&o.Data, "data", "", "`directory` for the ledger; without it a new one is made and removed at the end")
	return c
}

func demo(ctx context.Context, o demoOptions, stdout, stderr io.Writer) (err error) {
	for _, addr := range []string{o.Listen, o.Admin} {
		if err := loopback(addr); err != nil {
			return err
		}
	}
	if o.Data == "" {
		if o.Data, err = os.MkdirTemp("", "tallygate-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.Data)
	}
	sim, err := simulator.New(demoSimulator())
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() {
		server.Close()
		<-served
	}()
	o.Upstream, o.Key = l.Addr().String(), demoResource
	var text bytes.Buffer
	if err := template.Must(template.New("demo.yaml").Parse(demoConfig)).Execute(&text, o); err != nil {
		return err
	}
	load := func() (*config.Config, error) { return config.Parse("demo.yaml", text.Bytes(), config.Env{}) }
	cfg, err := load()
	if err != nil {
		return err
	}
	log := newLogger(cfg, stderr)
	a, err := app.New(ctx, app.Options{Load: load, Version: version, Log: log})
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Stop(context.Background()))
	}
	fmt.Fprintf(stdout, demoWelcome, a.Addr(), a.AdminAddr(), demoKey, demoAdminKey, a.Addr(), demoKey, o.Data)
	<-ctx.Done()
	fmt.Fprintln(stderr, "stopping")
	return stop(a, log)
}

const demoWelcome = `Tallygate demo: a gateway before three simulated Azure OpenAI resources.

  endpoint   http://%s
  admin      http://%s
  API key    %s
  admin key  %s
  models     gpt-4o, gpt-4o-mini, text-embedding-3-small

Try it:

  curl -N http://%s/openai/v1/chat/completions -H "api-key: %s" \
    -H "content-type: application/json" \
    -d '{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}'

What it used:  tallygate usage --data %s --by model,deployment
Ctrl-C stops it.
`

// loopback refuses addresses that others could reach: the credentials are public.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usageError("%q is not host:port", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usageError("the demo's keys are public, so it listens on loopback only, not on %q", addr)
	}
	return nil
}

// demoSimulator is the demo's Azure OpenAI: a small provisioned deployment and
// pay-as-you-go ones in three regions.
func demoSimulator() simulator.Config {
	pace := simulator.Latency{FirstToken: 300 * time.Millisecond, PerToken: 14 * time.Millisecond}
	resource := func(name, region string, deployments ...simulator.Deployment) simulator.Resource {
		for i := range deployments {
			deployments[i].Latency = pace
		}
		return simulator.Resource{Name: name, Region: region, Key: demoResource, Deployments: deployments}
	}
	return simulator.Config{
		Seed: 2026, Pace: 1, AdminKey: demoAdminKey,
		Resources: []simulator.Resource{
			resource("contoso-sweden", "swedencentral",
				simulator.Deployment{Name: "gpt-4o", TPM: 600_000}, simulator.Deployment{Name: "gpt-4o-mini", TPM: 2_000_000},
				simulator.Deployment{Name: "text-embedding-3-small", TPM: 1_000_000}),
			resource("contoso-eastus", "eastus2",
				simulator.Deployment{Name: "gpt-4o", TPM: 450_000}, simulator.Deployment{Name: "gpt-4o-mini", TPM: 2_000_000},
				simulator.Deployment{Name: "text-embedding-3-small", TPM: 1_000_000}),
			resource("contoso-japan", "japaneast",
				simulator.Deployment{Name: "gpt-4o", TPM: 300_000}, simulator.Deployment{Name: "gpt-4o-mini", TPM: 1_000_000}),
		},
	}
}
