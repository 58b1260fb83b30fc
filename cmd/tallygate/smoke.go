package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
	"github.com/tallygate/tallygate/internal/listing"
)

type smokeOptions struct {
	address, key, output string
	models               []string
	timeout              time.Duration
}

func smokeCommand() *cobra.Command {
	var o smokeOptions
	c := &cobra.Command{
		Use: "smoke", Short: "Ask a gateway for an answer of every kind", Args: noArgs,
		Long: "Asks for completions and chats, each whole and as a stream, and for embeddings,\n" +
			"by both forms of URL: /openai/deployments/MODEL and /openai/v1. It takes the\n" +
			"first models of GET models that do it; a kind that no model does is skipped.\n" +
			"Each answer is bounded to 64 tokens, of reasoning models to 512, and goes on the\n" +
			"key's bill.\n\n" +
			"Exits 1 when an answer is not as it should be, and says why; 4 when nothing\n" +
			"answers. The request ids begin with smoke- and stand in the gateway's log and\n" +
			"ledger.",
		Example: "  TALLYGATE_KEY=tg-demo-key tallygate smoke\n" +
			"  tallygate smoke --url https://gateway.example.com --model gpt-4o",
		RunE: func(c *cobra.Command, _ []string) error {
			g, err := o.gateway()
			if err != nil {
				return err
			}
			return o.smoke(c, g)
		},
	}
	f := c.Flags()
	f.StringVar(&o.address, "url", cmp.Or(os.Getenv("TALLYGATE_GATEWAY"), defaultEndpoint), "`address` of the gateway, or $TALLYGATE_GATEWAY")
	f.StringVar(&o.key, "key", "", "API `key`; $TALLYGATE_KEY unless said, which others on this machine cannot see")
	f.StringSliceVar(&o.models, "model", nil, "`models` to ask, separated by commas; the first that GET models lists unless said")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "`time` until a request is given up")
	outputFlag(c, &o.output, "json")
	return c
}

// gateway reads the options.
func (o *smokeOptions) gateway() (*doctor.Gateway, error) {
	u, err := client.WebAddress("url", o.address)
	if err != nil {
		return nil, err
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, console.Usagef("--url: %s has more than a scheme, a host and a path", u.Host)
	}
	before, _, _ := strings.Cut(u.Path+"/", "/openai/") // as people copy it
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(before, "/")}
	key := cmp.Or(o.key, os.Getenv("TALLYGATE_KEY"))
	switch {
	case key == "":
		return nil, console.Usagef("the API key is missing: set TALLYGATE_KEY, or say --key")
	case strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, console.Usagef("--key: the key holds a character that no header can carry")
	case o.timeout <= 0:
		return nil, console.Usagef("--timeout: %v is not above 0", o.timeout)
	}
	return &doctor.Gateway{
		Base: u, Key: key, Timeout: o.timeout, Run: "smoke-" + strings.ToLower(rand.Text()[:5]),
		Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func (o *smokeOptions) smoke(c *cobra.Command, g *doctor.Gateway) error {
	listed, err := g.Models(c.Context())
	if fault, ok := errors.AsType[*doctor.Fault](err); ok && (fault.Status == 0 || fault.Status == http.StatusUnauthorized || len(o.models) == 0) {
		err := fmt.Errorf("%s answers no list of models: %w", g.Base, fault)
		if fault.Status == 0 {
			return coded{exitUnreachable, fmt.Errorf("%w\nName the gateway's address with --url", fault)}
		}
		return err
	}
	if len(listed) == 0 && len(o.models) == 0 {
		return fmt.Errorf("this key may use no model: GET models lists none")
	}
	var answers []*doctor.Answer
	g.Smoke(c.Context(), listed, o.models, func(a *doctor.Answer) { answers = append(answers, a) })
	if c.Context().Err() != nil {
		return errors.New("ended early")
	}
	if o.output == "json" {
		err = console.JSON(c.OutOrStdout(), listing.SmokeJSON(answers))
	} else {
		err = listing.Smoke(c.OutOrStdout(), answers)
	}
	return errors.Join(err, listing.SmokeWords(c.ErrOrStderr(), answers))
}
