package upstream

import (
	"bytes"
	"strconv"
	"time"
)

// saidAfter reads how long a refusal's words ask to be left alone: "Please retry after
// 3 seconds", "Try again in 250ms". It is 0 when they do not.
func saidAfter(body []byte) time.Duration {
	text := bytes.ToLower(body)
	for _, lead := range [...]string{"retry after ", "try again in ", "retry in "} {
		i := bytes.Index(text, []byte(lead))
		if i < 0 {
			continue
		}
		if d := readWait(text[i+len(lead):]); d > 0 {
			return d
		}
	}
	return 0
}

// readWait reads the number and the unit that text begins with; 0 when it does not.
func readWait(text []byte) time.Duration {
	end := 0
	for end < len(text) && end < 12 && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
		end++
	}
	n, err := strconv.ParseFloat(string(bytes.TrimRight(text[:end], ".")), 64)
	if err != nil {
		return 0
	}
	unit := bytes.TrimLeft(text[end:], " ")
	letters := 0
	for letters < len(unit) && unit[letters] >= 'a' && unit[letters] <= 'z' {
		letters++
	}
	const longest = float64(24 * time.Hour)
	switch string(unit[:letters]) {
	case "ms", "millisecond", "milliseconds":
		return time.Duration(min(n*float64(time.Millisecond), longest))
	case "s", "sec", "secs", "second", "seconds":
		return time.Duration(min(n*float64(time.Second), longest))
	case "m", "min", "minute", "minutes":
		return time.Duration(min(n*float64(time.Minute), longest))
	}
	return 0
}
