package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
)

type smokeOptions struct {
	address, key, output string
	models               []string
	timeout              time.Duration
}

func smokeCommand() *cobra.Command {
	var o smokeOptions
	c := &cobra.Command{
		Use: "smoke", Short: "Ask a gateway for an answer of every kind", Args: noArgs,
		Long: "Asks for completions and chats, each whole and as a stream, and for embeddings,\n" +
			"by both forms of URL: /openai/deployments/MODEL and /openai/v1. It takes the\n" +
			"first models of GET models that do it; a kind that no model does is skipped.\n" +
			"Each answer is bounded to 64 tokens, of reasoning models to 512, and goes on the\n" +
			"key's bill.\n\n" +
			"Exits 1 when an answer is not as it should be, and says why; 4 when nothing\n" +
			"answers. The request ids begin with smoke- and stand in the gateway's log and\n" +
			"ledger.",
		Example: "  TALLYGATE_KEY=tg-demo-key tallygate smoke\n" +
			"  tallygate smoke --url https://gateway.example.com --model gpt-4o",
		RunE: func(c *cobra.Command, _ []string) error {
			g, err := o.gateway()
			if err != nil {
				return err
			}
			return o.smoke(c, g)
		},
	}
	f := c.Flags()
	f.StringVar(&o.address, "url", cmp.Or(os.Getenv("TALLYGATE_GATEWAY"), defaultEndpoint), "`address` of the gateway, or $TALLYGATE_GATEWAY")
	f.StringVar(&o.key, "key", "", "API `key`; $TALLYGATE_KEY unless said, which others on this machine cannot see")
	f.StringSliceVar(&o.models, "model", nil, "`models` to ask, separated by commas; the first that GET models lists unless said")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "`time` until a request is given up")
	outputFlag(c, &o.output, "json")
	return c
}

// gateway reads the options.
func (o *smokeOptions) gateway() (*doctor.Gateway, error) {
	u, err := webAddress("url", o.address)
	if err != nil {
		return nil, err
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, console.Usagef("--url: %s has more than a scheme, a host and a path", u.Host)
	}
	before, _, _ := strings.Cut(u.Path+"/", "/openai/") // as people copy it
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(before, "/")}
	key := cmp.Or(o.key, os.Getenv("TALLYGATE_KEY"))
	switch {
	case key == "":
		return nil, console.Usagef("the API key is missing: set TALLYGATE_KEY, or say --key")
	case strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, console.Usagef("--key: the key holds a character that no header can carry")
	case o.timeout <= 0:
		return nil, console.Usagef("--timeout: %v is not above 0", o.timeout)
	}
	return &doctor.Gateway{
		Base: u, Key: key, Timeout: o.timeout, Run: "smoke-" + strings.ToLower(rand.Text()[:5]),
		Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func (o *smokeOptions) smoke(c *cobra.Command, g *doctor.Gateway) error {
	listed, err := g.Models(c.Context())
	if fault, ok := errors.AsType[*doctor.Fault](err); ok && (fault.Status == 0 || fault.Status == http.StatusUnauthorized || len(o.models) == 0) {
		err := fmt.Errorf("%s answers no list of models: %w", g.Base, fault)
		if fault.Status == 0 {
			return coded{exitUnreachable, fmt.Errorf("%w\nName the gateway's address with --url", fault)}
		}
		return err
	}
	if len(listed) == 0 && len(o.models) == 0 {
		return fmt.Errorf("this key may use no model: GET models lists none")
	}
	var answers []*doctor.Answer
	g.Smoke(c.Context(), listed, o.models, func(a *doctor.Answer) { answers = append(answers, a) })
	if c.Context().Err() != nil {
		return errors.New("ended early")
	}
	if o.output == "json" {
		err = console.JSON(c.OutOrStdout(), smokeJSON(answers))
	} else {
		err = writeSmoke(c.OutOrStdout(), answers)
	}
	return errors.Join(err, smokeWords(c.ErrOrStderr(), answers))
}

// smokeWords says what was skipped and what failed, and returns an error when something
// did.
func smokeWords(w io.Writer, answers []*doctor.Answer) error {
	failed, asked := 0, 0
	for _, a := range answers {
		switch {
		case a.Skipped != "":
			fmt.Fprintf(w, "%s: skipped, %s\n", a.Kind, a.Skipped)
			continue
		case a.Fault != nil:
			failed++
			fmt.Fprintf(w, "%s of %s by %s: %s\n", askedFor(a), console.Printable(a.Model, 128), dialect(a), a.Fault.Words)
		}
		asked++
	}
	switch {
	case asked == 0:
		return errors.New("nothing was asked: no model does any of it")
	case failed > 0:
		return fmt.Errorf("%d of %d answers failed", failed, asked)
	}
	return nil
}

func askedFor(a *doctor.Answer) string {
	if a.Stream {
		return string(a.Kind) + ", stream"
	}
	return string(a.Kind)
}

func dialect(a *doctor.Answer) string {
	if a.V1 {
		return "v1"
	}
	return "deployments"
}

// writeSmoke prints what was asked and what came, and below it what headers told.
func writeSmoke(w io.Writer, answers []*doctor.Answer) error {
	rows := [][]string{{"asked", "by", "model", "result", "time", "tokens", "request id"}}
	var told [][2]string
	for _, a := range answers {
		if a.Skipped != "" {
			continue
		}
		result, tokens := strconv.Itoa(a.Status), "-"
		switch {
		case a.Status == 0:
			result = "none"
		case a.Fault != nil && a.Status == http.StatusOK:
			result = "200 bad"
		}
		if a.Prompt+a.Completion > 0 {
			tokens = fmt.Sprintf("%d+%d", a.Prompt, a.Completion)
		}
		id := console.Printable(a.RequestID, 128)
		rows = append(rows, []string{askedFor(a), map[bool]string{true: "v1", false: "dep."}[a.V1], console.Printable(a.Model, 128), result,
			console.Grouped(a.Latency.Milliseconds()) + " ms", tokens, id})
		if len(a.Told) == 0 {
			continue
		}
		short := make([]string, len(a.Told))
		for i, t := range a.Told {
			short[i] = console.WithoutMiddle(t, 50)
		}
		told = append(told, [2]string{console.WithoutMiddle(id, 24), strings.Join(short, " ")})
	}
	if len(rows) == 1 {
		return nil
	}
	gap := console.FitBy(console.WithoutMiddle, rows, 2, 6)
	console.Squeeze(rows, 6, 2)
	if err := console.Align(w, rows, 3, gap); err != nil || len(told) == 0 {
		return err
	}
	fmt.Fprintln(w)
	return console.Pairs(w, told)
}

// smokeAnswer is an answer as JSON has it.
type smokeAnswer struct {
	Asked      doctor.Kind `json:"asked"`
	Stream     bool        `json:"stream"`
	Dialect    string      `json:"dialect,omitempty"`
	Model      string      `json:"model,omitempty"`
	Status     int         `json:"status,omitempty"`
	Latency    float64     `json:"latency_seconds,omitempty"`
	FirstByte  float64     `json:"first_byte_seconds,omitempty"`
	Prompt     int64       `json:"prompt_tokens,omitempty"`
	Completion int64       `json:"completion_tokens,omitempty"`
	Told       []string    `json:"told,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
	Skipped    string      `json:"skipped,omitempty"`
	Problem    string      `json:"problem,omitempty"`
}

func smokeJSON(answers []*doctor.Answer) any {
	out := struct {
		Answers []smokeAnswer `json:"answers"`
	}{[]smokeAnswer{}}
	for _, a := range answers {
		s := smokeAnswer{Asked: a.Kind, Stream: a.Stream, Model: a.Model, Status: a.Status, Latency: a.Latency.Seconds(), FirstByte: a.FirstByte.Seconds(),
			Prompt: a.Prompt, Completion: a.Completion, Told: a.Told, RequestID: a.RequestID, Skipped: a.Skipped}
		if a.Skipped == "" {
			s.Dialect = dialect(a)
		}
		if a.Fault != nil {
			s.Problem = a.Fault.Words
		}
		out.Answers = append(out.Answers, s)
	}
	return out
}
