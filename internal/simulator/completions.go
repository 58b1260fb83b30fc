package simulator

import (
	"encoding/json"
	"net/http"
	"strconv"
)

func completionRoutes() []operation {
	return []operation{{
		method: http.MethodPost, path: "completions", styles: styleDeployments | styleV1,
		title: "Completions_Create", serve: (*call).completions,
	}}
}

// completionRequest is a legacy completions request: a question for each prompt.
type completionRequest struct {
	prompts  []question
	chat     chatRequest // its stream options, cap, stops and choices
	echo     bool
	bestOf   int64
	logprobs int64 // -1 when unsaid
}

// maxPrompts bounds the prompts of a completions request.
const maxPrompts = 2048

// completions answers the legacy completions.
func (c *call) completions() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	c.stream = string(f.get("stream")) == "true"
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	if !c.dep.model.completes {
		return notSupported("completion", c.dep.Model)
	}
	q := c.readCompletion(f)
	var all prompt
	longest := int64(0)
	for i := range q.prompts {
		p := &q.prompts[i].prompt
		all.tokens += p.tokens
		all.chars += p.chars
		longest = max(longest, p.tokens)
	}
	if err := c.admit(&all, q.chat.max*q.bestOf*int64(len(q.prompts))); err != nil {
		return err
	}
	last := &question{}
	if len(q.prompts) > 0 {
		last = &q.prompts[len(q.prompts)-1]
	}
	if err := c.ready(f.err, &question{prompt: prompt{tokens: longest}, marks: last.marks}, "prompt"); err != nil {
		return err
	}
	c.served()
	answers := c.choicesOf(q)
	if c.stream {
		c.streamCompletion(q, answers)
		return nil
	}
	return c.wholeCompletion(q, answers)
}

// readCompletion reads what completions takes; what is wrong with it is in f.err.
func (c *call) readCompletion(f *fields) *completionRequest {
	q := &completionRequest{echo: f.boolean("echo")}
	q.readPrompts(f)
	q.chat.choices = f.integer("n", 1, 128, 1)
	q.bestOf = f.integer("best_of", 0, 20, 0)
	if q.bestOf > 0 && q.bestOf < q.chat.choices {
		f.fail(invalid("best_of", "", "You requested that the server return more choices than it will generate "+
			"(HINT: best_of must be at least n)."))
	}
	q.bestOf = max(q.bestOf, q.chat.choices)
	if c.stream && q.bestOf > q.chat.choices {
		f.fail(invalid("stream", "", "You can't stream results of best_of: set best_of to n, or stream to false."))
	}
	f.number("temperature", 0, 2, 1)
	f.number("top_p", 0, 1, 1)
	q.logprobs = f.integer("logprobs", 0, 5, -1)
	q.chat.max = f.integer("max_tokens", 0, 1<<53, 16)
	if limit := c.dep.model.context; q.chat.max > limit {
		f.fail(invalid("max_tokens", "context_length_exceeded", "This model's maximum context length is "+
			strconv.FormatInt(limit, 10)+" tokens, however you requested "+strconv.FormatInt(q.chat.max, 10)+
			" tokens in your completion. Please reduce your prompt; or completion length."))
		q.chat.max = limit
	}
	q.chat.stop = readStop(f)
	c.readStreamOptions(f, &q.chat)
	c.known(f, completionMembers())
	return q
}

// readPrompts reads prompt: a string, a list of strings, of token numbers, or of lists
// of token numbers. Without one the prompt is empty.
func (q *completionRequest) readPrompts(f *fields) {
	raw := f.get("prompt")
	var texts []json.RawMessage
	switch {
	case raw == nil:
		texts = []json.RawMessage{json.RawMessage(`""`)}
	case raw[0] == '[':
		texts = splitInput(f.array("prompt", maxInputTokens), raw)
	default:
		texts = []json.RawMessage{raw}
	}
	if len(texts) > maxPrompts || len(texts) == 0 {
		f.fail(invalid("prompt", "invalid_value", "'prompt' has "+strconv.Itoa(len(texts))+" items: use 1 to "+
			strconv.Itoa(maxPrompts)+"."))
		return
	}
	for i, t := range texts {
		var p question
		if !p.readInput(t) {
			f.fail(typeError("prompt["+strconv.Itoa(i)+"]", "string", t))
		}
		p.marks = readMarks(p.last)
		q.prompts = append(q.prompts, p)
	}
}

// maxInputTokens bounds an input that is a list of token numbers.
const maxInputTokens = 1 << 20

// splitInput makes one input of a list of token numbers, and several of any other list.
func splitInput(items []json.RawMessage, raw json.RawMessage) []json.RawMessage {
	if len(items) > 0 && items[0][0] >= '0' && items[0][0] <= '9' {
		return []json.RawMessage{raw}
	}
	return items
}

// readInput measures one input, which is a string or a list of token numbers.
func (q *question) readInput(raw json.RawMessage) bool {
	if raw[0] == '"' {
		text, ok := unquote(raw)
		q.prompt.write(text)
		q.last = text
		return ok
	}
	var tokens []int64
	if raw[0] != '[' || json.Unmarshal(raw, &tokens) != nil {
		return false
	}
	for _, t := range tokens {
		if t < 0 {
			return false
		}
		q.prompt.hash = (q.prompt.hash ^ uint64(t)) * 1099511628211
		q.prompt.add(1)
	}
	return true
}

// choicesOf makes the choices, those of each prompt one after the other.
func (c *call) choicesOf(q *completionRequest) []answer {
	var out []answer
	for i := range q.prompts {
		p := &q.prompts[i]
		p.max, p.stop = max(q.chat.max, 1), q.chat.stop
		for n := range q.chat.choices {
			a := answer{finish: "length"}
			if q.chat.max > 0 {
				a = c.think(p, n)
			}
			if q.echo {
				a.text = p.last + a.text
			}
			out = append(out, a)
		}
		for n := q.chat.choices; n < q.bestOf && q.chat.max > 0; n++ {
			a := c.think(p, n) // made, charged and thrown away
			c.spend(&a)
		}
	}
	return out
}

type completionAnswer struct {
	Choices             []completionChoice `json:"choices"`
	Created             int64              `json:"created"`
	ID                  string             `json:"id"`
	Model               string             `json:"model"`
	Object              string             `json:"object"`
	PromptFilterResults rawJSON            `json:"prompt_filter_results"`
	Usage               *chatUsage         `json:"usage,omitempty"`
}

type completionChoice struct {
	ContentFilterResults rawJSON  `json:"content_filter_results"`
	FinishReason         string   `json:"finish_reason"`
	Index                int      `json:"index"`
	Logprobs             *rawJSON `json:"logprobs"`
	Text                 string   `json:"text"`
}

func (c *call) wholeCompletion(q *completionRequest, answers []answer) *apiError {
	out := completionAnswer{
		Created: c.sim.now().Unix(), ID: c.id("cmpl-", 29), Model: c.dep.model.full(), Object: "text_completion",
		PromptFilterResults: promptFilterResults,
	}
	longest := int64(0)
	for i := range answers {
		a := &answers[i]
		c.spend(a)
		longest = max(longest, a.tokens)
		choice := completionChoice{ContentFilterResults: safeCompletion, FinishReason: a.finish, Index: i, Text: a.text}
		if a.filtered {
			choice.ContentFilterResults = filteredOutput
		}
		if q.logprobs >= 0 {
			l := rawJSON(legacyLogprobs(a.text, 0))
			choice.Logprobs = &l
		}
		out.Choices = append(out.Choices, choice)
	}
	if u := c.chatUsage(); !c.hidesUsage() {
		out.Usage = &u
	}
	p := c.pace()
	if !c.sleep(p.firstToken(0) + p.tokens(longest)) {
		return gone()
	}
	return c.json(http.StatusOK, out)
}

// legacyLogprobs is the logprobs object of completions.
func legacyLogprobs(text string, offset int) []byte {
	tokens, probs, offsets := []string{}, []float64{}, []int{}
	for len(text) > 0 {
		n := piece(text)
		tokens, offsets = append(tokens, text[:n]), append(offsets, offset)
		probs = append(probs, -0.01*float64(1+n%7))
		text, offset = text[n:], offset+n
	}
	return marshal(map[string]any{
		"tokens": tokens, "token_logprobs": probs, "top_logprobs": nil, "text_offset": offsets,
	})
}

// streamCompletion answers as a stream.
func (c *call) streamCompletion(q *completionRequest, answers []answer) {
	p := c.pace()
	if !c.sleep(p.firstToken(0)) {
		return
	}
	s := c.newChatStream("text_completion", c.id("cmpl-", 29), q.chat.includeUsage)
	if !s.preamble(q.chat.includeUsage) {
		return
	}
	if c.fault != nil && c.fault.Kind == Refusal {
		s.refuse()
		return
	}
	for i := range answers {
		if !s.completion(i, &answers[i], q, p) {
			return
		}
	}
	if q.chat.includeUsage && !c.hidesUsage() && !s.usage(c.chatUsage()) {
		return
	}
	s.done()
}

// completion streams one choice, an echoed prompt first.
func (s *chatStream) completion(i int, a *answer, q *completionRequest, p pace) bool {
	visible, offset, echoed := a.text, 0, 0
	if q.echo {
		echoed = len(q.prompts[i/int(q.chat.choices)].last)
	}
	cut := s.cuts(i, int(q.chat.choices)*len(q.prompts))
	for sent := 0; len(visible) > 0; sent++ {
		if cut && sent == s.c.fault.Chunks {
			return false
		}
		n := echoed
		if n == 0 || n > len(visible) {
			n = piece(visible)
		}
		k := chunk{index: i, delta: appendString(nil, visible[:n]), filter: safeChunk, finish: "null"}
		if q.logprobs >= 0 {
			k.logprobs = legacyLogprobs(visible[:n], offset)
		}
		if !s.choice(k) {
			return false
		}
		if echoed == 0 {
			s.c.used.completion++
		}
		visible, offset, echoed = visible[n:], offset+n, 0
		if !s.pause(p.nextToken()) {
			return false
		}
	}
	if cut {
		return false
	}
	k := chunk{index: i, delta: []byte(`""`), filter: "{}", finish: `"` + a.finish + `"`}
	if a.filtered {
		k.filter = filteredOutput
	}
	return s.choice(k)
}
