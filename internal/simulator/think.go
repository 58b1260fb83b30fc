package simulator

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
)

// question is what a model is asked, whichever API asked it.
type question struct {
	prompt prompt
	// last is the last user message; context is the result of the tool call that
	// was answered after it, when that is what the model must go on from.
	last, context string
	marks         marks

	images   int // in the prompt
	choices  int64
	max      int64 // completion tokens of a choice, reasoning included; 0 is the model's most
	stop     []string
	tools    []tool
	choice   string // auto, none, required, or named
	named    string // the function that must be called
	format   string // "", text, json_object or json_schema
	schema   json.RawMessage
	effort   string
	logprobs bool
	top      int
}

// tool is a function that the model may call.
type tool struct {
	name       string
	parameters json.RawMessage
}

// toolCall is a call that the model makes.
type toolCall struct{ id, name, args string }

// answer is one choice of an answer.
type answer struct {
	text, refusal string
	calls         []toolCall
	finish        string
	reasoning     int64
	filtered      bool
	// tokens is all of it, reasoning included.
	tokens int64
}

// words is the source of the words of a choice: the same for the same question.
func (c *call) words(q *question, choice int64) *rand.Rand {
	return rand.New(rand.NewPCG(c.sim.cfg.Seed+uint64(choice), q.prompt.hash))
}

// think makes one choice of the answer.
func (c *call) think(q *question, choice int64) answer {
	rng := c.words(q, choice)
	a := answer{finish: "stop"}
	if c.dep.model.reasons {
		a.reasoning = reasoningTokens(rng, q)
	}
	about := topics(q.marks.rest)
	if n := q.callsFor(); n > 0 {
		c.callTools(&a, q, n, func(t tool) string { return fillSchema(rng, about, t.parameters) })
	} else if q.marks.refuse {
		a.refusal = pick(rng, refusals())
	} else {
		a.text = speak(rng, q, about)
	}
	cutAtStop(&a, q.stop)
	c.cutAtMax(&a, q)
	if q.marks.filterOutput && a.text != "" {
		a.text = cutPieces(a.text, (countPieces(a.text)+1)/2)
		a.finish, a.filtered = "content_filter", true
	}
	a.tokens = a.reasoning + a.pieces()
	return a
}

// speak makes the text of an answer.
func speak(rng *rand.Rand, q *question, about []string) string {
	switch {
	case q.marks.echo:
		return q.marks.rest
	case q.format == "json_schema":
		return fillSchema(rng, about, q.schema)
	case q.format == "json_object":
		return string(marshal(map[string]any{
			"topic": about[0], "summary": compose(rng, q.marks.rest, 24), "related": about,
		}))
	case q.context != "" && q.marks.tokens < 0:
		return "According to the tool: " + q.context[:runeEnd(q.context, 0, min(len(q.context), 300))] + "\n\n" +
			compose(rng, q.marks.rest, 30) + "."
	}
	return compose(rng, q.marks.rest, q.marks.tokens)
}

// reasoningTokens is how long a reasoning model thinks.
func reasoningTokens(rng *rand.Rand, q *question) int64 {
	if q.marks.reasoning >= 0 {
		return q.marks.reasoning
	}
	switch q.effort {
	case "none", "minimal":
		return 0
	case "low":
		return 64 * rng.Int64N(3)
	case "high", "xhigh":
		return 64 * (4 + rng.Int64N(13))
	}
	return 64 * (1 + rng.Int64N(6))
}

// callsFor is how many tools the answer calls: as many as are marked, one when the
// request demands it, and one when it offers a tool whose name's words the last
// message mentions.
func (q *question) callsFor() int {
	if len(q.tools) == 0 || q.choice == "none" {
		return 0
	}
	if q.marks.tools > 0 {
		return q.marks.tools
	}
	if q.choice == "required" || q.choice == "named" || q.context == "" && q.mentioned() >= 0 {
		return 1
	}
	return 0
}

// mentioned is the index of the first tool that the last message speaks of, or -1.
func (q *question) mentioned() int {
	message := strings.ToLower(q.last)
	for i, t := range q.tools {
		for word := range strings.FieldsFuncSeq(strings.ToLower(t.name), notLetterOrDash) {
			if len(word) > 3 && strings.Contains(message, word) {
				return i
			}
		}
	}
	return -1
}

func notLetterOrDash(r rune) bool { return r == '-' || notLetter(r) }

// callTools makes n calls, beginning with the tool that is meant.
func (c *call) callTools(a *answer, q *question, n int, args func(tool) string) {
	first := max(0, q.mentioned())
	for i, t := range q.tools {
		if q.choice == "named" && t.name == q.named {
			first = i
		}
	}
	for i := range n {
		t := q.tools[(first+i)%len(q.tools)]
		if q.choice == "named" {
			t = q.tools[first]
		}
		a.calls = append(a.calls, toolCall{c.id("call_", 24), t.name, args(t)})
	}
	if a.finish = "tool_calls"; q.choice == "named" {
		a.finish = "stop"
	}
}

// cutAtStop ends the text before the first stop sequence.
func cutAtStop(a *answer, stop []string) {
	for _, s := range stop {
		if i := strings.Index(a.text, s); s != "" && i >= 0 {
			a.text = a.text[:i]
		}
	}
}

// cutAtMax ends the answer at the cap, or at the model's own.
func (c *call) cutAtMax(a *answer, q *question) {
	left := q.max
	if left == 0 {
		left = c.dep.model.output
	}
	if left <= 0 || a.reasoning+a.pieces() <= left {
		return
	}
	a.finish = "length"
	a.reasoning = min(a.reasoning, left)
	left -= a.reasoning
	a.text, left = cutLeft(a.text, left)
	a.refusal, left = cutLeft(a.refusal, left)
	for i := range a.calls {
		name := countPieces(a.calls[i].name)
		if name > left {
			a.calls = a.calls[:i]
			break
		}
		a.calls[i].args, left = cutLeft(a.calls[i].args, left-name)
	}
}

// cutLeft cuts a text to what is left of a cap and returns what is left then.
func cutLeft(s string, left int64) (string, int64) {
	s = cutPieces(s, left)
	return s, left - countPieces(s)
}

// pieces counts what is visible of the answer.
func (a *answer) pieces() int64 {
	n := countPieces(a.text) + countPieces(a.refusal)
	for _, t := range a.calls {
		n += countPieces(t.name) + countPieces(t.args)
	}
	return n
}
