package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/sqlite"
)

func ledgerCommand() *cobra.Command {
	c := &cobra.Command{Use: "ledger", Short: "Look after the ledger"}
	var data, output string
	verify := &cobra.Command{
		Use: "verify", Short: "Check that the ledger is whole and nobody changed it", Args: cobra.NoArgs,
		Long: "Checks the database, that no entry is missing or altered (a chain of hashes), that the sums agree with\n" +
			"the entries, and that the journal can be read. Exits 1 when something is wrong.",
		RunE: func(c *cobra.Command, _ []string) error {
			return withReader(c.Context(), data, func(ctx context.Context, r ledger.Reader) error {
				report, err := r.Verify(ctx, progress(c.ErrOrStderr(), "entries"))
				if err != nil {
					return err
				}
				return writeReport(c.OutOrStdout(), output, report)
			})
		},
	}
	dataFlag(verify, &data)
	verify.Flags().StringVarP(&output, "output", "o", "table", "`format`: table or json")
	c.AddCommand(verify)
	return c
}

// dataFlag adds --data, which TALLYGATE_DATA stands in for.
func dataFlag(c *cobra.Command, dir *string) {
	def := os.Getenv("TALLYGATE_DATA")
	if def == "" {
		def = "data"
	}
	c.Flags().StringVar(dir, "data", def, "data `directory` of the gateway (TALLYGATE_DATA)")
}

// withReader opens the ledger in dir for reading.
func withReader(ctx context.Context, dir string, f func(context.Context, ledger.Reader) error) error {
	r, err := ledger.OpenReader(ctx, dir, func(ctx context.Context, readOnly bool) (ledger.Store, error) {
		return sqlite.Open(ctx, filepath.Join(dir, app.StoreFile), sqlite.Options{ReadOnly: readOnly})
	})
	if errors.Is(err, os.ErrNotExist) {
		return coded{exitUnreachable, fmt.Errorf("%w; name the gateway's data directory with --data", err)}
	}
	if err != nil {
		return err
	}
	if r.Pending > 0 {
		fmt.Fprintf(os.Stderr, "%d finished requests are still in the journal only and not counted here: run this with write access to %s\n", r.Pending, dir)
	}
	return errors.Join(f(ctx, r), r.Close())
}

func writeReport(w io.Writer, format string, r *ledger.Report) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		rows := [][]string{{"check", "result", "looked at", "wrong"}}
		for _, c := range r.Checks {
			result := "ok"
			if c.Found > 0 {
				result = "FAILED"
			}
			rows = append(rows, []string{c.Name, result, grouped(c.Count) + " " + c.Unit, grouped(c.Found)})
		}
		if err := align(w, rows, 2); err != nil {
			return err
		}
		for _, c := range r.Checks {
			for _, p := range c.Problems {
				fmt.Fprintf(w, "  %s: %s\n", c.Name, p)
			}
		}
	}
	if !r.OK() {
		return errors.New("the ledger is damaged")
	}
	return nil
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
		fmt.Fprintf(w, "\r%3d %%  %s of %s %s ", done*100/total, grouped(done), grouped(total), unit)
		if done >= total {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}
