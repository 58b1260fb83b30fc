package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tallygate/tallygate/internal/console"
)

// helpWidth is how wide help may get, in columns.
const helpWidth = 80

// writeHelp prints the help of c: what it does, how it is called, its commands and
// flags.
func writeHelp(w io.Writer, c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	c.InitDefaultHelpFlag() // cobra adds it late
	line := c.UseLine()
	switch {
	case c.HasAvailableSubCommands() && len(flagNames(c)) > 1: // it does something by itself
		line += "\n  " + c.CommandPath() + " COMMAND"
	case c.HasAvailableSubCommands():
		line = c.CommandPath() + " COMMAND"
	}
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", text, line)
	if c.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	writeCommands(w, c)
	writeFlags(w, c)
	if !c.HasParent() {
		fmt.Fprint(w, rootNotes)
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\nHelp on one of them: %s COMMAND --help\n", c.CommandPath())
	}
}

const rootNotes = `
Environment:
  TALLYGATE_CONFIG      stands in for --config
  TALLYGATE_DATA        stands in for --data of usage and ledger
  TALLYGATE_ADMIN       stands in for --admin of events, limits and the like
  TALLYGATE_ADMIN_KEY   admin key for these
  TALLYGATE_GATEWAY     stands in for --gateway of events, --url of smoke
  TALLYGATE_KEY         API key that load and smoke send

Exit codes:
  0 ok   1 failed   2 wrong usage   3 wrong configuration   4 cannot be reached
`

// writeCommands lists the commands below c, by group where there are groups.
func writeCommands(w io.Writer, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	groups := c.Groups()
	if len(groups) == 0 {
		groups = []*cobra.Group{{Title: "Commands:"}}
	}
	for _, g := range groups {
		fmt.Fprintf(w, "\n%s\n", g.Title)
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && sub.GroupID == g.ID {
				fmt.Fprintf(w, "  %-*s  %s\n", c.Commands()[0].NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
}

// flagGroup is a heading over some flags.
type flagGroup struct {
	title string
	names []string
}

// groupFlags puts headings over the flags of a command that has many.
func groupFlags(c *cobra.Command, groups ...flagGroup) {
	c.Annotations = make(map[string]string)
	for i, g := range groups {
		c.Annotations[fmt.Sprint("flags", i)] = g.title + "\n" + strings.Join(g.names, " ")
	}
}

func writeFlags(w io.Writer, c *cobra.Command) {
	c.Flags().SortFlags = false
	grouped := make(map[string]bool)
	for i := 0; ; i++ {
		title, names, ok := strings.Cut(c.Annotations[fmt.Sprint("flags", i)], "\n")
		if !ok {
			break
		}
		writeFlagGroup(w, c, title, strings.Fields(names))
		for _, name := range strings.Fields(names) {
			grouped[name] = true
		}
	}
	rest := slices.DeleteFunc(flagNames(c), func(name string) bool { return grouped[name] })
	writeFlagGroup(w, c, "Flags:", rest)
}

func writeFlagGroup(w io.Writer, c *cobra.Command, title string, names []string) {
	some := new(cobra.Command).Flags()
	some.SortFlags = false
	for _, name := range names {
		some.AddFlag(c.Flags().Lookup(name))
	}
	fmt.Fprintf(w, "\n%s\n%s", title, some.FlagUsagesWrapped(helpWidth))
}

var flagLine = regexp.MustCompile(`(?m)^ {2}(?:-\w, | {4})--([a-z-]+)`)

// flagNames returns the names of the flags that c shows.
func flagNames(c *cobra.Command) (names []string) {
	for _, m := range flagLine.FindAllStringSubmatch(c.Flags().FlagUsages(), -1) {
		names = append(names, m[1])
	}
	return names
}

// family makes c a command that only holds others: alone it shows its help, and a
// word it does not know is an error.
func family(c *cobra.Command) *cobra.Command {
	c.Args = unknownCommand
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return seeHelp(c, fmt.Errorf("unknown command %q%s", args[0], console.DidYouMean(args[0], names, "")))
}

// noArgs refuses words that are no flags.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	meant := ""
	if _, err := os.Stat(args[0]); c.Flags().Lookup("config") != nil && (err == nil || strings.HasSuffix(args[0], ".yaml")) {
		meant = "; did you mean --config " + console.ShellWord(args[0]) + "?"
	}
	return seeHelp(c, fmt.Errorf("%s takes flags only, not %q%s", c.CommandPath(), args[0], meant))
}

// wrongFlag says what is wrong with a flag, and which one may have been meant.
func wrongFlag(c *cobra.Command, err error) error {
	if args := c.Flags().Args(); len(args) > 0 && c.HasSubCommands() {
		return unknownCommand(c, args) // the word before it was wrong already
	}
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		err = fmt.Errorf("%w%s", err, console.DidYouMean(name, flagNames(c), "--"))
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		err = fmt.Errorf("--%s: %s", wrong.GetFlag().Name, wrongValue(wrong))
	}
	return seeHelp(c, err)
}

// wrongValue says what a flag takes that was given something else.
func wrongValue(wrong *pflag.InvalidValueError) string {
	kind, value := wrong.GetFlag().Value.Type(), console.Printable(wrong.GetValue(), 100)
	what, ok := map[string]string{
		"int": "a whole number", "int64": "a whole number", "uint64": "a whole number from 0 on", "float64": "a number",
		"duration": "a time such as 30s, 5m or 2h", "bool": "true or false", "stringSlice": "a list with commas between",
	}[kind]
	switch {
	case !ok:
		return fmt.Sprintf("%q: %v", value, errors.Unwrap(wrong))
	case errors.Is(wrong, strconv.ErrRange):
		return fmt.Sprintf("%q is too large", value)
	}
	return fmt.Sprintf("%q is not %s", value, what)
}

func seeHelp(c *cobra.Command, err error) error {
	return coded{exitUsage, fmt.Errorf("%w\nSee %s --help", err, c.CommandPath())}
}

// oneOf refuses a value of a flag that is none of those allowed.
func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return console.Usagef("--%s: %q is none of %s%s", flag, value, strings.Join(allowed, ", "), console.DidYouMean(value, allowed, ""))
}

// complete lets shells complete the values of a flag, also the last of several that
// commas separate.
func complete(c *cobra.Command, flag string, values ...string) {
	err := c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		out := make([]string, len(values))
		for i, v := range values {
			out[i] = before + v
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag is not there: a mistake in this package
	}
}

// outputFlag adds -o, by which people choose how something is printed: as a table
// unless said. A format that is not among those is refused before the command runs.
func outputFlag(c *cobra.Command, output *string, others ...string) {
	formats := append([]string{"table"}, others...)
	last := len(formats) - 1
	c.Flags().StringVarP(output, "output", "o", "table", "`format`: "+strings.Join(formats[:last], ", ")+" or "+formats[last])
	complete(c, "output", formats...)
	c.PreRunE = func(*cobra.Command, []string) error { return oneOf("output", *output, formats...) }
}

// helpCommand is "tallygate help COMMAND".
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command", DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err == nil && len(rest) > 0 {
				err = unknownCommand(about, rest)
			}
			if err != nil {
				return err
			}
			return about.Help()
		},
	}
}
