package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
	"github.com/tallygate/tallygate/internal/rehearse"
)

func loadCommand() *cobra.Command {
	var o loadOptions
	c := &cobra.Command{
		Use: "load [URL]", Short: "Send what an event's people send, and measure", Args: urlOnly,
		Long: "Sends chats as so many people would and reports latencies, tokens and errors.\n" +
			"What it sends unless told otherwise is the published JMeter plan's traffic: a\n" +
			"hundred users who come within a minute, stay for five, and write four times a\n" +
			"minute. Messages leave when they are due, whether or not those before them were\n" +
			"answered, and never more than that.\n\n" +
			"It goes to any endpoint shaped like Azure OpenAI: " + defaultEndpoint + " unless\n" +
			"a URL is given, with the API key in the environment variable that --key-env\n" +
			"names, or with an event's code. With a code it takes the published plan's route,\n" +
			"oai_prompt, on which all users are the one attendee guest: an event's limits for\n" +
			"each attendee count them together. --route v1 or chat makes each an attendee.",
		Example: "  TALLYGATE_KEY=tg-demo-key tallygate load --users 20 --for 1m --stream\n" +
			"  tallygate load http://localhost:8080 --code MyEvent2026\n" +
			"  tallygate load http://localhost:8080 --code MyEvent2026 --route v1 --retry\n" +
			"  tallygate load https://gateway.example.com --yes -o json > load.json",
		RunE: func(c *cobra.Command, args []string) error { return load(c, &o, args) },
	}
	f := c.Flags()
	f.IntVar(&o.Users, "users", 100, "`people` at once")
	f.DurationVar(&o.Ramp, "ramp", time.Minute, "`time` within which they come")
	f.DurationVar(&o.For, "for", 5*time.Minute, "`time` that each stays")
	f.Float64Var(&o.PerMinute, "per-minute", 4, "`messages` a minute of each")
	f.BoolVar(&o.Random, "random", false, "space messages by chance (a Poisson process), not evenly")
	f.Uint64Var(&o.Seed, "seed", 1, "`number` that chance starts from")
	f.StringVar(&o.route, "route", "", "`way` of the messages: chat, v1 or oai_prompt; if empty oai_prompt with --code, else chat")
	f.StringVar(&o.Model, "model", "gpt-4o", "`deployment` that chat and v1 ask for")
	f.StringVar(&o.keyEnv, "key-env", "TALLYGATE_KEY", "environment `variable` that holds the API key")
	f.StringVar(&o.Code, "code", "", "event `code` to use instead; chat and v1 name users CODE/user-001 …")
	f.StringVar(&o.User, "prompt", rehearse.DefaultPrompt, "`text` of the user's message, or @file")
	f.StringVar(&o.System, "system", rehearse.DefaultSystem, "`text` of the system message, or @file; may be empty")
	f.Int64Var(&o.MaxTokens, "max-tokens", 0, "most completion `tokens` of a message; if 0 2048 on oai_prompt, as the plan has it, else 512")
	f.BoolVar(&o.Stream, "stream", false, "ask for streams, and measure the time to the first token")
	f.BoolVar(&o.Retry, "retry", false, "send refused messages again as SDKs do: twice, heeding retry-after")
	f.DurationVar(&o.Timeout, "timeout", 2*time.Minute, "`time` until a message is given up")
	f.BoolVar(&o.yes, "yes", false, "aim at another machine: the load is on somebody's bill")
	outputFlag(c, &o.output, "json")
	complete(c, "route", "chat", "v1", "oai_prompt")
	groupFlags(c,
		flagGroup{"The people:", []string{"users", "ramp", "for", "per-minute", "random", "seed"}},
		flagGroup{"The messages:", []string{"route", "model", "key-env", "code", "prompt", "system", "max-tokens", "stream", "retry", "timeout"}})
	return c
}

// defaultEndpoint is where the demo listens.
const defaultEndpoint = "http://127.0.0.1:8080"

// urlOnly lets one word through, the URL.
func urlOnly(c *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return seeHelp(c, fmt.Errorf("%s takes one URL, and then not %q", c.CommandPath(), args[1]))
}

type loadOptions struct {
	rehearse.Load
	route, keyEnv, output string
	yes                   bool
}

func load(c *cobra.Command, o *loadOptions, args []string) error {
	o.URL = defaultEndpoint
	if len(args) > 0 {
		o.URL = args[0]
	}
	if err := o.read(); err != nil {
		return err
	}
	if err := o.Crowd.Check(); err != nil {
		return console.Usagef("%w", err)
	}
	if err := o.Traffic.Check(); err != nil {
		return console.Usagef("%w", err)
	}
	if !o.yes && !o.Local() {
		return console.Usagef("%s is not this machine, and a load is on somebody's bill: add --yes if that is meant", o.URL)
	}
	done := o.watch(c.ErrOrStderr())
	report, err := o.Run(c.Context())
	done()
	if err != nil {
		return console.Usagef("%w", err)
	}
	if report.EndedEarly {
		fmt.Fprintln(c.ErrOrStderr(), "ended early")
	}
	if report.Late.P99 > 0.1 {
		fmt.Fprintf(c.ErrOrStderr(), "this machine sent up to %s late: the figures are its own, too\n", listing.Span(report.Late.Max))
	}
	if sharedGuest(report) {
		fmt.Fprintln(c.ErrOrStderr(), "a limit refused some: on the route oai_prompt all users are the one attendee guest,\n"+
			"so a limit for each attendee counts them together; --route v1 makes each of them one")
	}
	if o.output == "json" {
		err = console.JSON(c.OutOrStdout(), report)
	} else {
		err = listing.Load(c.OutOrStdout(), report)
	}
	if err == nil && report.Failed > 0 && !reached(report) {
		return coded{exitUnreachable, fmt.Errorf("%s answered nothing", o.URL)}
	}
	return err
}

// read completes the traffic from flags, files and environment.
func (o *loadOptions) read() error {
	if o.Route = rehearse.Route(o.route); o.route == "" {
		o.Route = rehearse.Chat
		if o.Code != "" {
			o.Route = rehearse.Prompt
		}
	}
	if err := oneOf("route", string(o.Route), "chat", "v1", "oai_prompt"); err != nil {
		return err
	}
	if o.Code == "" && o.Route != rehearse.Prompt {
		if o.Key = os.Getenv(o.keyEnv); o.Key == "" {
			return console.Usagef("%s is not set: put the API key there, or name another variable with --key-env", o.keyEnv)
		}
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = 512
		if o.Route == rehearse.Prompt {
			o.MaxTokens = rehearse.DefaultCap
		}
	}
	if o.Timeout <= 0 {
		return console.Usagef("--timeout: %v is not above 0", o.Timeout)
	}
	for flag, text := range map[string]*string{"prompt": &o.User, "system": &o.System} {
		if err := readText(text); err != nil {
			return console.Usagef("--%s: %w", flag, err)
		}
	}
	return nil
}

// readText puts the file's text in the place of @file.
func readText(text *string) error {
	name, ok := strings.CutPrefix(*text, "@")
	if !ok {
		return nil
	}
	const most = 16 << 20
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(all) > most {
		err = fmt.Errorf("%s has more than 16 MB", name)
	}
	*text = string(all)
	return err
}

// reached reports whether anything was answered at all.
func reached(r *rehearse.Report) bool {
	for _, s := range r.Kinds {
		if s.Status > 0 {
			return true
		}
	}
	return false
}

// watch shows how the load is doing: in one line of a terminal, else in a line now and
// then. What it returns ends the line.
func (o *loadOptions) watch(w io.Writer) (done func()) {
	if terminal(w) {
		o.Every = time.Second
		o.Tell = func(p rehearse.Progress) {
			fmt.Fprintf(w, "\r\x1b[K%s", console.Printable(listing.Progress(p), console.Columns-1))
		}
		return func() { fmt.Fprint(w, "\r\x1b[K") }
	}
	o.Every = 10 * time.Second
	o.Tell = func(p rehearse.Progress) { fmt.Fprintln(w, listing.Progress(p)) }
	return func() {}
}
