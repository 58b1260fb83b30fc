// Command tallygate is the gateway, the simulator and the tools around them in
// one binary. Data goes to stdout, words to stderr.
//
// Exit codes: 0 ok, 1 failed, 2 usage, 3 configuration, 4 something it depends on
// cannot be reached.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/config"
)

// version is set by the build.
var version = "dev"

// The exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitConfig
	exitUnreachable
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole command; tests call it in their own process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := command()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if _, silent := errors.AsType[saidAlready](err); !silent {
		fmt.Fprintf(stderr, "tallygate: %v\n", err)
	}
	return exitCode(err)
}

// exitCode classifies err.
func exitCode(err error) int {
	if _, ok := errors.AsType[*config.Problems](err); ok {
		return exitConfig
	}
	if c, ok := errors.AsType[coded](err); ok {
		return c.code
	}
	return exitFailed
}

// coded is an error with its own exit code.
type coded struct {
	code int
	error
}

func (c coded) Unwrap() error { return c.error }

// saidAlready is a failure whose words are out; only the exit code is left.
type saidAlready struct{}

func (saidAlready) Error() string { return "failed" }

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "tallygate",
		Short: "A gateway for an organisation's Azure OpenAI deployments",
		Long: "Tallygate stands between callers and Azure OpenAI deployments: it decides who may call what,\n" +
			"picks the deployment that has room, streams the answer through untouched, counts every token\n" +
			"and keeps the ledger.",
		Example: "  tallygate demo                          try it: a simulator and the gateway before it\n" +
			"  tallygate check --config gateway.yaml   say everything that is wrong with a configuration\n" +
			"  tallygate serve --config gateway.yaml   run the gateway\n" +
			"  tallygate usage --by model,caller       tokens by model and caller",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return coded{exitUsage, fmt.Errorf("%w\nSee '%s --help'", err, c.CommandPath())}
	})
	root.AddCommand(demoCommand(), serveCommand(), simulateCommand(), checkCommand(), configCommand(),
		usageCommand(), ledgerCommand(), healthcheckCommand(), versionCommand())
	return root
}

// usageError marks wrong arguments.
func usageError(format string, args ...any) error {
	return coded{exitUsage, fmt.Errorf(format, args...)}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			goVersion := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				goVersion = info.GoVersion
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "tallygate %s (%s)\n", version, goVersion)
			return err
		},
	}
}
