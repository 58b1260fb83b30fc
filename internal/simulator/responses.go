package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

func responseRoutes() []operation {
	both := styleResource | styleV1
	ops := []operation{
		{method: http.MethodPost, path: "responses", title: "Responses_Create", serve: (*call).createResponse},
		{method: http.MethodPost, path: "responses/input_tokens", title: "Responses_InputTokens", serve: (*call).countInput},
		{method: http.MethodGet, path: "responses/{id}", title: "Responses_Get", serve: (*call).getResponse},
		{method: http.MethodDelete, path: "responses/{id}", title: "Responses_Delete", serve: (*call).deleteResponse},
		{method: http.MethodPost, path: "responses/{id}/cancel", title: "Responses_Cancel", serve: (*call).cancelResponse},
		{method: http.MethodGet, path: "responses/{id}/input_items", title: "Responses_ListInputItems",
			serve: (*call).responseInput},
	}
	for i := range ops {
		ops[i].styles, ops[i].since = both, "2025-03-01-preview"
		ops[i].tooOld = "Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"
	}
	return ops
}

// createResponse answers POST responses.
func (c *call) createResponse() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	c.stream = string(f.get("stream")) == "true"
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	if !c.dep.model.chats {
		return notSupported("responses", c.dep.Model)
	}
	q := c.readResponse(f)
	if err := c.admit(&q.prompt, q.max); err != nil {
		return err
	}
	if f.err == nil && q.marks.filter {
		c.used = usage{}
		return inputFiltered(q.prompt.chars)
	}
	if err := c.ready(f.err, &q.question, "input"); err != nil {
		return err
	}
	c.served()
	a := c.think(&q.question, 0)
	r := c.newResponse(q, &a)
	if c.stream {
		c.streamResponse(r)
		return nil
	}
	return c.wholeResponse(r)
}

// countInput answers how many tokens an input would be.
func (c *call) countInput() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	q := c.readResponse(f)
	if f.err != nil {
		return f.err
	}
	return c.json(http.StatusOK, map[string]any{"object": "response.input_tokens", "input_tokens": q.prompt.tokens})
}

// wholeResponse answers at once, after the time that the tokens take; in the
// background it answers that it will.
func (c *call) wholeResponse(r *response) *apiError {
	p := c.pace()
	took := p.firstToken(0) + p.tokens(r.answer.tokens)
	c.spend(r.answer)
	if r.background {
		r.store(c, c.sim.now().Add(took))
		return c.json(http.StatusOK, r.object("queued", nil))
	}
	if !c.sleep(took) {
		return gone()
	}
	r.store(c, time.Time{})
	return c.json(http.StatusOK, r.object(r.status(), r.output()))
}

// responseRequest is a responses request as read.
type responseRequest struct {
	question
	fields     *fields
	input      []json.RawMessage
	previous   string
	stored     bool
	background bool
	obfuscate  bool
	seals      bool // reasoning is to be given back encrypted
	calls      calls
}

// readResponse reads what responses takes; what is wrong with it is in f.err.
func (c *call) readResponse(f *fields) *responseRequest {
	q := &responseRequest{fields: f, stored: true, obfuscate: true}
	if f.has("store") {
		q.stored = f.boolean("store")
	}
	f.boolean("stream")
	for _, what := range f.array("include", 16) {
		q.seals = q.seals || string(what) == `"reasoning.encrypted_content"`
	}
	q.readConversation(c, f)
	q.background = f.boolean("background")
	if q.background && !q.stored {
		f.fail(invalid("background", "", "Background mode requires 'store' to be true."))
	}
	q.readPrevious(c, f)
	if instructions := f.str("instructions"); instructions != "" {
		q.prompt.add(tokensPerMessage)
		q.prompt.write(instructions)
	}
	q.readItems(c, f)
	q.prompt.add(tokensPerReply)
	q.marks = readMarks(q.last)
	q.choices = 1
	readMoved(f)
	c.readSampling(f, &q.question)
	q.max = f.integer("max_output_tokens", 16, 1<<53, 0)
	if most := c.dep.model.output; most > 0 && q.max > most {
		f.fail(invalid("max_output_tokens", "invalid_value", "max_output_tokens is too large: "+
			strconv.FormatInt(q.max, 10)+". This model supports at most "+strconv.FormatInt(most, 10)+" output tokens."))
		q.max = most
	}
	q.readTools(f, "tools", false)
	q.readChoice(f, "tool_choice")
	f.within("reasoning", func(in *fields) {
		if q.effort = in.str("effort"); q.effort != "" && !c.dep.model.reasons {
			f.fail(unsupported("reasoning.effort"))
		}
	})
	f.within("stream_options", func(in *fields) {
		if in.has("include_obfuscation") {
			q.obfuscate = in.boolean("include_obfuscation")
		}
	})
	f.within("text", func(in *fields) { in.within("format", q.readTextFormat) })
	if raw := bytes.ToLower(f.get("input")); q.format == "json_object" && !bytes.Contains(raw, []byte("json")) {
		f.fail(invalid("input", "", "Response input messages must contain the word 'json' in some form to use "+
			"'text.format' of type 'json_object'."))
	}
	c.known(f, responseMembers())
	return q
}

// readTextFormat reads text.format, which has the schema beside its type.
func (q *responseRequest) readTextFormat(f *fields) {
	q.format = f.needStr("type")
	f.oneOf("type", "text", "json_object", "json_schema")
	if q.format == "json_schema" {
		q.readSchema(f, "text.format.schema", "invalid_json_schema")
	}
}

// readConversation checks that the conversation to go on with is there.
func (q *responseRequest) readConversation(c *call, f *fields) {
	raw := f.get("conversation")
	if raw == nil {
		return
	}
	id := ""
	if raw[0] == '{' {
		f.within("conversation", func(in *fields) { id = in.needStr("id") })
	} else {
		id = f.str("conversation")
	}
	if _, ok := c.res.objects.get("conversations", id); !ok {
		f.fail(modelError(http.StatusNotFound, "Conversation with id '"+id+"' not found.", "invalid_request_error", "", ""))
	}
}

// readPrevious takes over what an earlier response knew.
func (q *responseRequest) readPrevious(c *call, f *fields) {
	if q.previous = f.str("previous_response_id"); q.previous == "" {
		return
	}
	before, ok := c.res.responses.get(q.previous)
	if !ok {
		f.fail(invalid("previous_response_id", "previous_response_not_found",
			"Previous response with id '"+q.previous+"' not found."))
		return
	}
	for _, id := range before.calls {
		q.calls.call(id)
	}
	q.prompt = before.prompt
	q.prompt.prefixes = append([]uint64(nil), before.prompt.prefixes...)
}

// readItems measures input: a string, or a list of items.
func (q *responseRequest) readItems(c *call, f *fields) {
	raw := f.get("input")
	switch {
	case raw == nil:
		if q.previous == "" {
			f.missing("input")
		}
	case raw[0] == '"':
		q.last = f.str("input")
		q.prompt.add(tokensPerMessage)
		q.prompt.write(q.last)
		q.input = []json.RawMessage{marshal(map[string]any{"type": "message", "role": "user",
			"content": []any{map[string]string{"type": "input_text", "text": q.last}}})}
	default:
		q.input = f.array("input", maxMessages)
		for i, item := range q.input {
			in := f.item("input", i, item)
			q.readItem(c, in, item)
			f.fail(in.err)
		}
	}
	f.fail(q.calls.end())
}

// readItem measures one input item. Kinds it does not know count as their JSON.
func (q *responseRequest) readItem(c *call, f *fields, raw json.RawMessage) {
	q.prompt.add(tokensPerMessage)
	switch kind := f.str("type"); {
	case kind == "message" || kind == "" && f.has("role"):
		role := f.needStr("role")
		f.oneOf("role", "assistant", "system", "developer", "user")
		q.prompt.write(role)
		text := q.readContent(f, role)
		if role == "user" {
			q.last, q.context = text, ""
		}
	case kind == "function_call_output":
		f.fail(q.calls.output(f.needStr("call_id")))
		q.prompt.write(string(f.get("output")))
		if text, ok := unquote(f.get("output")); ok {
			q.context = text
		}
	case kind == "function_call":
		q.calls.call(f.needStr("call_id"))
		q.prompt.write(string(raw))
	case kind == "reasoning", kind == "item_reference":
		c.readReference(f, kind)
		q.prompt.write(string(raw))
	default:
		q.prompt.write(string(raw))
	}
}

// readReference checks that an item which stands for a stored one is stored here, or
// that what it holds in its place was encrypted here.
func (c *call) readReference(f *fields, kind string) {
	id := f.str("id")
	if sealed := f.str("encrypted_content"); kind == "reasoning" && sealed != "" {
		if !c.sealedHere(sealed) {
			f.fail(invalid("", "invalid_encrypted_content", "The encrypted content for item "+id+" could not be verified. "+
				"Reason: Encrypted content could not be decrypted or parsed."))
		}
		return
	}
	if id = f.needStr("id"); id != "" && !c.res.responses.has(id) {
		f.fail(invalid("input", "", "Item with id '"+id+"' not found. Items are not persisted when `store` is set to "+
			"false. Try again with `store` set to true, or remove this item from your input."))
	}
}
