package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every flag that is no text says in our words what it takes, with a value of another
// kind and with one that is too large.
func TestWrongValues(t *testing.T) {
	seen := 0
	var visit func(c *cobra.Command, path []string)
	visit = func(c *cobra.Command, path []string) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			values := []string{"abc", "1.5.5", "\x1b[2J"}
			switch f.Value.Type() {
			case "string", "stringArray":
				return
			case "stringSlice":
				values = []string{`a"b,c`}
			case "int", "int64", "uint64":
				values = append(values, strings.Repeat("9", 30), "1.5")
			}
			seen++
			for _, value := range values {
				code, out, words := inProcess(t, append(path, "--"+f.Name+"="+value)...)
				if code != exitUsage || out != "" || !strings.HasPrefix(words, "tallygate: --"+f.Name+": ") {
					t.Errorf("tallygate %s --%s=%q: exit %d, %s", strings.Join(path, " "), f.Name, value, code, words)
				}
				for _, bad := range []string{"strconv", "parse", "invalid argument", "unmarshal", "\x1b", "time: "} {
					if strings.Contains(words, bad) {
						t.Errorf("tallygate %s --%s=%q says %q: %s", strings.Join(path, " "), f.Name, value, bad, words)
					}
				}
			}
		})
		for _, sub := range c.Commands() {
			visit(sub, append(path[:len(path):len(path)], sub.Name()))
		}
	}
	visit(command(), nil)
	if seen < 30 {
		t.Errorf("only %d flags found", seen)
	}
}
