package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
)

func healthcheckCommand() *cobra.Command {
	var address string
	c := &cobra.Command{
		Use: "healthcheck", Short: "Ask a running gateway whether it is ready", Args: noArgs,
		Long: "Asks a running gateway whether it is ready, for the probes of containers without\n" +
			"a shell. Exits 0 when it is, 1 when it says that it is not, and 4 when nothing\n" +
			"answers within 5 seconds. It asks /readyz of $TALLYGATE_ADMIN, if that is set.",
		Example: "  tallygate healthcheck\n  tallygate healthcheck --url http://127.0.0.1:8080/livez",
		RunE: func(c *cobra.Command, _ []string) error {
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				return console.Usagef("--url: %q is not an http:// or https:// address", address)
			}
			if err := probe(c.Context(), u); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "ready")
			return err
		},
	}
	c.Flags().StringVar(&address, "url", adminAddress()+"/readyz", "`address` to ask")
	return c
}

// probe returns nil when u answers 200. It goes there directly, never by a proxy.
func probe(ctx context.Context, u *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return console.Usagef("--url: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req) // a redirect is no answer either
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("no answer within 5 seconds")
		}
		return coded{exitUnreachable, fmt.Errorf("cannot reach a gateway at %s: %w", u.Redacted(), err)}
	}
	defer res.Body.Close()
	why, _ := io.ReadAll(io.LimitReader(res.Body, 200)) // the status alone says enough
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s answered %s: %s", u.Redacted(), res.Status, strings.TrimSpace(console.Printable(string(why), 200)))
	}
	return nil
}
