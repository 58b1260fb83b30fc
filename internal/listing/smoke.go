package listing

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
)

// SmokeWords says what was skipped and what failed, and returns an error when something
// did.
func SmokeWords(w io.Writer, answers []*doctor.Answer) error {
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

// Smoke prints what was asked and what came, and below it what headers told.
func Smoke(w io.Writer, answers []*doctor.Answer) error {
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

// SmokeJSON is what was asked and what came, as JSON has it.
func SmokeJSON(answers []*doctor.Answer) any {
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
