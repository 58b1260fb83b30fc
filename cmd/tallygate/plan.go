package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
	"github.com/tallygate/tallygate/internal/rehearse"
)

func planCommand() *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use: "plan", Short: "Work out what an event needs, and which cap fits", Args: noArgs,
		Long: "Works out whether deployments have room for an event. Azure counts a request as\n" +
			"its prompt and all that it may be answered, so an event asks for\n" +
			"(max_tokens + prompt tokens) × prompts a minute × attendees.\n\n" +
			"With --simulate it plays the event on the simulator's limits in virtual time,\n" +
			"at several caps, and tells the 429s and waits to expect: when each request goes\n" +
			"to the next deployment in turn, when another is tried after a refusal\n" +
			"(failover), and when requests may also wait for room, as the gateway lets them.\n\n" +
			"Rules of thumb of those who ran events with the Azure OpenAI Service Proxy: for\n" +
			"an hour with a hundred people max_tokens 512 and 256 requests a day each; for a\n" +
			"hackathon of several days 4000 and 5000.",
		Example: "  tallygate plan --attendees 100 --prompts-per-minute 6 --tpm 500k\n" +
			"  tallygate plan --attendees 100 --max-tokens 2048 --deployments 2x600k,450k\n" +
			"  tallygate plan --attendees 100 --tpm 500k --simulate --wait 20s",
		RunE: func(c *cobra.Command, _ []string) error { return plan(c, &o) },
	}
	f := c.Flags()
	f.IntVar(&o.event.Attendees, "attendees", 100, "`people` at once")
	f.Float64Var(&o.event.PerMinute, "prompts-per-minute", 4, "`prompts` of each")
	f.Int64Var(&o.event.Prompt, "prompt-tokens", 200, "`tokens` of a prompt, all messages of the chat included")
	f.Int64Var(&o.event.MaxTokens, "max-tokens", 512, "the cap: most completion `tokens` of a request")
	f.Int64Var(&o.event.Completion, "completion-tokens", 0, "completion `tokens` that an answer has on average")
	f.StringVar(&o.tpm, "tpm", "", "`tokens` a minute of the deployment, such as 500k")
	f.StringVar(&o.deployments, "deployments", "", "tokens a minute of `several`, such as 600k,450k or 2x600k")
	f.StringVar(&o.rpm, "rpm", "", "`requests` a minute of each; if empty 6 for each 1,000 tokens, as older models have (newer ones: 1)")
	f.BoolVar(&o.simulate, "simulate", false, "play the event in virtual time")
	f.Float64Var(&o.minutes, "minutes", 10, "`minutes` that it lasts")
	f.DurationVar(&o.virtual.Wait, "wait", 20*time.Second, "`time` that a request may wait for room")
	f.DurationVar(&o.virtual.Slice, "rpm-slice", 10*time.Second, "`time` by which deployments count requests besides the minute: 1s, 10s or 0s")
	f.BoolVar(&o.virtual.Steady, "steady", false, "space each attendee's prompts evenly, not by chance")
	f.Uint64Var(&o.virtual.Seed, "seed", 1, "`number` that chance starts from")
	outputFlag(c, &o.output, "json")
	groupFlags(c,
		flagGroup{"The event:", []string{"attendees", "prompts-per-minute", "prompt-tokens", "max-tokens", "completion-tokens"}},
		flagGroup{"The deployments:", []string{"tpm", "deployments", "rpm"}},
		flagGroup{"In virtual time:", []string{"simulate", "minutes", "wait", "rpm-slice", "steady", "seed"}})
	return c
}

type planOptions struct {
	event                         rehearse.Event
	virtual                       rehearse.Virtual
	tpm, rpm, deployments, output string
	minutes                       float64
	simulate                      bool
}

func plan(c *cobra.Command, o *planOptions) error {
	quotas, err := o.quotas()
	if err != nil {
		return err
	}
	p, err := rehearse.Sum(o.event, quotas)
	if err != nil {
		return console.Usagef("%w", err)
	}
	var f *rehearse.Forecast
	if o.simulate {
		if !(o.minutes > 0 && o.minutes <= 24*60) {
			return console.Usagef("--minutes: %v is not above 0 and up to 1440", o.minutes)
		}
		o.virtual.For = time.Duration(o.minutes * float64(time.Minute))
		o.virtual.Caps = []int64{256, 512, 1024, 2048, 4000}
		if f, err = rehearse.Simulate(c.Context(), o.event, quotas, o.virtual); err != nil {
			if c.Context().Err() != nil {
				return err
			}
			return console.Usagef("%w", err)
		}
	}
	if o.output == "json" {
		return console.JSON(c.OutOrStdout(), struct {
			rehearse.Plan
			Forecast *rehearse.Forecast `json:"forecast,omitempty"`
		}{p, f})
	}
	if err := listing.Plan(c.OutOrStdout(), &p); err != nil || f == nil {
		return err
	}
	return listing.Forecast(c.OutOrStdout(), f, len(quotas))
}

// quotas reads what the deployments have.
func (o *planOptions) quotas() ([]rehearse.Quota, error) {
	name, list := "--deployments", o.deployments
	switch {
	case o.tpm != "" && list != "":
		return nil, console.Usagef("--tpm is of one deployment and --deployments of several: give one of them")
	case o.tpm != "":
		name, list = "--tpm", o.tpm
	case list == "":
		return nil, console.Usagef("say what the deployments have: --tpm 500k, or --deployments 600k,450k")
	}
	var out []rehearse.Quota
	for item := range strings.SplitSeq(list, ",") {
		times, each := 1, strings.TrimSpace(item)
		if before, after, ok := cutTimes(each); ok && name == "--deployments" {
			n, err := strconv.Atoi(before)
			if err != nil || n < 1 || n > 1000 {
				return nil, console.Usagef("%s: %q is not so many times so many tokens, such as 2x600k", name, item)
			}
			times, each = n, after
		}
		tpm, err := parseCount(each)
		if err != nil {
			return nil, console.Usagef("%s: %w", name, err)
		}
		q := rehearse.Quota{TPM: tpm, RPM: rehearse.RPM(tpm)}
		if o.rpm != "" {
			if q.RPM, err = parseCount(o.rpm); err != nil {
				return nil, console.Usagef("--rpm: %w", err)
			}
		}
		for range times {
			out = append(out, q)
		}
	}
	return out, nil
}

func cutTimes(s string) (before, after string, ok bool) {
	i := strings.IndexAny(s, "x×*")
	if i < 0 {
		return "", s, false
	}
	return s[:i], strings.TrimLeft(s[i:], "x×*"), true
}

// parseCount reads a number of tokens or requests: 600000, 600k, 1.5M.
func parseCount(s string) (int64, error) {
	number, unit := s, 1.0
	for suffix, of := range map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6} {
		if before, ok := strings.CutSuffix(s, suffix); ok {
			number, unit = before, of
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	n := f * unit
	if err != nil || !(n >= 1 && n <= 1e12) || n != math.Trunc(n) {
		return 0, fmt.Errorf("%q is not a number such as 600000, 600k or 1.5M", s)
	}
	return int64(n), nil
}
