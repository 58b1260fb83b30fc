package listing

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Status prints the deployments as people read them, and the rest in words beside;
// or all of it as json, or the deployments as csv.
func Status(stdout, stderr io.Writer, format string, s *api.Status, now time.Time) error {
	switch format {
	case "json":
		return console.JSON(stdout, s)
	case "csv":
		return statusCSV(stdout, s)
	}
	if len(s.Deployments) > 0 {
		rows := statusRows(s.Deployments, now)
		left := slices.Index(rows[0], "state") + 1
		if left == 3 && console.Width(rows, 2) > console.Columns {
			sayModelsOnce(rows)
		}
		gap := console.FitBy(console.WithoutMiddle, rows, 0)
		console.Squeeze(rows, 0, max(left-2, 0)) // the model, where it has a column
		if err := console.Align(stdout, rows, left, gap); err != nil {
			return err
		}
	}
	for _, line := range statusLines(s, now) {
		fmt.Fprintln(stderr, line)
	}
	return nil
}

// statusRows has a row for each deployment, under a heading. A table too wide for a
// terminal leaves out first what says nothing: models of their deployments' names,
// figures that are all zero, times to the first byte.
func statusRows(all []api.DeploymentStatus, now time.Time) [][]string {
	rows := [][]string{{"deployment", "model", "state", "used", "in flight", "first byte", "served", "429", "failed"}}
	for i := range all {
		rows = append(rows, statusRow(&all[i], now))
	}
	for _, dull := range []func(column int, name string) bool{
		func(k int, name string) bool { return name == "model" && sameAsName(all) },
		func(k int, name string) bool { return (name == "429" || name == "failed") && empty(rows, k) },
		func(_ int, name string) bool { return name == "first byte" },
	} {
		for k := len(rows[0]) - 1; k >= 0 && console.Width(rows, 2) > console.Columns; k-- {
			if dull(k, rows[0][k]) {
				for i := range rows {
					rows[i] = slices.Delete(rows[i], k, k+1)
				}
			}
		}
	}
	return rows
}

// sayModelsOnce writes "same" for a model that is its deployment's name, so that room is
// left for the names.
func sayModelsOnce(rows [][]string) {
	for _, r := range rows[1:] {
		if _, name, _ := strings.Cut(r[0], "/"); strings.EqualFold(name, r[1]) {
			r[1] = "same"
		}
	}
}

// sameAsName reports whether each deployment has the name of its model.
func sameAsName(all []api.DeploymentStatus) bool {
	return !slices.ContainsFunc(all, func(d api.DeploymentStatus) bool {
		_, name, _ := strings.Cut(d.Deployment, "/")
		return d.Model != "" && !strings.EqualFold(d.Model, name)
	})
}

// empty reports whether a column has no figure but 0.
func empty(rows [][]string, column int) bool {
	return !slices.ContainsFunc(rows[1:], func(r []string) bool { return r[column] != "0" })
}

func statusRow(d *api.DeploymentStatus, now time.Time) []string {
	name, model := console.Printable(d.Deployment, 128), console.Printable(d.Model, 128)
	if resource, ok := strings.CutSuffix(name, "/"); ok { // where requests go that name no model
		name, model = resource+" (no model)", "-"
	}
	state, used, first := d.State, "-", "-"
	if d.Until != nil {
		state += " " + shortly(d.Until.Sub(now))
	}
	if d.Used != nil {
		used = strconv.Itoa(int(math.Round(*d.Used*100))) + "%"
		if d.PTU > 0 {
			used += " PTU"
		}
	}
	if d.FirstByte > 0 {
		first = console.Grouped(d.FirstByte) + " ms"
	}
	return []string{name, model, state, used, strconv.Itoa(d.InFlight), first,
		console.Grouped(int64(d.Served)), console.Grouped(int64(d.Throttled)), console.Grouped(int64(d.Failed + d.Barred))}
}

// shortly writes how long something still takes.
func shortly(d time.Duration) string {
	switch {
	case d < time.Second:
		return "1s"
	case d < 10*time.Minute:
		return strconv.Itoa(int(math.Ceil(d.Seconds()))) + "s"
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

// statusLines says the rest, what is wrong first.
func statusLines(s *api.Status, now time.Time) []string {
	var out []string
	if s.NotReady != "" {
		out = append(out, "NOT READY: "+console.Printable(s.NotReady, 300))
	}
	for i := range s.Deployments {
		if d := &s.Deployments[i]; d.State == "barred" {
			out = append(out, console.Printable(d.Deployment, 128)+" refuses the gateway itself: mend its key, its network rules or its name; the log says which.")
		}
	}
	l := &s.Ledger
	if l.Broken {
		out = append(out, "The ledger cannot write: "+console.Printable(l.Error, 300))
	}
	if l.Dropped+l.Damaged > 0 {
		out = append(out, fmt.Sprintf("The ledger has lost %s and cannot read %s: see tallygate ledger verify.", console.Counted(l.Dropped, "entries"), console.Counted(l.Damaged, "records")))
	}
	out = append(out, serviceLines(s.Services, now)...)
	for _, q := range s.Queues {
		out = append(out, fmt.Sprintf("%s for %s, the first for %s.", waiting(q.Interactive+q.Batch), console.Printable(q.Model, 128),
			(time.Duration(q.Longest)*time.Millisecond).Round(100*time.Millisecond)))
	}
	if l.Lag > 0 && l.LagTime > 5000 {
		out = append(out, fmt.Sprintf("The database has %s still to take, for %s.", console.Counted(l.Lag, "records"), (time.Duration(l.LagTime)*time.Millisecond).Round(time.Second)))
	}
	return append(out, fmt.Sprintf("tallygate %s, up %s, configuration read %s ago, %s on their way.", console.Printable(s.Version, 64),
		ago(now.Sub(s.Started)), ago(now.Sub(s.Loaded)), console.Counted(l.Owed, "answers")))
}

// far is how many entries whoever follows the ledger may be behind without a word: what
// comes in while the database is given a batch.
const far = 10_000

// serviceLines says what is wrong beside the requests, and else what runs there.
func serviceLines(all []api.ServiceStatus, now time.Time) (out []string) {
	var run []string
	for _, s := range all {
		name := console.Printable(s.Name, 64)
		if s.Error != "" && s.Last != nil {
			out = append(out, fmt.Sprintf("Beside the requests, %s failed %s ago: %s", name, ago(now.Sub(*s.Last)), console.Printable(s.Error, 300)))
		}
		if s.Lag >= far {
			out = append(out, fmt.Sprintf("Beside the requests, %s has %s of the ledger still to take.", name, console.Counted(s.Lag, "entries")))
		}
		if s.Running {
			run = append(run, name)
		}
	}
	if len(run) > 0 && len(out) == 0 {
		out = append(out, "Beside the requests: "+strings.Join(run, ", ")+".")
	}
	return out
}

func waiting(n int) string {
	if n == 1 {
		return "1 request waits"
	}
	return console.Grouped(int64(n)) + " requests wait"
}

// ago rounds a time that has passed to what people say.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return d.Round(time.Second).String()
	case d < 48*time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return console.Counted(int64(d/(24*time.Hour)), "days")
}

// statusCSV prints all that is known of the deployments.
func statusCSV(w io.Writer, s *api.Status) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"deployment", "model", "region", "state", "until", "ptu", "used", "in_flight", "first_byte_ms", "served", "throttled", "failed", "barred"}}
	for _, d := range s.Deployments {
		until, used := "", ""
		if d.Until != nil {
			until = d.Until.UTC().Format(time.RFC3339)
		}
		if d.Used != nil {
			used = strconv.FormatFloat(*d.Used, 'f', 4, 64)
		}
		rows = append(rows, []string{d.Deployment, d.Model, d.Region, d.State, until, strconv.FormatInt(d.PTU, 10), used, strconv.Itoa(d.InFlight),
			strconv.FormatInt(d.FirstByte, 10), strconv.FormatUint(d.Served, 10), strconv.FormatUint(d.Throttled, 10),
			strconv.FormatUint(d.Failed, 10), strconv.FormatUint(d.Barred, 10)})
	}
	return out.WriteAll(rows)
}
