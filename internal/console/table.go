package console

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pairs prints a key and a value a line; a value too wide for a terminal goes on
// in the next line, where it has spaces.
func Pairs(w io.Writer, pairs [][2]string) error {
	var rows [][]string
	left := 0
	for _, p := range pairs {
		left = max(left, len(p[0]))
	}
	last := ""
	for _, p := range pairs {
		key := p[0]
		if key == last { // one of several
			key = ""
		}
		last = p[0]
		for _, line := range Wrapped(p[1], Columns-left-2) {
			rows = append(rows, []string{key, line})
			key = ""
		}
	}
	return Align(w, rows, 2, 2)
}

// WithoutEmpty takes out those of the columns that hold nothing but a heading.
func WithoutEmpty(rows [][]string, columns ...int) [][]string {
	for _, i := range slices.Backward(columns) {
		if slices.ContainsFunc(rows[1:], func(row []string) bool { return row[i] != "" }) {
			continue
		}
		for j := range rows {
			rows[j] = slices.Delete(rows[j], i, i+1)
		}
	}
	return rows
}

// Columns is what a table should fit, in columns.
const Columns = 80

// widths returns the width of each column.
func widths(rows [][]string) []int {
	out := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			out[i] = max(out[i], utf8.RuneCountInString(cell))
		}
	}
	return out
}

// Width returns how wide rows are with gap between their columns.
func Width(rows [][]string, gap int) int {
	total := gap * (len(rows[0]) - 1)
	for _, w := range widths(rows) {
		total += w
	}
	return total
}

// Align prints rows in columns with gap between them, the first left of them to the
// left and the rest, figures, to the right.
func Align(w io.Writer, rows [][]string, left, gap int) error {
	wide := widths(rows)
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(cell))
			if i < left {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
			b.WriteString(strings.Repeat(" ", gap))
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
