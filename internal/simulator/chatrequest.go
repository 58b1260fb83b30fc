package simulator

import (
	"bytes"
	"strconv"
	"strings"
)

// chatRequest is a chat/completions request as read.
type chatRequest struct {
	question
	// functions says that the request speaks the legacy functions, not tools.
	functions    bool
	includeUsage bool
	obfuscate    bool
	stored       bool
}

// readChat reads what chat/completions takes; what is wrong with it is in f.err.
func (c *call) readChat(f *fields) *chatRequest {
	q := &chatRequest{}
	c.readVersioned(f)
	q.readMessages(f)
	q.marks = readMarks(q.last)
	q.choices = f.integer("n", 1, 128, 1)
	c.readSampling(f, &q.question)
	c.readCap(f, &q.question)
	q.readTools(f, "tools", true)
	if f.has("functions") {
		q.functions = true
		q.marks.tools = min(q.marks.tools, 1) // they were called one at a time
		q.readTools(f, "functions", true)
		q.readChoice(f, "function_call")
	} else {
		q.readChoice(f, "tool_choice")
	}
	c.readParallel(f, &q.question)
	if q.choice == "required" && !c.from("2024-06-01") {
		f.fail(gateError("tool_choice value as required is enabled only for api versions 2024-06-01 and later"))
	}
	q.stop = readStop(f)
	c.readFormat(f, &q.question)
	c.readStreamOptions(f, q)
	f.str("user")
	q.stored = f.boolean("store")
	c.known(f, chatMembers())
	return q
}

// readParallel reads parallel_tool_calls, which the o-series does not take, and which
// makes no sense without tools.
func (c *call) readParallel(f *fields, q *question) {
	const name = "parallel_tool_calls"
	if !f.has(name) {
		return
	}
	f.boolean(name)
	if c.dep.model.reasons && strings.HasPrefix(c.dep.model.name, "o") {
		f.fail(unsupported(name))
	}
	if !f.has("tools") {
		f.fail(invalid(name, "", "Invalid value for '"+name+"': '"+name+"' is only allowed when 'tools' are specified."))
	}
}

// readStreamOptions reads how a stream should be. Old api-versions do not know them.
func (c *call) readStreamOptions(f *fields, q *chatRequest) {
	f.boolean("stream")
	q.obfuscate = c.dep.model.reasons
	if !f.has("stream_options") {
		return
	}
	switch {
	case f.has("data_sources"):
		f.fail(invalid("", "", "Validation error at #/stream_options: Extra inputs are not permitted"))
	case !c.from("2024-09-01-preview"):
		f.fail(unrecognized("stream_options"))
	case !c.stream:
		f.fail(invalid("stream_options", "", "The 'stream_options' parameter is only allowed when 'stream' is enabled."))
	}
	f.within("stream_options", func(in *fields) {
		q.includeUsage = in.boolean("include_usage")
		if in.has("include_obfuscation") {
			q.obfuscate = in.boolean("include_obfuscation")
		}
		c.known(in, " include_usage include_obfuscation ")
	})
}

// readSampling checks the options that shape the choice of words. Reasoning models
// take only the defaults.
func (c *call) readSampling(f *fields, q *question) {
	temperature := f.number("temperature", 0, 2, 1)
	f.number("top_p", 0, 1, 1)
	f.number("presence_penalty", -2, 2, 0)
	f.number("frequency_penalty", -2, 2, 0)
	q.logprobs = f.boolean("logprobs")
	q.top = int(f.integer("top_logprobs", 0, 20, 0))
	if q.top > 0 && !q.logprobs {
		f.fail(invalid("top_logprobs", "", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."))
	}
	q.effort = f.str("reasoning_effort")
	if !c.dep.model.reasons {
		if q.effort != "" {
			f.fail(unrecognized("reasoning_effort"))
		}
		return
	}
	f.oneOf("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh")
	if temperature != 1 {
		f.fail(invalid("temperature", "unsupported_value", "Unsupported value: 'temperature' does not support "+
			strconv.FormatFloat(temperature, 'g', -1, 64)+" with this model. Only the default (1) value is supported."))
	}
	for _, o := range [...]struct{ name, only string }{
		{"top_p", "1"}, {"presence_penalty", "0"}, {"frequency_penalty", "0"}, {"logprobs", "false"},
		{"top_logprobs", "0"}, {"logit_bias", "{}"},
	} {
		if raw := f.get(o.name); raw != nil && string(raw) != o.only && string(raw) != o.only+".0" {
			f.fail(unsupported(o.name))
		}
	}
	if f.has("stop") && c.dep.model.unstoppable() {
		f.fail(unsupported("stop"))
	}
}

// unstoppable reports whether the model takes no stop sequences.
func (m model) unstoppable() bool {
	return m.reasons && (strings.HasPrefix(m.name, "gpt-5") || m.name == "o4-mini" ||
		strings.HasPrefix(m.name, "o3") && !strings.HasPrefix(m.name, "o3-mini"))
}

// readCap reads the cap on completion tokens.
func (c *call) readCap(f *fields, q *question) {
	name := "max_completion_tokens"
	if f.has("max_tokens") {
		if f.has(name) {
			f.fail(invalid("max_tokens", "invalid_parameter_combination", "Setting 'max_tokens' and "+
				"'max_completion_tokens' at the same time is not supported."))
		}
		name = "max_tokens"
		if c.dep.model.reasons {
			f.fail(invalid("max_tokens", "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not "+
				"supported with this model. Use 'max_completion_tokens' instead."))
		}
	}
	q.max = f.integer(name, 1, 1<<53, 0)
	if c.dep.model.reasons && q.max == 1 && f.err == nil {
		f.fail(invalid("", "", "Could not finish the message because max_tokens or model output limit was reached. "+
			"Please try again with higher max_tokens."))
	}
	if most := c.dep.model.output; most > 0 && q.max > most {
		f.fail(invalid(name, "invalid_value", name+" is too large: "+strconv.FormatInt(q.max, 10)+". This model "+
			"supports at most "+strconv.FormatInt(most, 10)+" completion tokens, whereas you provided "+
			strconv.FormatInt(q.max, 10)+"."))
		q.max = most
	}
}

// readStop reads up to four stop sequences: a string or a list of them.
func readStop(f *fields) []string {
	raw := f.get("stop")
	if raw == nil {
		return nil
	}
	if raw[0] == '"' {
		return []string{f.str("stop")}
	}
	var stop []string
	for i, item := range f.array("stop", 4) {
		s, ok := unquote(item)
		if !ok {
			f.fail(typeError("stop["+strconv.Itoa(i)+"]", "string", item))
		}
		stop = append(stop, s)
	}
	return stop
}

// readFormat reads response_format.
func (c *call) readFormat(f *fields, q *question) {
	f.within("response_format", func(in *fields) {
		q.format = in.needStr("type")
		in.oneOf("type", "text", "json_object", "json_schema")
		if q.format != "json_schema" {
			return
		}
		if !c.from("2024-08-01-preview") {
			in.fail(gateError("response_format value as json_schema is enabled only for api versions " +
				"2024-08-01-preview and later"))
		}
		if !in.has("json_schema") {
			in.missing("json_schema")
			return
		}
		in.within("json_schema", func(schema *fields) { q.readSchema(schema, "response_format", "") })
	})
	if q.format == "json_object" && !mentionsJSON(f) {
		f.fail(invalid("messages", "", "'messages' must contain the word 'json' in some form, to use "+
			"'response_format' of type 'json_object'."))
	}
}

// readSchema reads a named schema, which counts as part of the prompt. param and code go
// with what is wrong with a strict one.
func (q *question) readSchema(f *fields, param, code string) {
	name := f.needStr("name")
	schema := f.get("schema")
	if schema == nil {
		f.missing("schema")
		return
	}
	if schema[0] != '{' {
		f.fail(typeError(f.at("schema"), "object", schema))
		return
	}
	if wrong := checkStrict(schema); wrong != "" && f.boolean("strict") {
		f.fail(invalid(param, code, "Invalid schema for response_format '"+name+"': "+wrong))
	}
	q.schema = schema
	q.prompt.write(string(schema))
}

func mentionsJSON(f *fields) bool {
	raw := f.get("messages")
	return bytes.Contains(raw, []byte("json")) || bytes.Contains(raw, []byte("JSON")) ||
		strings.Contains(strings.ToLower(string(raw)), "json")
}
