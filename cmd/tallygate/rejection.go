package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/eventedit"
)

// inFlags names what is wrong by the flags that said it, where err is a rejection.
func inFlags(c *cobra.Command, err error) error {
	return renamed(err, func(key string) string { return flagOf(c, key) })
}

// flagOf is the flag that said what a definition has under a key such as callers[0];
// empty when no flag did.
func flagOf(c *cobra.Command, key string) string {
	if i := strings.IndexAny(key, ".["); i >= 0 {
		key = key[:i]
	}
	f := c.Flags().Lookup(strings.ReplaceAll(key, "_", "-"))
	if f == nil || !f.Changed {
		return ""
	}
	return f.Name
}

// renamed puts flags in the place of the keys of a rejection's problems, as far as flag
// knows them. Other errors stay.
func renamed(err error, flag func(key string) string) error {
	r, ok := errors.AsType[*client.Rejection](err)
	if !ok {
		return err
	}
	for i, p := range r.Problems {
		key, rest, _ := strings.Cut(p, ": ")
		if name := flag(key); name != "" {
			r.Problems[i] = "--" + name + ": " + rest
		}
	}
	return err
}

// inEventFlags names what is wrong with an event by the flags that said it, also those
// of its limits and of its end.
func inEventFlags(c *cobra.Command, d eventedit.Definition, err error) error {
	limits, _ := d["limits"].([]any)
	return renamed(err, func(key string) string {
		rest, ok := strings.CutPrefix(key, "limits[")
		if !ok {
			if name := flagOf(c, key); name != "" || key != "end" {
				return name
			}
			return flagOf(c, "for")
		}
		number, _, _ := strings.Cut(rest, "]")
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= len(limits) {
			return ""
		}
		for _, f := range eventedit.LimitFlags {
			if c.Flags().Changed(f.Name) && f.Matches(limits[i]) {
				return f.Name
			}
		}
		return ""
	})
}
