package listing

import (
	"encoding/csv"
	"io"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
)

func usageJSON(w io.Writer, t *ledger.Table) error {
	object := func(r *ledger.Row) map[string]any {
		o := make(map[string]any)
		values := t.Values(r)
		for i, c := range t.Columns() {
			if i < len(values) {
				o[c.Name] = plain(values[i])
			}
		}
		return o
	}
	out := struct {
		By    []string         `json:"by"`
		Rows  []map[string]any `json:"rows"`
		Total map[string]any   `json:"total"`
		More  bool             `json:"more"`
	}{By: t.By, Rows: []map[string]any{}, More: t.More}
	for i := range t.Rows {
		out.Rows = append(out.Rows, object(&t.Rows[i]))
	}
	total := t.Total
	total.By = make([]string, len(t.By))
	out.Total = object(&total)
	for _, d := range t.By {
		delete(out.Total, d)
	}
	return console.JSON(w, out)
}

// plain writes times in RFC 3339 and durations in seconds.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UTC().Format(time.RFC3339Nano)
	case time.Duration:
		return v.Seconds()
	case tallygate.Money:
		return v.String() // as text: money must not pass through a float
	}
	return v
}

func usageCSV(w io.Writer, t *ledger.Table) error {
	c := csv.NewWriter(w)
	var head []string
	for _, col := range t.Columns() {
		head = append(head, col.Name)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	for i := range t.Rows {
		var line []string
		for _, v := range t.Values(&t.Rows[i]) {
			line = append(line, console.Cell(plain(v)))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
