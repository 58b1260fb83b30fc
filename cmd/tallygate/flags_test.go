package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

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

// A flag that is a text which we read ourselves says what is wrong with it in our words
// too, and never in those of what reads it.
func TestWrongTexts(t *testing.T) {
	t.Setenv("TALLYGATE_ADMIN", "http://127.0.0.1:1")
	t.Setenv("TALLYGATE_ADMIN_KEY", "admin-key-0123")
	t.Setenv("TALLYGATE_KEY", "api-key-0123")
	needed := map[string][]string{ // what a command asks for before it looks at its flags
		"events edit": {"lab"}, "events clone": {"lab", "New"}, "events create": {"Lab"}, "events end": {"lab"}, "events show": {"lab"}, "events link": {"lab"},
		"attendees list": {"lab"}, "limits set": {"few"}, "plan": {"--attendees=9"}, "ledger export": nil, "usage": nil,
	}
	seen := 0
	var visit func(c *cobra.Command, path []string)
	visit = func(c *cobra.Command, path []string) {
		name := strings.Join(path, " ")
		if name == "demo" || name == "serve" || name == "simulate" || strings.HasPrefix(name, "completion") { // they would stay
			return
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.HasPrefix(f.Value.Type(), "string") || !c.Runnable() {
				return
			}
			seen++
			for _, value := range []string{"abc", "12:99", "1e999", strings.Repeat("9", 30), "-1", "99:99/day", "%zz", "[", "a=b=c", "\x1b[2J"} {
				words := briefly(t, append(append(path[:len(path):len(path)], needed[name]...), "--"+f.Name+"="+value)...)
				for _, bad := range []string{"strconv", "ParseInt", "ParseFloat", "Atoi", "invalid syntax", "out of range", "invalid duration", "parsing time", "invalid URL escape", "missing unit", "\x1b"} {
					if strings.Contains(words, bad) {
						t.Errorf("tallygate %s --%s=%q says %q: %s", name, f.Name, value, bad, words)
					}
				}
			}
		})
		for _, sub := range c.Commands() {
			visit(sub, append(path[:len(path):len(path)], sub.Name()))
		}
	}
	visit(command(), nil)
	if seen < 60 {
		t.Errorf("only %d flags found", seen)
	}
}

// briefly runs a command that may go on for long, and returns what it complains of.
func briefly(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var words bytes.Buffer
	run(ctx, args, strings.NewReader(""), io.Discard, &words)
	return words.String()
}
