package simulator

import (
	"maps"
	"strconv"
)

// responseStream writes the events of a responses stream, each numbered by how many
// were sent before it.
type responseStream struct {
	*eventStream
	r *response
	p pace
}

// streamResponse answers as a stream.
func (c *call) streamResponse(r *response) {
	p := c.pace()
	wait := p.firstToken(r.answer.reasoning)
	if !c.sleep(wait / 4) {
		return
	}
	s := &responseStream{r: r, p: p}
	s.eventStream = c.open(s.failure)
	if !s.state("response.created", "in_progress") {
		return
	}
	if c.fault != nil && c.fault.Kind == Refusal {
		s.refuse()
		return
	}
	c.used.reasoning, c.used.completion = r.answer.reasoning, r.answer.reasoning
	if !s.state("response.in_progress", "in_progress") || !s.wait(wait-wait/4) || !s.items() {
		return
	}
	r.store(c, c.sim.now())
	if s.event("response."+r.status(), map[string]any{"response": r.object(r.status(), r.output())}) {
		s.done()
	}
}

// event sends one event with the next number.
func (s *responseStream) event(name string, fields map[string]any) bool {
	return s.send(encodeEvent(name, s.sent, fields))
}

func encodeEvent(name string, seq int, fields map[string]any) []byte {
	b := append([]byte("event: "+name+"\ndata: "), `{"type":"`+name+`","sequence_number":`...)
	b = append(strconv.AppendInt(b, int64(seq), 10), ',')
	return append(append(b, marshal(fields)[1:]...), "\n\n"...)
}

// state sends the response as it stands.
func (s *responseStream) state(name, status string) bool {
	return s.event(name, map[string]any{"response": s.r.object(status, nil)})
}

// failure is how a stream breaks: the error with its object nested, then the response
// that failed.
func (s *responseStream) failure(code, message, typ string) []byte {
	failed := s.r.object("failed", nil)
	if typ == "" {
		return encodeEvent("response.failed", s.sent, map[string]any{"response": failed})
	}
	e := newOpenAIError(message, typ, "", code)
	b := encodeEvent("error", s.sent, map[string]any{"error": map[string]any{
		"type": e.Type, "code": e.Code, "message": e.Message, "param": nil,
		"headers": map[string]string{"skip-error-remapping": "true"},
	}})
	failed["error"] = map[string]any{"code": e.Code, "message": e.Message}
	if e.Code == nil {
		failed["error"] = map[string]any{"code": typ, "message": e.Message}
	}
	return append(b, encodeEvent("response.failed", s.sent+1, map[string]any{"response": failed})...)
}

// items sends the output items one after the other.
func (s *responseStream) items() bool {
	index := 0
	if s.r.reasoningID != "" {
		item := s.r.reasoningItem()
		if !s.item("added", index, item) || !s.item("done", index, item) {
			return false
		}
		index++
	}
	if s.r.messageID != "" {
		return s.message(index)
	}
	for i := range s.r.answer.calls {
		if !s.call(index+i, i) {
			return false
		}
	}
	return true
}

func (s *responseStream) item(what string, index int, item map[string]any) bool {
	return s.event("response.output_item."+what, map[string]any{"output_index": index, "item": item})
}

// message streams the text, or the refusal.
func (s *responseStream) message(index int) bool {
	r := s.r
	kind, member, text := "output_text", "text", r.answer.text
	if r.answer.refusal != "" {
		kind, member, text = "refusal", "refusal", r.answer.refusal
	}
	at := map[string]any{"item_id": r.messageID, "output_index": index, "content_index": 0}
	with := func(name string, v any) map[string]any {
		m := maps.Clone(at)
		m[name] = v
		return m
	}
	if !s.item("added", index, r.messageItem("in_progress", []any{})) ||
		!s.event("response.content_part.added", with("part", r.part(false))) ||
		!s.deltas("response."+kind+".delta", r.messageID, index, text) {
		return false
	}
	end := with(member, text)
	if kind == "output_text" {
		end["logprobs"] = []any{}
	}
	return s.event("response."+kind+".done", end) &&
		s.event("response.content_part.done", with("part", r.part(true))) &&
		s.item("done", index, r.messageItem("completed", []any{r.part(true)}))
}

// call streams one function call.
func (s *responseStream) call(index, i int) bool {
	t := s.r.answer.calls[i]
	s.c.used.completion += countPieces(t.name)
	return s.item("added", index, s.r.callItem(i, "in_progress", "")) &&
		s.deltas("response.function_call_arguments.delta", s.r.callIDs[i], index, t.args) &&
		s.event("response.function_call_arguments.done", map[string]any{"item_id": s.r.callIDs[i],
			"output_index": index, "name": t.name, "arguments": t.args}) &&
		s.item("done", index, s.r.callItem(i, "completed", t.args))
}

// deltas sends a text by the piece.
func (s *responseStream) deltas(name, item string, index int, text string) bool {
	head := "event: " + name + "\ndata: {\"type\":\"" + name + "\",\"sequence_number\":"
	place := `,"item_id":"` + item + `","output_index":` + strconv.Itoa(index)
	if name != "response.function_call_arguments.delta" {
		place += `,"content_index":0`
	}
	if name == "response.output_text.delta" {
		place += `,"logprobs":[]`
	}
	for len(text) > 0 {
		n := piece(text)
		b := append(s.buf[:0], head...)
		b = strconv.AppendInt(b, int64(s.sent), 10)
		b = append(append(b, place...), `,"delta":`...)
		b = appendString(b, text[:n])
		if s.r.obfuscate {
			b = append(append(append(b, `,"obfuscation":"`...), padding(n)...), '"')
		}
		s.buf = append(b, "}\n\n"...)
		if !s.send(s.buf) {
			return false
		}
		s.c.used.completion++
		if text = text[n:]; text != "" && !s.pause(s.p.nextToken()) {
			return false
		}
	}
	return true
}
