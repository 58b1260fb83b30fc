package simulator

import (
	"slices"
	"strings"
)

// The members that each operation knows.

func chatMembers() string {
	return " audio data_sources frequency_penalty function_call functions logit_bias logprobs max_completion_tokens " +
		"max_tokens messages metadata modalities model moderation n parallel_tool_calls prediction presence_penalty " +
		"prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format " +
		"safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools " +
		"top_logprobs top_p user user_security_context verbosity web_search_options "
}

func completionMembers() string {
	return " best_of echo frequency_penalty logit_bias logprobs max_tokens model n presence_penalty prompt seed stop " +
		"stream stream_options suffix temperature top_p user "
}

func embeddingMembers() string {
	return " dimensions encoding_format input input_type model user "
}

func responseMembers() string {
	return " access_programs background context_management conversation include input instructions max_output_tokens " +
		"max_tool_calls metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key " +
		"prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream " +
		"stream_options temperature text tool_choice tools top_logprobs top_p truncation user "
}

func imageMembers() string {
	return " background complexity image input_fidelity mask markup model moderation n output_compression output_format " +
		"partial_images prompt quality response_format safety_identifier size stream style user "
}

// known refuses members that are not among those known: in the words of the models that
// were first, or of those that reason and of the v1 routes.
func (c *call) known(f *fields, members string) {
	var unknown []string
	for name := range f.raw {
		if strings.ContainsRune(name, ' ') || !strings.Contains(members, " "+name+" ") {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return
	}
	slices.Sort(unknown)
	for i, name := range unknown {
		unknown[i] = strings.ToValidUTF8(name, "\ufffd")
	}
	switch {
	case c.style == styleV1 || c.dep.model.reasons || c.dep.model.drawsTokens:
		f.fail(unknownParameter(f.at(unknown[0])))
	case len(unknown) == 1:
		f.fail(unrecognized(unknown[0]))
	default:
		f.fail(invalid("", "", "Unrecognized request arguments supplied: "+strings.Join(unknown, ", ")))
	}
}

// unrecognized is the 400 of the first models for a member that they do not know.
func unrecognized(name string) *apiError {
	return invalid("", "", "Unrecognized request argument supplied: "+name)
}

// readVersioned refuses the members that came with a later api-version.
func (c *call) readVersioned(f *fields) {
	for _, m := range [...]struct{ name, since string }{
		{"max_completion_tokens", "2024-09-01-preview"},
		{"parallel_tool_calls", "2024-08-01-preview"},
	} {
		if f.has(m.name) && !c.from(m.since) {
			f.fail(unrecognized(m.name))
		}
	}
}

// readMoved refuses members of chats that have other names in the Responses API.
func readMoved(f *fields) {
	for _, m := range [...]struct{ name, now string }{
		{"max_tokens", "max_output_tokens"}, {"max_completion_tokens", "max_output_tokens"}, {"messages", "input"},
		{"reasoning_effort", "reasoning.effort"}, {"response_format", "text.format"},
	} {
		if f.has(m.name) {
			f.fail(invalid("", "unsupported_parameter", "Unsupported parameter: '"+m.name+"'. In the Responses API, this "+
				"parameter has moved to '"+m.now+"'. Try again with the new parameter. See the API documentation for "+
				"more information: https://platform.openai.com/docs/api-reference/responses/create."))
		}
	}
}

// unsupported refuses a member that the model does not take.
func unsupported(name string) *apiError {
	return invalid(name, "unsupported_parameter", "Unsupported parameter: '"+name+"' is not supported with this model.")
}

// emptyArray is the 400 for a list that must not be empty.
func emptyArray(at string) *apiError {
	return invalid(at, "empty_array", "Invalid '"+at+"': empty array. Expected an array with minimum length 1, but got "+
		"an empty array instead.")
}
