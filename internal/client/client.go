// Package client asks the admin side of a running gateway, in the words of package api.
// What the gateway refuses is a *Rejection, and where nothing answers an
// *UnreachableError; each message says what to do.
package client

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Options say where the admin side of a running gateway is, and with which key.
type Options struct {
	// Address is the admin side's: http:// or https://, maybe with a path.
	Address string
	// Key is the admin key, KeyFile a file that holds it and goes before.
	Key, KeyFile string
	// Gateway is the address that attendees use; empty is as the gateway knows it.
	Gateway string
}

// KeyVariable holds the admin key. There is no flag for it, because all users of
// a machine can see the flags of each other's programs.
const KeyVariable = "TALLYGATE_ADMIN_KEY"

// New makes a client of options. What is wrong with them is said by their flags.
func New(o *Options) (*Client, error) {
	if o.Gateway != "" {
		if _, err := WebAddress("gateway", o.Gateway); err != nil {
			return nil, err
		}
	}
	u, err := WebAddress("admin", o.Address)
	if err != nil {
		return nil, err
	}
	key := o.Key
	if o.KeyFile != "" {
		text, err := os.ReadFile(o.KeyFile)
		if err != nil {
			return nil, console.Usagef("--key-file: %w", err)
		}
		key = strings.TrimSpace(string(text))
	}
	if key == "" {
		return nil, console.Usagef("the admin key is missing: set %s, or name a file that holds it with --key-file", KeyVariable)
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, console.Usagef("the admin key holds a character that no key has")
	}
	return &Client{base: u, key: key, gateway: strings.TrimRight(o.Gateway, "/")}, nil
}

// WebAddress reads the address that a flag gives.
func WebAddress(flag, s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, console.Usagef("--%s: %q is not an http:// or https:// address", flag, s)
	}
	return u, nil
}

// Client talks to the admin side of a running gateway.
type Client struct {
	base *url.URL
	key  string
	// gateway is the address that attendees use, without a slash at its end; empty is
	// as the gateway knows it.
	gateway string
}

// Status returns how the gateway and its deployments are.
func (a *Client) Status(ctx context.Context) (*api.Status, error) {
	s := new(api.Status)
	return s, a.ask(ctx, call{method: http.MethodGet, path: "/status"}, s)
}
