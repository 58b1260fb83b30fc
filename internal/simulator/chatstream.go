package simulator

import "strconv"

// chatStream writes the chunks of a chat/completions or completions stream. The parts
// that all chunks share are made once.
type chatStream struct {
	*eventStream
	tail      string // what follows the choices
	obfuscate bool
	text      bool // a completions stream, not a chat
}

// streamError is the event that ends a broken chat or completions stream.
func streamError(code, message, typ string) []byte {
	if typ == "" {
		return []byte("data: {\"error\":null}\n\n")
	}
	e := newOpenAIError(message, typ, "", code)
	return append(append([]byte("data: "), marshal(map[string]openAIError{"error": e})...), "\n\n"...)
}

func (c *call) newChatStream(object, id string, includeUsage bool) *chatStream {
	s := &chatStream{eventStream: c.open(streamError), text: object == "text_completion"}
	tail := `],"created":` + strconv.FormatInt(c.sim.now().Unix(), 10) + `,"id":"` + id + `","model":` +
		string(appendString(nil, c.dep.model.full())) + `,"object":"` + object + `"`
	if !s.text {
		tail += `,"system_fingerprint":"` + fingerprint(c.dep.Model) + `"`
	}
	if includeUsage {
		tail += `,"usage":null`
	}
	s.tail = tail
	return s
}

// preamble is the chunk of the prompt's filter results, which has no choices and
// empty names.
func (s *chatStream) preamble(includeUsage bool) bool {
	b := append(s.buf[:0], `data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":`...)
	b = append(b, promptFilterResults...)
	if includeUsage {
		b = append(b, `,"usage":null`...)
	}
	return s.send(append(b, "}\n\n"...))
}

// chunk is one choice's part of a chunk; its strings are JSON.
type chunk struct {
	index          int
	delta          []byte
	filter, finish string
	logprobs       []byte
}

// choice sends a chunk with one choice.
func (s *chatStream) choice(k chunk) bool {
	b := append(s.buf[:0], `data: {"choices":[{"content_filter_results":`...)
	b = append(b, k.filter...)
	if s.text {
		b = append(b, `,"text":`...)
	} else {
		b = append(b, `,"delta":`...)
	}
	b = append(b, k.delta...)
	b = append(b, `,"finish_reason":`...)
	b = append(b, k.finish...)
	b = append(b, `,"index":`...)
	b = strconv.AppendInt(b, int64(k.index), 10)
	b = append(b, `,"logprobs":`...)
	if k.logprobs == nil {
		b = append(b, "null"...)
	} else {
		b = append(b, k.logprobs...)
	}
	b = append(b, '}')
	b = append(b, s.tail...)
	if s.obfuscate {
		b = append(b, `,"obfuscation":"`...)
		b = append(b, padding(len(k.delta))...)
		b = append(b, '"')
	}
	s.buf = append(b, "}\n\n"...)
	return s.send(s.buf)
}

// padding hides the length of a delta: the longer it is, the shorter the padding.
func padding(n int) string {
	const noise = "q7XfB2mKzR9dWc4LpT1vHs8J"
	return noise[n%len(noise):]
}

// usage sends the chunk that has no choices but the usage.
func (s *chatStream) usage(u any) bool {
	tail := s.tail[:len(s.tail)-len(`null`)]
	b := append(s.buf[:0], `data: {"choices":[`...)
	b = append(b, tail...)
	b = append(b, marshal(u)...)
	return s.send(append(b, "}\n\n"...))
}

// streamChat answers as a stream.
func (c *call) streamChat(q *chatRequest, answers []answer) {
	p := c.pace()
	wait := p.firstToken(answers[0].reasoning)
	if !c.sleep(wait / 4) {
		return
	}
	s := c.newChatStream("chat.completion.chunk", c.id("chatcmpl-", 29), q.includeUsage)
	s.obfuscate = q.obfuscate
	if !s.preamble(q.includeUsage) {
		return
	}
	if c.fault != nil && c.fault.Kind == Refusal {
		s.refuse()
		return
	}
	for i := range answers {
		c.used.reasoning += answers[i].reasoning
		c.used.completion += answers[i].reasoning
	}
	if s.wait(wait-wait/4) && s.body(q, answers, p) {
		s.finish(q, answers)
	}
}

// body sends roles and contents of all choices, a piece of each in turn.
func (s *chatStream) body(q *chatRequest, answers []answer, p pace) bool {
	sources := make([]pieces, len(answers))
	for i := range answers {
		sources[i] = newPieces(q, &answers[i])
		role := `{"role":"assistant","content":"","refusal":null}`
		if len(answers[i].calls) > 0 {
			role = `{"role":"assistant","content":null,"refusal":null}`
		}
		if !s.choice(chunk{index: i, delta: []byte(role), filter: "{}", finish: "null"}) {
			return false
		}
	}
	for left := true; left; {
		left = false
		for i := range sources {
			if s.cuts(i, len(sources)) && sources[i].taken == s.c.fault.Chunks {
				continue
			}
			delta, text, ok := sources[i].next()
			if !ok {
				continue
			}
			sources[i].taken++
			left = true
			k := chunk{index: i, delta: delta, filter: safeChunk, finish: "null"}
			if s.c.dep.AsyncFilter || len(answers[i].calls) > 0 {
				k.filter = "{}"
			}
			if q.logprobs {
				k.logprobs = logprobs(text, q.top)
			}
			if !s.choice(k) {
				return false
			}
			s.c.used.completion += sources[i].cost
		}
		if left && !s.pause(p.nextToken()) {
			return false
		}
	}
	return true
}

// cuts reports whether a fault cuts the i-th of n choices short.
func (s *chatStream) cuts(i, n int) bool {
	return i == n-1 && s.c.fault != nil && s.c.fault.Kind == CutChoice
}

// finish sends what comes after the content.
func (s *chatStream) finish(q *chatRequest, answers []answer) {
	for i := range answers {
		if s.cuts(i, len(answers)) {
			return
		}
		a := &answers[i]
		k := chunk{index: i, delta: []byte("{}"), filter: "{}", finish: `"` + a.finish + `"`}
		if a.filtered {
			k.filter = filteredOutput
		}
		if q.functions && a.finish == "tool_calls" {
			k.finish = `"function_call"`
		}
		if !s.choice(k) {
			return
		}
	}
	for i := range answers {
		if s.c.dep.AsyncFilter && !s.annotation(i, &answers[i]) {
			return
		}
	}
	if q.includeUsage && !s.c.hidesUsage() && !s.usage(s.c.chatUsage()) {
		return
	}
	s.done()
}

// annotation sends what an asynchronous filter found: a choice without a delta.
func (s *chatStream) annotation(i int, a *answer) bool {
	n := strconv.Itoa(len([]rune(a.text)))
	b := append(s.buf[:0], `data: {"choices":[{"content_filter_offsets":{"check_offset":0,"start_offset":0,"end_offset":`...)
	b = append(b, n+`},"content_filter_results":`+safeChunk+`,"finish_reason":null,"index":`+strconv.Itoa(i)+`}`...)
	b = append(b, s.tail...)
	return s.send(append(b, "}\n\n"...))
}
