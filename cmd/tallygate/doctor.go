package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
)

func doctorCommand() *cobra.Command {
	var file, output string
	var timeout time.Duration
	c := &cobra.Command{
		Use: "doctor", Short: "Find out why a gateway does not work", Args: noArgs,
		Long: "Looks at what one asks first: is the configuration found and valid, can the data\n" +
			"directory be written and has it room, are the addresses free or a gateway's, is\n" +
			"the clock right, does each resource answer and take its key, by which proxy, and\n" +
			"is the program itself current. It asks each resource for its list of models,\n" +
			"which costs nothing; tallygate check --online asks for each deployment, too.\n\n" +
			"A line for each: ok, warn, or FAIL with what to do. Exits 1 on FAIL. Run it\n" +
			"where the gateway runs, as its user and with its environment.",
		Example: "  tallygate doctor --config gateway.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			if timeout <= 0 {
				return console.Usagef("--timeout: %v is not above 0", timeout)
			}
			found := examine(c.Context(), file, timeout)
			if err := writeFindings(c.OutOrStdout(), output, found); err != nil {
				return err
			}
			failed := 0
			for _, f := range found {
				if f.Level == doctor.Fail {
					failed++
				}
			}
			if failed > 0 {
				return fmt.Errorf("%s to mend", console.Counted(int64(failed), "things"))
			}
			return nil
		},
	}
	configFlag(c, &file)
	c.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "`time` until a question is given up")
	outputFlag(c, &output, "json")
	return c
}

// examine looks at everything.
func examine(ctx context.Context, file string, timeout time.Duration) []doctor.Finding {
	found := []doctor.Finding{examineProgram(runtime.Version())}
	found = append(found, examineProxies(os.LookupEnv)...)
	cfg, configured := examineConfig(file)
	found = append(found, configured...)
	if cfg == nil {
		return append(found, examineClock(time.Now(), nil))
	}
	if cfg.TLS != nil && !cfg.TLS.SelfSigned {
		found = append(found, examineCertificate(cfg.TLS.Cert, cfg.TLS.Key, time.Now()))
	}
	data, running := examineData(cfg.Data)
	found = append(found, data...)
	found = append(found, examineListen(ctx, "listen", cfg.Listen, cfg.TLS != nil, running))
	if cfg.Admin.Listen != "" {
		found = append(found, examineListen(ctx, "admin.listen", cfg.Admin.Listen, false, running))
	}
	replies := asker(timeout).Ask(ctx, resourcesOf(cfg), false)
	found = append(found, examineClock(time.Now(), replies))
	for _, r := range replies {
		f := r.Key
		f.About = "resource " + console.Printable(f.About, 128)
		found = append(found, f)
	}
	return found
}

func finding(level doctor.Level, about, format string, args ...any) doctor.Finding {
	return doctor.Finding{Level: level, About: about, Words: fmt.Sprintf(format, args...)}
}

func examineProgram(built string) doctor.Finding {
	if w := outdated(built); w != "" {
		return finding(doctor.Warn, "program", "%s", w)
	}
	return finding(doctor.OK, "program", "tallygate %s, %s", version, built)
}

// examineConfig reads the configuration as serve does; it is nil when it is wrong.
func examineConfig(file string) (*config.Config, []doctor.Finding) {
	cfg, err := config.Load(file, config.Env{})
	if problems, ok := errors.AsType[*config.Problems](err); ok {
		var out []doctor.Finding
		for _, p := range *problems {
			out = append(out, finding(doctor.Fail, "config", "%s", p))
		}
		if missing(*problems) {
			out[0].Words += ": " + howToBegin
		}
		return nil, out
	}
	if err != nil {
		return nil, []doctor.Finding{finding(doctor.Fail, "config", "%v", err)}
	}
	out := []doctor.Finding{finding(doctor.OK, "config", "%s: %s, %s", file,
		console.Counted(int64(len(cfg.Resources)), "resources"), console.Counted(int64(len(cfg.Callers)), "callers"))}
	for _, why := range cfg.CannotStart() {
		out = append(out, finding(doctor.Warn, "config", "%s: %s", file, why))
	}
	if n := int64(len(cfg.Notes)); n > 0 {
		out = append(out, finding(doctor.Warn, "config", "%s: see tallygate check", console.Counted(n, "notes")))
	}
	return cfg, out
}

// wrongClock is how far a clock may be off before somebody notices.
const wrongClock = time.Minute

// examineClock compares this machine's clock with those of the resources.
func examineClock(now time.Time, replies []doctor.Reply) doctor.Finding {
	shown := now.UTC().Format("2006-01-02 15:04:05") + " UTC"
	if now.Year() < 2026 {
		return finding(doctor.Fail, "clock", "%s is in the past: set this machine's clock", shown)
	}
	for _, r := range replies {
		if r.Told && r.Ahead.Abs() > wrongClock {
			return finding(doctor.Warn, "clock", "%s differs by %s from that of %s: set this machine's clock, else days, limits and sign-ins are wrong",
				shown, r.Ahead.Abs().Round(time.Second), console.Printable(r.Resource.Name, 128))
		}
	}
	return finding(doctor.OK, "clock", "%s", shown)
}

// writeFindings prints one line for each, or all of it as json.
func writeFindings(w io.Writer, format string, found []doctor.Finding) error {
	if format == "json" {
		return console.JSON(w, struct {
			Findings []doctor.Finding `json:"findings"`
		}{found})
	}
	left := 0
	for _, f := range found {
		left = max(left, len([]rune(console.WithoutMiddle(f.About, maxAbout))))
	}
	for _, f := range found {
		lines := console.Wrapped(console.Printable(f.Words, 1000), console.Columns-left-8)
		fmt.Fprintf(w, "%-4s  %-*s  %s\n", f.Level, left, console.WithoutMiddle(f.About, maxAbout), lines[0])
		for _, line := range lines[1:] {
			fmt.Fprintf(w, "%*s%s\n", left+8, "", line)
		}
	}
	return nil
}

// maxAbout is how wide what a finding is about may get, in columns.
const maxAbout = 30
