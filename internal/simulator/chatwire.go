package simulator

import (
	"strconv"
)

// The shapes of chat/completions answers; members stand in the service's order.

type chatAnswer struct {
	Choices             []chatChoice `json:"choices"`
	Created             int64        `json:"created"`
	ID                  string       `json:"id"`
	Model               string       `json:"model"`
	Object              string       `json:"object"`
	PromptFilterResults rawJSON      `json:"prompt_filter_results"`
	SystemFingerprint   string       `json:"system_fingerprint"`
	Usage               *chatUsage   `json:"usage,omitempty"`
}

type chatChoice struct {
	ContentFilterResults rawJSON     `json:"content_filter_results"`
	FinishReason         string      `json:"finish_reason"`
	Index                int         `json:"index"`
	Logprobs             *rawJSON    `json:"logprobs"`
	Message              chatMessage `json:"message"`
}

type chatMessage struct {
	Annotations  []any          `json:"annotations"`
	Content      *string        `json:"content"`
	Refusal      *string        `json:"refusal"`
	Role         string         `json:"role"`
	FunctionCall *functionCall  `json:"function_call,omitempty"`
	ToolCalls    []chatToolCall `json:"tool_calls,omitempty"`
}

type functionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type chatToolCall struct {
	Function functionCall `json:"function"`
	ID       string       `json:"id"`
	Type     string       `json:"type"`
}

type chatUsage struct {
	CompletionTokens        int64            `json:"completion_tokens"`
	CompletionTokensDetails completionDetail `json:"completion_tokens_details"`
	PromptTokens            int64            `json:"prompt_tokens"`
	PromptTokensDetails     promptDetail     `json:"prompt_tokens_details"`
	TotalTokens             int64            `json:"total_tokens"`
}

type completionDetail struct {
	AcceptedPredictionTokens int64 `json:"accepted_prediction_tokens"`
	AudioTokens              int64 `json:"audio_tokens"`
	ReasoningTokens          int64 `json:"reasoning_tokens"`
	RejectedPredictionTokens int64 `json:"rejected_prediction_tokens"`
}

type promptDetail struct {
	AudioTokens  int64 `json:"audio_tokens"`
	CachedTokens int64 `json:"cached_tokens"`
}

func (c *call) chatUsage() chatUsage {
	u := c.used
	return chatUsage{
		CompletionTokens: u.completion, CompletionTokensDetails: completionDetail{ReasoningTokens: u.reasoning},
		PromptTokens: u.prompt, PromptTokensDetails: promptDetail{CachedTokens: u.cached},
		TotalTokens: u.prompt + u.completion,
	}
}

// logprobs is the logprobs object for a text, with top alternatives to each token.
// The numbers are made up, but always the same for the same text.
func logprobs(text string, top int) []byte {
	b := []byte(`{"content":[`)
	for first := true; len(text) > 0; first = false {
		n := piece(text)
		if !first {
			b = append(b, ',')
		}
		b = appendLogprob(b, text[:n], 0)
		b = append(b, `,"top_logprobs":[`...)
		for i := range top {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendLogprob(b, text[:n], i), '}')
		}
		b = append(b, "]}"...)
		text = text[n:]
	}
	return append(b, `],"refusal":null}`...)
}

// appendLogprob appends a token with its probability, as the rank-th alternative. The
// object stays open.
func appendLogprob(b []byte, token string, rank int) []byte {
	if rank > 0 {
		token += strconv.Itoa(rank)
	}
	b = appendString(append(b, `{"token":`...), token)
	b = append(b, `,"logprob":`...)
	b = strconv.AppendFloat(b, -0.01*float64(1+len(token)%7)-float64(rank), 'f', -1, 32)
	b = append(b, `,"bytes":[`...)
	for i := range len(token) {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(token[i]), 10)
	}
	return append(b, ']')
}
