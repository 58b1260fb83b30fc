package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	_ "embed"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/simulator"
)

// The demo's credentials are fixed and public: it listens on loopback only.
const (
	demoKey      = "tg-demo-key"
	demoAdminKey = "tg-demo-admin"
	demoCode     = "demo2026"
	demoResource = "tg-demo-resource-key" // what the gateway tells the simulator
)

//go:embed demo.yaml
var demoConfig string

type demoOptions struct {
	Listen, Admin, Data string
	// Upstream is the simulator's address, Key what it lets in.
	Upstream, Key string
	// Now is when its event begins.
	Now time.Time
}

// End is when the event ends.
func (o *demoOptions) End() time.Time { return o.Now.Add(30 * 24 * time.Hour) }

func demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use: "demo", Short: "Start a simulator and the gateway before it", Args: noArgs,
		Long: "Starts a simulated Azure OpenAI with three resources in three regions, and the\n" +
			"gateway before them, on loopback only. It needs no file and no network, and its\n" +
			"keys are always the same. Ctrl-C stops it.",
		Example: "  tallygate demo\n  tallygate demo --listen 127.0.0.1:9000 --data ./demo-data",
		RunE: func(c *cobra.Command, _ []string) error {
			// A closed terminal ends the demo as Ctrl-C does.
			ctx, cancel := signal.NotifyContext(c.Context(), syscall.SIGHUP)
			defer cancel()
			return demo(ctx, o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:8080", "`address` that callers use; port 0 takes a free one")
	c.Flags().StringVar(&o.Admin, "admin", "127.0.0.1:8081", "`address` of probes, metrics and admin API")
	c.Flags().StringVar(&o.Data, "data", "", "`directory` of the ledger; if empty a new one is made, and removed at the end")
	return c
}

func demo(ctx context.Context, o demoOptions, stdout, stderr io.Writer) (err error) {
	if err := errors.Join(loopback("--listen", o.Listen), loopback("--admin", o.Admin)); err != nil {
		return err
	}
	if o.Data == "" {
		if o.Data, err = os.MkdirTemp("", "tallygate-demo-"); err != nil {
			return fmt.Errorf("make a directory for the ledger: %w", err)
		}
		defer os.RemoveAll(o.Data)
	}
	addr, closeSimulator, err := startSimulator()
	if err != nil {
		return fmt.Errorf("start the simulator: %w", err)
	}
	defer closeSimulator()
	o.Upstream, o.Key, o.Now = addr, demoResource, time.Now().UTC()
	text, err := o.config()
	if err != nil {
		return err
	}
	load := func() (*config.Config, error) { return config.Parse("demo.yaml", text, config.Env{}) }
	cfg, err := load()
	if err != nil {
		return err
	}
	log, _ := newLogger(cfg, stderr)
	a, err := start(ctx, app.Options{Load: load, Version: version, Log: log})
	if err != nil {
		return busy(err, "--listen and --admin")
	}
	fmt.Fprintf(stdout, demoWelcome, a.Addr(), a.AdminAddr(), demoKey, demoCode, demoAdminKey, a.Addr(), demoKey, console.ShellWord(calledBy()), console.ShellWord(o.Data))
	<-ctx.Done()
	fmt.Fprintln(stderr, "stopping")
	return stop(a, log)
}

// calledBy is how this program was called, so that what is printed can be typed: it may
// not be on the PATH.
func calledBy() string {
	if len(os.Args) == 0 {
		return "tallygate"
	}
	return os.Args[0]
}

// startSimulator serves the demo's resources on a free port of loopback.
func startSimulator() (addr string, stop func(), err error) {
	sim, err := simulator.New(demoSimulator())
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	return l.Addr().String(), func() {
		server.Close()
		<-served
	}, nil
}

// config fills in the demo's configuration.
func (o *demoOptions) config() ([]byte, error) {
	// A JSON string is a YAML one; ${ would be a reference.
	text := func(s string) (string, error) {
		b, err := json.Marshal(strings.ReplaceAll(s, "${", "$${"))
		return string(b), err
	}
	t, err := template.New("demo.yaml").Funcs(template.FuncMap{"text": text}).Parse(demoConfig)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, o)
	return b.Bytes(), err
}

const demoWelcome = `Tallygate demo: a gateway before three simulated Azure OpenAI resources.

  endpoint   http://%s
  admin      http://%s
  API key    %s
  event code %s
  admin key  %s
  models     gpt-4o, gpt-4o-mini, gpt-35-turbo-instruct,
             text-embedding-3-small, gpt-image-1, tts, whisper

Try it:

  curl -N http://%s/openai/v1/chat/completions \
    -H "api-key: %s" -H "content-type: application/json" \
    -d '{"model": "gpt-4o", "stream": true,
         "messages": [{"role": "user", "content": "Why is the sky blue?"}]}'

What it used, from another terminal:

  %s usage --by model,deployment --data %s

Ctrl-C stops it.
`

// loopback refuses addresses that others could reach: the credentials are public.
func loopback(flag, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return console.Usagef("%s: %q is not HOST:PORT", flag, addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return console.Usagef("%s: %q has no port from 0 to 65535", flag, addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return console.Usagef("%s: the demo's keys are public, so it listens on loopback only, not on %q", flag, addr)
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
				simulator.Deployment{Name: "text-embedding-3-small", TPM: 1_000_000},
				simulator.Deployment{Name: "gpt-image-1", RPM: 60}, simulator.Deployment{Name: "tts", RPM: 60},
				simulator.Deployment{Name: "whisper", RPM: 60}, simulator.Deployment{Name: "gpt-35-turbo-instruct", TPM: 240_000}),
			resource("contoso-eastus", "eastus2",
				simulator.Deployment{Name: "gpt-4o", TPM: 450_000}, simulator.Deployment{Name: "gpt-4o-mini", TPM: 2_000_000},
				simulator.Deployment{Name: "text-embedding-3-small", TPM: 1_000_000}),
			resource("contoso-japan", "japaneast",
				simulator.Deployment{Name: "gpt-4o", TPM: 300_000}, simulator.Deployment{Name: "gpt-4o-mini", TPM: 1_000_000}),
		},
	}
}
