package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/listing"
	"github.com/tallygate/tallygate/internal/store/sqlite"
)

func ledgerCommand() *cobra.Command {
	c := family(&cobra.Command{Use: "ledger", Short: "Look after the ledger"})
	var data dataOptions
	var output string
	verify := &cobra.Command{
		Use: "verify", Short: "Check that the ledger is whole and unchanged", Args: noArgs,
		Long: "Checks the database, that no entry is missing or altered (a chain of hashes),\n" +
			"that the sums agree with the entries, and that the journal can be read. A\n" +
			"gateway may run meanwhile. Exits 1 when something is wrong, and says what.",
		Example: "  tallygate ledger verify --data /var/lib/tallygate",
		RunE: func(c *cobra.Command, _ []string) error {
			return withReader(c, &data, func(ctx context.Context, r ledger.Reader) error {
				report, err := r.Verify(ctx, progress(c.ErrOrStderr(), "entries"))
				if err != nil {
					return err
				}
				return listing.Report(c.OutOrStdout(), output, report)
			})
		},
	}
	dataFlag(verify, &data)
	outputFlag(verify, &output, "json")
	c.AddCommand(verify)
	return c
}

// withReader opens the ledger for reading.
func withReader(c *cobra.Command, o *dataOptions, f func(context.Context, ledger.Reader) error) error {
	ctx := c.Context()
	if err := o.find(c); err != nil {
		return err
	}
	dir := o.dir
	r, err := ledger.OpenReader(ctx, dir, func(ctx context.Context) (ledger.Store, error) {
		return sqlite.Open(ctx, filepath.Join(dir, app.StoreFile), sqlite.Options{ReadOnly: true})
	})
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\nAsk as the gateway's user, or as root", err)
	}
	if errors.Is(err, os.ErrNotExist) {
		return coded{exitUnreachable, fmt.Errorf("%w\nName the gateway's data directory with --data or TALLYGATE_DATA, or its configuration with --config", err)}
	}
	if err != nil {
		return err
	}
	if r.Pending+r.Open > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "The gateway did not end well: %s finished and %s unfinished are only in its journal yet.\n"+
			"They count once it has started again.\n", console.Counted(r.Pending, "requests"), console.Grouped(r.Open))
	}
	return errors.Join(f(ctx, r), r.Close())
}

// progress shows how far long work has come, on a terminal only.
func progress(w io.Writer, unit string) func(done, total int64) {
	if !terminal(w) {
		return nil
	}
	return func(done, total int64) {
		if total == 0 {
			return
		}
		fmt.Fprintf(w, "\r%3d %%  %s of %s %s ", done*100/total, console.Grouped(done), console.Grouped(total), unit)
		if done >= total {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}
