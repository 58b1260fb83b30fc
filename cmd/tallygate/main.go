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
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
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
	if wrong, ok := errors.AsType[*config.Problems](err); ok {
		sayProblems(stderr, *wrong)
	} else {
		fmt.Fprintf(stderr, "tallygate: %s\n", harmless(err.Error()))
	}
	return exitCode(err)
}

// sayProblems prints one problem a line, as editors and CI read them, and how many
// there are.
func sayProblems(w io.Writer, problems config.Problems) {
	if missing(problems) {
		fmt.Fprintf(w, "%s\ntallygate: %s\n", harmless(fmt.Sprint(problems[0])), howToBegin)
		return
	}
	for _, p := range problems {
		fmt.Fprintln(w, harmless(fmt.Sprint(p)))
	}
	fmt.Fprintf(w, "tallygate: the configuration has %s\n", console.Counted(int64(len(problems)), "problems"))
}

// howToBegin is what whoever has no configuration file wants to know.
const howToBegin = "name it with --config or TALLYGATE_CONFIG, or start from tallygate config example"

// missing reports whether all that is wrong with a configuration is that its file is
// not there.
func missing(problems config.Problems) bool {
	if len(problems) != 1 || problems[0].Line != 0 || problems[0].Path != "" {
		return false
	}
	_, err := os.Stat(problems[0].File)
	return errors.Is(err, os.ErrNotExist)
}

// harmless is text whose lines tell a terminal nothing, whatever file or flag they name.
func harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		lines[i] = line[:indent] + console.Printable(line[indent:], 10_000)
	}
	return strings.Join(lines, "\n")
}

// exitCode classifies err.
func exitCode(err error) int {
	if _, ok := errors.AsType[*config.Problems](err); ok {
		return exitConfig
	}
	if _, ok := errors.AsType[*console.UsageError](err); ok {
		return exitUsage
	}
	if r, ok := errors.AsType[*client.Rejection](err); ok && r.Wrong {
		return exitUsage
	}
	if _, ok := errors.AsType[*client.UnreachableError](err); ok {
		return exitUnreachable
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

// The headings of the root help.
const (
	groupTry  = "To try it:"
	groupRun  = "To run it:"
	groupAsk  = "To see what was used:"
	groupTurn = "To change it while it runs:"
	groupMore = "More:"
)

func command() *cobra.Command {
	root := family(&cobra.Command{
		Use:   "tallygate",
		Short: "A gateway for an organisation's Azure OpenAI deployments",
		Long: "Tallygate stands between callers and Azure OpenAI deployments: it decides who\n" +
			"may call what, picks the deployment that has room, streams the answer through\n" +
			"untouched, counts every token and keeps the ledger.",
		Example: "  tallygate demo                          a simulator and the gateway before it\n" +
			"  tallygate check --config gateway.yaml   say what is wrong with a configuration\n" +
			"  tallygate serve --config gateway.yaml   run the gateway\n" +
			"  tallygate usage --by model,caller       tokens by model and caller",
		SilenceErrors: true, SilenceUsage: true,
	})
	askVersion := root.Flags().Bool("version", false, "print the version")
	help := root.RunE
	root.RunE = func(c *cobra.Command, args []string) error {
		if *askVersion {
			return sayVersion(c.OutOrStdout())
		}
		return help(c, args)
	}
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c.OutOrStdout(), c) })
	root.SetUsageFunc(func(c *cobra.Command) error { writeHelp(c.OutOrStderr(), c); return nil })
	root.SetFlagErrorFunc(wrongFlag)
	for _, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{groupTry, []*cobra.Command{demoCommand(), simulateCommand(), planCommand(), loadCommand()}},
		{groupRun, []*cobra.Command{checkCommand(), configCommand(), keysCommand(), serveCommand(), statusCommand(), smokeCommand(), doctorCommand(), healthcheckCommand()}},
		{groupAsk, []*cobra.Command{usageCommand(), ledgerCommand()}},
		{groupTurn, []*cobra.Command{eventsCommand(), attendeesCommand(), limitsCommand(), pricesCommand(), importCommand()}},
		{groupMore, []*cobra.Command{helpCommand(), versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
	root.SetCompletionCommandGroupID(groupMore)
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Short = "Print a completion script for a shell"
			family(c)
		}
	}
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return sayVersion(c.OutOrStdout()) },
	}
}

func sayVersion(w io.Writer) error {
	goVersion := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
	}
	_, err := fmt.Fprintf(w, "tallygate %s (%s)\n", version, goVersion)
	return err
}
