package simulator

import (
	"net/http"
	"strconv"
)

func chatRoutes() []operation {
	return []operation{{
		method: http.MethodPost, path: "chat/completions", styles: styleDeployments | styleV1,
		title: "ChatCompletions_Create", serve: (*call).chat,
	}}
}

// chat answers chat/completions.
func (c *call) chat() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	c.stream = string(f.get("stream")) == "true"
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	m := c.dep.model
	if !m.chats {
		return notSupported("chatCompletion", c.dep.Model)
	}
	if m.since != "" && !c.from(m.since) {
		return gateError("Model " + m.name + " is enabled only for api versions " + m.since + " and later")
	}
	q := c.readChat(f)
	if err := c.admit(&q.prompt, q.max*max(1, q.choices)); err != nil {
		return err
	}
	if err := c.ready(f.err, &q.question, "messages"); err != nil {
		return err
	}
	c.served()
	answers := make([]answer, q.choices)
	for i := range answers {
		answers[i] = c.think(&q.question, int64(i))
	}
	if c.stream {
		c.streamChat(q, answers)
		return nil
	}
	return c.wholeChat(q, answers)
}

// ready is what stands between a request that was admitted and its answer: what is
// wrong with it, the filter, and its markers.
func (c *call) ready(invalidity *apiError, q *question, member string) *apiError {
	err := invalidity
	if err == nil {
		err = c.tooLong(q.prompt.tokens, member)
	}
	if err == nil && q.marks.filter {
		return promptFiltered()
	}
	if err == nil {
		err = c.obey(q.marks)
	}
	if err != nil {
		c.used = usage{}
	}
	return err
}

// tooLong is the 400 for a prompt that the model's context does not hold.
func (c *call) tooLong(tokens int64, member string) *apiError {
	if limit := c.dep.model.context; limit > 0 && tokens > limit {
		n := strconv.FormatInt(limit, 10)
		return invalid(member, "context_length_exceeded", "This model's maximum context length is "+n+" tokens. "+
			"However, your messages resulted in "+strconv.FormatInt(tokens, 10)+" tokens. Please reduce the length "+
			"of the messages.")
	}
	return nil
}

// spend counts an answer's tokens.
func (c *call) spend(a *answer) {
	c.used.completion += a.tokens
	c.used.reasoning += a.reasoning
}

// wholeChat answers at once, after the time that the tokens take.
func (c *call) wholeChat(q *chatRequest, answers []answer) *apiError {
	longest := int64(0)
	for i := range answers {
		c.spend(&answers[i])
		longest = max(longest, answers[i].tokens)
	}
	p := c.pace()
	if !c.sleep(p.firstToken(0) + p.tokens(longest)) {
		return gone()
	}
	choices := make([]chatChoice, len(answers))
	for i := range answers {
		choices[i] = q.render(i, &answers[i])
	}
	out := chatAnswer{
		Choices: choices, Created: c.sim.now().Unix(), ID: c.id("chatcmpl-", 29), Model: c.dep.model.full(),
		Object: "chat.completion", PromptFilterResults: promptFilterResults,
		SystemFingerprint: fingerprint(c.dep.Model),
	}
	if u := c.chatUsage(); !c.hidesUsage() {
		out.Usage = &u
	}
	if q.stored {
		c.storeChat(out.ID, out)
	}
	return c.json(http.StatusOK, out)
}

// hidesUsage reports whether a fault keeps the usage back.
func (c *call) hidesUsage() bool { return c.fault != nil && c.fault.Kind == NoUsage }

func (q *chatRequest) render(i int, a *answer) chatChoice {
	out := chatChoice{ContentFilterResults: safeCompletion, FinishReason: a.finish, Index: i}
	out.Message.Role = "assistant"
	out.Message.Annotations = []any{}
	if a.filtered {
		out.ContentFilterResults = filteredOutput
	}
	if a.refusal != "" {
		out.Message.Refusal = &a.refusal
	} else if len(a.calls) == 0 {
		out.Message.Content = &a.text
	} else {
		out.ContentFilterResults = "{}"
	}
	if q.logprobs {
		l := rawJSON(logprobs(a.text, q.top))
		out.Logprobs = &l
	}
	for _, t := range a.calls {
		fn := functionCall{t.name, t.args}
		if q.functions {
			out.Message.FunctionCall = &fn
			if out.FinishReason == "tool_calls" {
				out.FinishReason = "function_call"
			}
			break
		}
		out.Message.ToolCalls = append(out.Message.ToolCalls, chatToolCall{fn, t.id, "function"})
	}
	return out
}
