package console

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// JSON writes an answer as JSON that people read.
func JSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// Instant writes a time for machines; empty when there is none.
func Instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Cell writes a value for a spreadsheet. Text that a spreadsheet would run as a
// formula is quoted.
func Cell(v any) string {
	s := fmt.Sprint(v)
	if v == nil {
		return ""
	}
	if _, text := v.(string); text && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
