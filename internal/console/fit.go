package console

// Fit makes rows fit a terminal: first by a narrower gap, which it returns, then by
// cutting text of the given columns at its end, the widest first.
func Fit(rows [][]string, cut ...int) (gap int) { return FitBy(Printable, rows, cut...) }

// FitBy is fit with another way to cut text to so many runes.
func FitBy(shorten func(string, int) string, rows [][]string, cut ...int) (gap int) {
	return fitTo(8, shorten, rows, cut...)
}

// Squeeze cuts text of the given columns to a few runes, where fit has left rows too
// wide for a terminal: a table is never wider, and json has all of it.
func Squeeze(rows [][]string, cut ...int) { fitTo(3, WithoutMiddle, rows, cut...) }

// fitTo is FitBy that leaves at least so many runes of each.
func fitTo(least int, shorten func(string, int) string, rows [][]string, cut ...int) (gap int) {
	if Width(rows, 2) <= Columns {
		return 2
	}
	wide := widths(rows)
	for over := Width(rows, 1) - Columns; over > 0; over-- {
		widest := cut[0]
		for _, i := range cut {
			if wide[i] > wide[widest] {
				widest = i
			}
		}
		if wide[widest] <= least {
			break
		}
		wide[widest]--
	}
	for _, row := range rows {
		for _, i := range cut {
			row[i] = shorten(row[i], wide[i])
		}
	}
	return 1
}
