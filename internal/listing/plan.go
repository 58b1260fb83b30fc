package listing

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/rehearse"
)

// Plan prints the sum and what follows from it.
func Plan(w io.Writer, p *rehearse.Plan) error {
	rate, people := strconv.FormatFloat(p.PerMinute, 'f', -1, 64), strconv.Itoa(p.Attendees)
	verdict := func(fits bool) string {
		if fits {
			return "fits"
		}
		return "TOO MUCH"
	}
	rows := [][]string{
		{"", "asked for", "there is", ""},
		{"tokens a minute", console.Grouped(p.Tokens), console.Grouped(p.TPM), verdict(p.Tokens <= p.TPM)},
		{"requests a minute", console.Grouped(p.Requests), console.Grouped(p.RPM), verdict(p.Requests <= p.RPM)},
		{"  in ten seconds, on average", decimal(float64(p.Requests) / 6), console.Grouped(p.TenRPM), ""},
		{"  in one second, on average", decimal(float64(p.Requests) / 60), console.Grouped(p.SecondRPM), ""},
		{"  in one second, all at once", console.Grouped(int64(p.Attendees)), console.Grouped(p.SecondRPM), verdict(int64(p.Attendees) <= p.SecondRPM)},
	}
	if p.Used > 0 {
		rows = append(rows, []string{"tokens a minute, answered", console.Grouped(p.Used), "", ""})
	}
	if err := console.Align(w, rows, 1, 2); err != nil {
		return err
	}
	if int64(p.Attendees) > p.SecondRPM {
		fmt.Fprintf(w, "\nAll at once: if all send in the same second, there is room for %s of %s.\n"+
			"Let requests wait for room (wait: 20s under models), or spread the start.\n", console.Grouped(p.SecondRPM), console.Grouped(int64(p.Attendees)))
	}
	smaller := "none fits"
	if p.LargestCap > 0 {
		smaller = fmt.Sprintf("%s; a round one is %s", console.Grouped(p.LargestCap), console.Grouped(p.SensibleCap))
	}
	_, err := fmt.Fprintf(w, "\n(%d + %d) tokens × %s prompts × %s attendees = %s tokens a minute\n"+
		"Largest max_tokens that fits: %s.\nAttendees that fit at max_tokens %d: %s.\n",
		p.MaxTokens, p.Event.Prompt, rate, people, console.Grouped(p.Tokens), smaller, p.MaxTokens, console.Grouped(p.MostAttendees))
	return err
}

// decimal writes a number with one place after the point.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// Forecast prints what to expect at each cap.
func Forecast(w io.Writer, f *rehearse.Forecast, deployments int) error {
	fmt.Fprintf(w, "\nIn %s minutes on the simulator (seed %d): %s on %s,\n%d of them in the busiest second, %s after the start.\n\n",
		strconv.FormatFloat(f.Minutes, 'f', -1, 64), f.Seed, console.Counted(f.Requests, "requests"), console.Counted(int64(deployments), "deployments"),
		f.BusiestSecond, Span(f.BusiestAt))
	rows := [][]string{{"max_tokens", "tokens/min", "fits", "in turn", "failover", "waiting", "p50", "p95", "p99"}}
	for _, c := range f.Caps {
		fits := "no"
		if c.Fits {
			fits = "yes"
		}
		rows = append(rows, []string{
			console.Grouped(c.MaxTokens), console.Grouped(c.Tokens), fits,
			console.Grouped(c.RoundRobin.Refused), console.Grouped(c.Failover.Refused), console.Grouped(c.Waiting.Refused),
			Span(c.Waiting.Waits.Median), Span(c.Waiting.Waits.P95), Span(c.Waiting.Waits.P99),
		})
	}
	gap := 2
	if console.Width(rows, gap) > console.Columns {
		gap = 1
	}
	if err := console.Align(w, rows, 0, gap); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n429s to attendees, by how their requests go: in turn, with failover, or also\n"+
		"waiting up to %s; and how long those served then waited.\n", time.Duration(f.Wait*float64(time.Second)))
	return err
}

// Span writes seconds with as many digits as say something.
func Span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d == 0:
		return "0"
	case d >= time.Minute:
		text := d.Round(time.Second).String()
		for _, none := range []string{"0s", "0m"} {
			if before, ok := strings.CutSuffix(text, none); ok && strings.ContainsAny(before[len(before)-1:], "mh") {
				text = before
			}
		}
		return text
	case d >= 10*time.Second:
		return decimal(seconds) + "s"
	case d >= time.Second:
		return strconv.FormatFloat(seconds, 'f', 2, 64) + "s"
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
