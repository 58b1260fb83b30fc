package simulator

import (
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// response is a response in the making.
type response struct {
	*responseRequest
	answer  *answer
	id      string
	created int64
	model   string
	usage   func() map[string]any
	// ids of the output items, in order: reasoning, then message or calls.
	reasoningID, messageID string
	callIDs                []string
	sealed                 string // the reasoning, encrypted
	hidesUsage             bool
	completed              func() int64
}

func (c *call) newResponse(q *responseRequest, a *answer) *response {
	r := &response{
		responseRequest: q, answer: a, id: c.hexID("resp_", 24), created: c.sim.now().Unix(),
		model: c.dep.model.full(), usage: c.responseUsage, hidesUsage: c.hidesUsage(),
		completed: func() int64 { return c.sim.now().Unix() },
	}
	if c.dep.model.reasons {
		r.reasoningID = c.hexID("rs_", 24)
		r.sealed = c.seal() + r.reasoningID
	}
	if len(a.calls) == 0 {
		r.messageID = c.hexID("msg_", 24)
	}
	for range a.calls {
		r.callIDs = append(r.callIDs, c.hexID("fc_", 24))
	}
	return r
}

// seal begins what the resource encrypts; another one cannot read it.
func (c *call) seal() string {
	var p prompt
	p.write(c.res.Name)
	return "gAAAAA" + strconv.FormatUint(p.hash, 36) + "-"
}

// sealedHere reports whether the resource has encrypted this.
func (c *call) sealedHere(content string) bool { return strings.HasPrefix(content, c.seal()) }

func (c *call) responseUsage() map[string]any {
	u := c.used
	return map[string]any{
		"input_tokens": u.prompt, "input_tokens_details": map[string]int64{"cached_tokens": u.cached},
		"output_tokens": u.completion, "output_tokens_details": map[string]int64{"reasoning_tokens": u.reasoning},
		"total_tokens": u.prompt + u.completion,
	}
}

// status is how the response ends.
func (r *response) status() string {
	if r.answer.finish == "length" || r.answer.finish == "content_filter" {
		return "incomplete"
	}
	return "completed"
}

// object is the response object. Before the end its output is nil.
func (r *response) object(status string, output []any) map[string]any {
	o := map[string]any{
		"id": r.id, "object": "response", "created_at": r.created, "status": status, "model": r.model,
		"background": r.background, "error": nil, "incomplete_details": nil, "completed_at": nil, "usage": nil,
		"output": []any{}, "content_filters": nil, "store": r.stored, "service_tier": "default",
	}
	for name, absent := range requestDefaults() {
		o[name] = absent
		if raw := r.fields.get(name); raw != nil {
			o[name] = raw
		}
	}
	switch status {
	case "in_progress", "queued", "failed", "cancelled":
		return o
	case "incomplete":
		reason := "max_output_tokens"
		if r.answer.filtered {
			reason = "content_filter"
		}
		o["incomplete_details"] = map[string]string{"reason": reason}
	}
	o["output"], o["completed_at"] = output, r.completed()
	if !r.hidesUsage {
		o["usage"] = r.usage()
	}
	o["content_filters"] = r.filters()
	return o
}

// requestDefaults are the members that a response repeats from its request, and what
// they are when the request did not say.
func requestDefaults() map[string]any {
	return map[string]any{
		"instructions": nil, "max_output_tokens": nil, "max_tool_calls": nil, "metadata": map[string]any{},
		"parallel_tool_calls": true, "previous_response_id": nil, "prompt_cache_key": nil, "safety_identifier": nil,
		"reasoning":   map[string]any{"effort": nil, "summary": nil},
		"temperature": 1, "text": map[string]any{"format": map[string]string{"type": "text"}}, "tool_choice": "auto",
		"tools": []any{}, "top_p": 1, "top_logprobs": 0, "truncation": "disabled", "user": nil,
	}
}

func (r *response) filters() []any {
	results := safeCompletion
	if r.answer.filtered {
		results = filteredOutput
	}
	length := int64(utf8.RuneCountInString(r.answer.text))
	return []any{
		contentFilter("prompt", safePrompt, false, r.prompt.chars),
		contentFilter("completion", results, r.answer.filtered, length),
	}
}

// output is the list of finished output items.
func (r *response) output() []any {
	var out []any
	if r.reasoningID != "" {
		out = append(out, r.reasoningItem())
	}
	if r.messageID != "" {
		return append(out, r.messageItem("completed", []any{r.part(true)}))
	}
	for i := range r.answer.calls {
		out = append(out, r.callItem(i, "completed", r.answer.calls[i].args))
	}
	return out
}

func (r *response) reasoningItem() map[string]any {
	item := map[string]any{"id": r.reasoningID, "type": "reasoning", "summary": []any{}}
	if r.seals {
		item["encrypted_content"] = r.sealed
	}
	return item
}

func (r *response) messageItem(status string, content []any) map[string]any {
	if status == "completed" {
		status = r.status()
	}
	return map[string]any{"id": r.messageID, "type": "message", "role": "assistant", "status": status,
		"content": content}
}

func (r *response) callItem(i int, status, args string) map[string]any {
	t := r.answer.calls[i]
	return map[string]any{"id": r.callIDs[i], "type": "function_call", "status": status, "call_id": t.id,
		"name": t.name, "arguments": args}
}

// part is the message's content part, with its text or still without.
func (r *response) part(full bool) map[string]any {
	text := r.answer.text
	key := map[string]any{"type": "output_text", "annotations": []any{}, "logprobs": []any{}}
	name := "text"
	if r.answer.refusal != "" {
		text, name = r.answer.refusal, "refusal"
		key = map[string]any{"type": "refusal"}
	}
	if !full {
		text = ""
	}
	key[name] = text
	return key
}

// itemIDs are the ids of its output items, calledIDs those by which its calls are answered.
func (r *response) itemIDs() []string {
	return append(append([]string(nil), r.reasoningID, r.messageID), r.callIDs...)
}

func (r *response) calledIDs() (ids []string) {
	for _, t := range r.answer.calls {
		ids = append(ids, t.id)
	}
	return ids
}

// store remembers the response, unless the request forbids it. A response in the
// background is ready at a time.
func (r *response) store(c *call, readyAt time.Time) {
	if !r.stored {
		return
	}
	after := r.prompt
	after.prefixes = append([]uint64(nil), after.prefixes...)
	after.write(r.answer.text)
	c.res.responses.put(r.id, &storedResponse{
		final: r.object(r.status(), r.output()), waiting: maps.Clone(r.object("queued", nil)), input: r.input,
		items: r.itemIDs(), calls: r.calledIDs(),
		prompt: after, background: r.background, readyAt: readyAt, size: c.rec.BodyBytes,
	})
}
