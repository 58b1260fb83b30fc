package signup

import "strconv"

// Grouped writes the whole number that a text begins with, with commas between its
// thousands: "5000000 tokens" becomes "5,000,000 tokens". Everything behind it, as a
// fraction, stays as it is.
func Grouped(text string) string {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	out := make([]byte, 0, len(text)+end/3)
	for i := range end {
		if i > 0 && (end-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, text[i])
	}
	return string(append(out, text[end:]...))
}

// number is Grouped for a number alone.
func number(n int64) string { return Grouped(strconv.FormatInt(n, 10)) }
