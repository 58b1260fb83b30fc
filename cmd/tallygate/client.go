package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// adminOptions say where the admin side of a running gateway is, and with which key.
type adminOptions struct {
	address, keyFile string
	// gateway is the address that attendees use; empty is as the gateway knows it.
	gateway string
}

// adminKeyVariable holds the admin key. There is no flag for it, because all users of
// a machine can see the flags of each other's programs.
const adminKeyVariable = "TALLYGATE_ADMIN_KEY"

// adminFlags adds the flags of a command that talks to a running gateway.
func adminFlags(c *cobra.Command, o *adminOptions) {
	c.Flags().StringVar(&o.address, "admin", adminAddress(), "`address` of the gateway's admin side, or $TALLYGATE_ADMIN")
	c.Flags().StringVar(&o.keyFile, "key-file", "", "`file` of the admin key; $"+adminKeyVariable+" unless said")
}

// adminAddress is where the admin side is unless a flag says, without a slash at its end.
func adminAddress() string {
	return strings.TrimRight(cmp.Or(os.Getenv("TALLYGATE_ADMIN"), "http://127.0.0.1:8081"), "/")
}

// gatewayFlags adds the flags of a command that tells where events take place, too.
func gatewayFlags(c *cobra.Command, o *adminOptions) {
	adminFlags(c, o)
	c.Flags().StringVar(&o.gateway, "gateway", os.Getenv("TALLYGATE_GATEWAY"),
		"`address` that attendees use, or $TALLYGATE_GATEWAY; as the gateway knows it unless said")
}

// asking is what a command does that talks to a running gateway.
func (o *adminOptions) asking(run func(*cobra.Command, *adminClient, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		client, err := o.client()
		if err != nil {
			return err
		}
		return run(c, client, args)
	}
}

// client makes a client of the options.
func (o *adminOptions) client() (*adminClient, error) {
	if o.gateway != "" {
		if _, err := webAddress("gateway", o.gateway); err != nil {
			return nil, err
		}
	}
	u, err := webAddress("admin", o.address)
	if err != nil {
		return nil, err
	}
	key := os.Getenv(adminKeyVariable)
	if o.keyFile != "" {
		text, err := os.ReadFile(o.keyFile)
		if err != nil {
			return nil, console.Usagef("--key-file: %w", err)
		}
		key = strings.TrimSpace(string(text))
	}
	if key == "" {
		return nil, console.Usagef("the admin key is missing: set %s, or name a file that holds it with --key-file", adminKeyVariable)
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, console.Usagef("the admin key holds a character that no key has")
	}
	return &adminClient{base: u, key: key, gateway: strings.TrimRight(o.gateway, "/")}, nil
}

// webAddress reads the address that a flag gives.
func webAddress(flag, s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, console.Usagef("--%s: %q is not an http:// or https:// address", flag, s)
	}
	return u, nil
}

// adminClient talks to the admin side of a running gateway.
type adminClient struct {
	base *url.URL
	key  string
	// gateway is the address that attendees use, without a slash at its end; empty is
	// as the gateway knows it.
	gateway string
}

// call is one request to the admin side.
type call struct {
	method string
	// path begins with a slash, and name, if any, is its last part, whatever is in it.
	path, name string
	query      url.Values
	// version is that of the object to be replaced, 0 for none.
	version int64
	accept  string
	body    []byte
	// slow calls take as long as they need; others half a minute.
	slow bool
}

// maxAnswer is the largest answer that is read, in bytes.
const maxAnswer = 256 << 20

// ask makes a call, and reads the JSON of its answer into v unless that is nil.
func (a *adminClient) ask(ctx context.Context, c call, v any) error {
	text, err := a.text(ctx, c)
	if err != nil || v == nil || len(text) == 0 {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("what answers at %s is not a gateway's admin side: %w", a.base.Redacted(), err)
	}
	return nil
}

// remove deletes what a call names, and says so.
func (a *adminClient) remove(c *cobra.Command, what string, of call) error {
	of.method = http.MethodDelete
	if err := a.ask(c.Context(), of, nil); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.ErrOrStderr(), "deleted the %s %q\n", what, console.Printable(of.name, 200))
	return err
}

// text makes a call and returns its answer.
func (a *adminClient) text(ctx context.Context, c call) ([]byte, error) {
	if !c.slow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
	}
	req, err := a.request(ctx, c)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		// A redirect is no answer, and the key goes nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, a.unreachable(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, a.unreachable(err)
	}
	if res.StatusCode >= 300 {
		return nil, a.refused(res, text)
	}
	return text, nil
}

func (a *adminClient) request(ctx context.Context, c call) (*http.Request, error) {
	u := *a.base
	root := strings.TrimSuffix(u.EscapedPath(), "/") + "/admin/v1" + c.path
	if c.name != "" {
		root += "/" + url.PathEscape(c.name)
	}
	var err error
	if u.Path, err = url.PathUnescape(root); err != nil {
		return nil, console.Usagef("--admin: %w", err)
	}
	u.RawPath, u.RawQuery = root, c.query.Encode()
	req, err := http.NewRequestWithContext(ctx, c.method, u.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, console.Usagef("--admin: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	if c.version > 0 {
		req.Header.Set("If-Match", fmt.Sprintf("%q", fmt.Sprint(c.version)))
	}
	if c.accept != "" {
		req.Header.Set("Accept", c.accept)
	}
	return req, nil
}

// unreachable says that nothing answers, and what to do.
func (a *adminClient) unreachable(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // its URL is in the message already
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer within half a minute")
	}
	return coded{exitUnreachable, fmt.Errorf("cannot reach the admin side of a gateway at %s: %w\n"+
		"Start the gateway, or name its address with --admin or TALLYGATE_ADMIN", a.base.Redacted(), err)}
}

// refused says why the gateway did not do what it was asked.
func (a *adminClient) refused(res *http.Response, text []byte) error {
	var body struct {
		Error struct {
			Message  string
			Problems []string
		}
	}
	_ = json.Unmarshal(text, &body) // what is no JSON has no message
	var why rejection
	for i, line := range append(strings.Split(body.Error.Message, "\n"), body.Error.Problems...) {
		if line = console.Printable(line, 500); i == 0 {
			why.message = line
		} else {
			why.problems = append(why.problems, line)
		}
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized && !strings.Contains(res.Header.Get("WWW-Authenticate"), api.Realm):
		return fmt.Errorf("what answers at %s is not a gateway's admin side: it may be the side that callers use\n"+
			"Name the address of admin.listen with --admin or TALLYGATE_ADMIN", a.base.Redacted())
	case res.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("the gateway at %s does not take this admin key\nSet %s or --key-file to its admin.key", a.base.Redacted(), adminKeyVariable)
	case body.Error.Message == "":
		return fmt.Errorf("what answers at %s is not a gateway's admin side: it says %s", a.base.Redacted(), res.Status)
	case res.StatusCode == http.StatusBadRequest:
		return coded{exitUsage, &why}
	}
	return &why
}
