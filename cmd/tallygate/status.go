package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/listing"
)

func statusCommand() *cobra.Command {
	var o adminOptions
	var output string
	c := &cobra.Command{
		Use: "status", Short: "Show how a running gateway and its deployments are", Args: noArgs,
		Long: "Shows each deployment: whether it is asked, or why it rests and until when; how\n" +
			"much of its quota is thought to be used (of provisioned throughput: its\n" +
			"utilisation); what is on its way there, and what became of what was sent. Then\n" +
			"who waits for room, and whether the ledger can write.\n\n" +
			"throttled: it said when to come again. failing: it breaks off or cannot be\n" +
			"reached. probing: one request finds out whether it works again. barred: it\n" +
			"refuses the gateway itself, so its key, network rules or name must be mended.",
		Example: "  tallygate status\n  tallygate status -o json",
		RunE: o.asking(func(c *cobra.Command, gateway *client.Client, _ []string) error {
			s, err := gateway.Status(c.Context())
			if err != nil {
				return err
			}
			return listing.Status(c.OutOrStdout(), c.ErrOrStderr(), output, s, time.Now())
		}),
	}
	adminFlags(c, &o)
	outputFlag(c, &output, "json", "csv")
	return c
}
