package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
)

// adminOptions are the flags of a command that talks to a running gateway.
type adminOptions struct{ client.Options }

// adminFlags adds the flags of a command that talks to a running gateway.
func adminFlags(c *cobra.Command, o *adminOptions) {
	c.Flags().StringVar(&o.Address, "admin", adminAddress(), "`address` of the gateway's admin side, or $TALLYGATE_ADMIN")
	c.Flags().StringVar(&o.KeyFile, "key-file", "", "`file` of the admin key; $"+client.KeyVariable+" unless said")
}

// adminAddress is where the admin side is unless a flag says, without a slash at its end.
func adminAddress() string {
	return strings.TrimRight(cmp.Or(os.Getenv("TALLYGATE_ADMIN"), "http://127.0.0.1:8081"), "/")
}

// gatewayFlags adds the flags of a command that tells where events take place, too.
func gatewayFlags(c *cobra.Command, o *adminOptions) {
	adminFlags(c, o)
	c.Flags().StringVar(&o.Gateway, "gateway", os.Getenv("TALLYGATE_GATEWAY"),
		"`address` that attendees use, or $TALLYGATE_GATEWAY; as the gateway knows it unless said")
}

// asking is what a command does that talks to a running gateway.
func (o *adminOptions) asking(run func(*cobra.Command, *client.Client, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		gateway, err := o.client()
		if err != nil {
			return err
		}
		return run(c, gateway, args)
	}
}

// client makes a client of the flags.
func (o *adminOptions) client() (*client.Client, error) {
	o.Key = os.Getenv(client.KeyVariable)
	return client.New(&o.Options)
}

// deleted says that something was deleted, if it was.
func deleted(c *cobra.Command, what, name string, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.ErrOrStderr(), "deleted the %s %q\n", what, console.Printable(name, 200))
	return err
}
