package listing

import (
	"errors"
	"fmt"
	"io"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Report prints what a look at the ledger found, as json or as people read it; what is
// wrong is an error, too.
func Report(w io.Writer, format string, r *ledger.Report) error {
	if format == "json" {
		if err := reportJSON(w, r); err != nil {
			return err
		}
	} else {
		rows := [][]string{{"check", "result", "looked at", "wrong"}}
		for _, c := range r.Checks {
			result := "ok"
			if c.Found > 0 {
				result = "FAILED"
			}
			rows = append(rows, []string{c.Name, result, console.Counted(c.Count, c.Unit), console.Grouped(c.Found)})
		}
		if err := console.Align(w, rows, 2, 2); err != nil {
			return err
		}
		for _, c := range r.Checks {
			if len(c.Problems) > 0 {
				fmt.Fprintf(w, "\nNot so: %s\n", c.Name)
			}
			for _, p := range c.Problems {
				fmt.Fprintf(w, "  %s\n", p)
			}
		}
	}
	if !r.OK() {
		return errors.New("the ledger is damaged or was changed")
	}
	return nil
}

func reportJSON(w io.Writer, r *ledger.Report) error {
	type check struct {
		Name     string   `json:"name"`
		OK       bool     `json:"ok"`
		Count    int64    `json:"count"`
		Unit     string   `json:"unit"`
		Found    int64    `json:"found"`
		Problems []string `json:"problems"`
	}
	out := struct {
		OK     bool    `json:"ok"`
		Checks []check `json:"checks"`
	}{OK: r.OK()}
	for _, c := range r.Checks {
		out.Checks = append(out.Checks, check{c.Name, c.Found == 0, c.Count, c.Unit, c.Found, append([]string{}, c.Problems...)})
	}
	return console.JSON(w, out)
}
