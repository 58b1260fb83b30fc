package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// upToOne takes one word at most, which is what it is called.
func upToOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= 1 {
			return nil
		}
		return seeHelp(c, fmt.Errorf("%s takes one word, %s; put quotes around it if it has spaces", c.CommandPath(), what))
	}
}

// exactArgs takes exactly the words that are called so.
func exactArgs(what ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == len(what) && !hasEmpty(args) {
			return nil
		}
		return seeHelp(c, fmt.Errorf("%s takes %d words: %s", c.CommandPath(), len(what), strings.Join(what, " and ")))
	}
}

func hasEmpty(args []string) bool {
	for _, a := range args {
		if a == "" {
			return true
		}
	}
	return false
}

// oneArg takes exactly one word, which is what it is called.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 && args[0] != "" {
			return nil
		}
		return seeHelp(c, fmt.Errorf("%s takes one word, %s", c.CommandPath(), what))
	}
}
