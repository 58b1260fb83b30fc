package simulator

import (
	"strconv"
	"strings"
	"time"
)

// marks is what the double-bracketed words of a message ask for; see the package
// comment.
type marks struct {
	tokens, reasoning, cut             int64 // -1 when unsaid
	tools                              int
	echo, filter, filterOutput, refuse bool
	wait                               time.Duration
	status                             int
	// rest is the message without its markers, for an echo.
	rest string
}

// The most that a marker can ask for.
const (
	maxMarkedTokens = 100_000
	maxMarkedTools  = 20
	maxMarkedWait   = 10 * time.Minute
)

// readMarks reads the markers of a message. What is in double brackets and is no
// marker stays part of the message.
func readMarks(message string) marks {
	m := marks{tokens: -1, reasoning: -1, cut: -1, rest: message}
	if !strings.Contains(message, "[[") {
		return m
	}
	var rest strings.Builder
	for {
		before, after, ok := strings.Cut(message, "[[")
		rest.WriteString(before)
		if !ok {
			break
		}
		word, tail, closed := strings.Cut(after, "]]")
		if !closed || !m.read(word) {
			rest.WriteString("[[")
			message = after
			continue
		}
		message = tail
	}
	m.rest = rest.String()
	return m
}

// read takes in one marker and reports whether it is one.
func (m *marks) read(word string) bool {
	name, value, valued := strings.Cut(word, "=")
	if valued {
		return m.readValue(name, value)
	}
	switch name {
	case "echo":
		m.echo = true
	case "filter":
		m.filter = true
	case "filter-output":
		m.filterOutput = true
	case "refuse":
		m.refuse = true
	case "tool":
		m.tools = 1
	default:
		return false
	}
	return true
}

func (m *marks) readValue(name, value string) bool {
	if name == "wait" {
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return false
		}
		m.wait = min(d, maxMarkedWait)
		return true
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		return false
	}
	switch name {
	case "tokens":
		m.tokens = min(n, maxMarkedTokens)
	case "reasoning":
		m.reasoning = min(n, maxMarkedTokens)
	case "cut":
		m.cut = min(n, maxMarkedTokens)
	case "tools":
		m.tools = int(min(n, maxMarkedTools))
	case "status":
		if n < 400 || n > 599 {
			return false
		}
		m.status = int(n)
	default:
		return false
	}
	return true
}

// obey does what the markers ask for before an answer begins.
func (c *call) obey(m marks) *apiError {
	if m.status != 0 {
		f := &Fault{Status: m.status, RetryAfter: "1"}
		f.hint(c.w.Header(), c.sim.now())
		return c.faultStatus(f)
	}
	if m.cut >= 0 && c.stream && c.fault == nil {
		c.fault = &Fault{Kind: ResetStream, Chunks: int(m.cut)}
	}
	if m.wait > 0 {
		return c.hold(m.wait)
	}
	return nil
}
