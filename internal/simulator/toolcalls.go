package simulator

import (
	"slices"
	"strconv"
	"strings"
)

// dialogue checks that messages follow each other as they must: the calls of an
// assistant's message are answered by the tool messages right behind it.
type dialogue struct {
	open     []string // calls that wait for their answer
	called   []string // all calls of the message at hand
	answered bool     // the last message was a tool's, or called some
}

// take goes on to the i-th message.
func (d *dialogue) take(m *fields, role string, i int) {
	at := "messages.[" + strconv.Itoa(i) + "]"
	if role == "tool" {
		id := m.str("tool_call_id")
		switch {
		case !d.answered:
			m.fail(invalid(at+".role", "", "Invalid parameter: messages with role 'tool' must be a response to a "+
				"preceeding message with 'tool_calls'."))
		case id != "" && !slices.Contains(d.called, id):
			m.fail(invalid(at+".tool_call_id", "", "Invalid parameter: 'tool_call_id' of '"+id+"' not found in "+
				"'tool_calls' of previous message."))
		}
		d.open = slices.DeleteFunc(d.open, func(v string) bool { return v == id })
		return
	}
	m.fail(d.end(at))
	d.open, d.called = callIDs(m), callIDs(m)
	d.answered = role == "assistant" && m.has("tool_calls")
}

// end is what is wrong when no more answers come.
func (d *dialogue) end(at string) *apiError {
	if len(d.open) == 0 {
		return nil
	}
	return invalid(at+".role", "", "An assistant message with 'tool_calls' must be followed by tool messages responding "+
		"to each 'tool_call_id'. The following tool_call_ids did not have response messages: "+strings.Join(d.open, ", "))
}

// callIDs are the ids of a message's calls.
func callIDs(m *fields) (ids []string) {
	if m.has("tool_calls") && string(m.get("tool_calls")) == "[]" {
		m.fail(emptyArray(m.at("tool_calls")))
	}
	for i, raw := range m.array("tool_calls", maxTools) {
		in := m.item("tool_calls", i, raw)
		if id := in.needStr("id"); id != "" {
			ids = append(ids, id)
		}
		m.fail(in.err)
	}
	return ids
}

// calls are those of a response's input: which were made, and which wait for an output.
type calls struct {
	made, open []string
}

// call and output take in the items of the input.
func (k *calls) call(id string) {
	k.made, k.open = append(k.made, id), append(k.open, id)
}

func (k *calls) output(id string) *apiError {
	if !slices.Contains(k.made, id) {
		return invalid("input", "", "No tool call found for function call output with call_id "+id+".")
	}
	k.open = slices.DeleteFunc(k.open, func(v string) bool { return v == id })
	return nil
}

// end is what is wrong when the input ends.
func (k *calls) end() *apiError {
	if len(k.open) == 0 {
		return nil
	}
	return invalid("input", "", "No tool output found for function call "+k.open[0]+".")
}
