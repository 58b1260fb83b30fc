package simulator

import "net/http"

// What the content filter says, as JSON.
const (
	safeCompletion = `{"hate":{"filtered":false,"severity":"safe"},` +
		`"protected_material_code":{"filtered":false,"detected":false},` +
		`"protected_material_text":{"filtered":false,"detected":false},` +
		`"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},` +
		`"violence":{"filtered":false,"severity":"safe"}}`
	safeChunk = `{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},` +
		`"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}`
	safePrompt = `{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false},` +
		`"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},` +
		`"violence":{"filtered":false,"severity":"safe"}}`
	filteredPrompt = `{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":true,"detected":true},` +
		`"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},` +
		`"violence":{"filtered":false,"severity":"safe"}}`
	filteredOutput = `{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},` +
		`"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,"severity":"medium"}}`
	promptFilterResults = `[{"prompt_index":0,"content_filter_results":` + safePrompt + `}]`
)

const filteredMessage = "The response was filtered due to the prompt triggering Azure OpenAI's content management " +
	"policy. Please modify your prompt and retry. To learn more about our content filtering policies please read " +
	"our documentation: https://go.microsoft.com/fwlink/?linkid=2198766"

// promptFiltered is the 400 of the classic APIs for a prompt that the filter refuses.
func promptFiltered() *apiError {
	return &apiError{status: http.StatusBadRequest, body: []byte(`{"error":{"message":"` + filteredMessage +
		`","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":` +
		`"ResponsibleAIPolicyViolation","content_filter_result":` + filteredPrompt + `}}}`)}
}

// inputFiltered is the same of the Responses API.
func inputFiltered(characters int64) *apiError {
	return &apiError{status: http.StatusBadRequest, body: marshal(map[string]any{"error": map[string]any{
		"message": filteredMessage, "type": "invalid_request_error", "param": "prompt", "code": "content_filter",
		"content_filters": []any{contentFilter("prompt", filteredPrompt, true, characters)},
	}})}
}

// contentFilter is what the filter found, as the Responses API has it.
func contentFilter(source, results string, blocked bool, end int64) map[string]any {
	return map[string]any{
		"blocked": blocked, "source_type": source, "content_filter_results": rawJSON(results),
		"content_filter_offsets": map[string]int64{"start_offset": 0, "end_offset": end, "check_offset": 0},
	}
}

// rawJSON is JSON that is put into an answer as it is.
type rawJSON string

// MarshalJSON implements json.Marshaler.
func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }
