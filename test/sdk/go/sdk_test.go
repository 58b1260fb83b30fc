// Package sdk runs the official OpenAI SDK for Go against a running demo, whose
// data side is at ENDPOINT, with the azure options and with the v1 routes.
package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"
)

func clients(t *testing.T) map[string]openai.Client {
	t.Helper()
	endpoint := os.Getenv("ENDPOINT")
	if endpoint == "" {
		t.Fatal("ENDPOINT is not set: start `tallygate demo` and name its data side")
	}
	return map[string]openai.Client{
		"azure": openai.NewClient(azure.WithEndpoint(endpoint, "2024-10-21"), azure.WithAPIKey("tg-demo-key"),
			azure.WithUnsafeAllowHTTP(), option.WithMaxRetries(0)),
		"v1":    openai.NewClient(option.WithBaseURL(endpoint+"/openai/v1/"), option.WithAPIKey("tg-demo-key"), option.WithMaxRetries(0)),
		"plain": openai.NewClient(option.WithBaseURL(endpoint+"/v1/"), option.WithAPIKey("tg-demo-key"), option.WithMaxRetries(0)),
	}
}

func each(t *testing.T, f func(t *testing.T, ctx context.Context, c openai.Client)) {
	for style, c := range clients(t) {
		t.Run(style, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			f(t, ctx, c)
		})
	}
}

func ask(content string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: "gpt-4o", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(content)}}
}

func TestChat(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		res, err := c.Chat.Completions.New(ctx, ask("Why is the sky blue? [[tokens=12]]"))
		if err != nil {
			t.Fatal(err)
		}
		if res.Choices[0].Message.Content == "" || res.Usage.TotalTokens != res.Usage.PromptTokens+res.Usage.CompletionTokens || res.Usage.CompletionTokens == 0 {
			t.Errorf("answer %+v", res)
		}
	})
}

func TestStream(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		stream := c.Chat.Completions.NewStreaming(ctx, ask("Tell me. [[tokens=12]]"))
		acc := openai.ChatCompletionAccumulator{}
		pieces := 0
		for stream.Next() {
			if len(stream.Current().Choices) > 0 && stream.Current().Choices[0].Delta.Content != "" {
				pieces++
			}
			acc.AddChunk(stream.Current())
		}
		if err := stream.Err(); err != nil {
			t.Fatal(err)
		}
		if pieces < 4 || acc.Choices[0].Message.Content == "" {
			t.Errorf("%d pieces, text %q", pieces, acc.Choices[0].Message.Content)
		}
	})
}

func TestStreamWithUsage(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		p := ask("Tell me. [[tokens=8]]")
		p.StreamOptions.IncludeUsage = param.NewOpt(true)
		stream := c.Chat.Completions.NewStreaming(ctx, p)
		var total int64
		for stream.Next() {
			total = max(total, stream.Current().Usage.TotalTokens)
		}
		if stream.Err() != nil || total == 0 {
			t.Errorf("total %d, err %v", total, stream.Err())
		}
	})
}

func TestTools(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		p := ask("What is the weather in Paris?")
		p.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: "get_weather", Parameters: shared.FunctionParameters{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}},
		})}
		p.ToolChoice = openai.ChatCompletionToolChoiceOptionUnionParam{OfAuto: param.NewOpt("required")}
		res, err := c.Chat.Completions.New(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if calls := res.Choices[0].Message.ToolCalls; len(calls) == 0 || calls[0].Function.Name != "get_weather" || !json.Valid([]byte(calls[0].Function.Arguments)) {
			t.Errorf("tool calls %+v", calls)
		}
	})
}

func TestEmbeddings(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		for _, format := range []openai.EmbeddingNewParamsEncodingFormat{"", openai.EmbeddingNewParamsEncodingFormatFloat} {
			res, err := c.Embeddings.New(ctx, openai.EmbeddingNewParams{Model: "text-embedding-3-small", EncodingFormat: format,
				Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "two"}}})
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for _, x := range res.Data[1].Embedding {
				sum += x * x
			}
			if len(res.Data) != 2 || len(res.Data[1].Embedding) != 1536 || math.Abs(sum-1) > 0.01 {
				t.Errorf("%d vectors of %d, length² %f", len(res.Data), len(res.Data[1].Embedding), sum)
			}
		}
	})
}

func TestModels(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		page, err := c.Models.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range page.Data {
			ids = append(ids, m.ID)
		}
		for _, id := range []string{"gpt-4o", "gpt-4o-mini", "gpt-image-1", "text-embedding-3-small", "tts", "whisper"} {
			if !slices.Contains(ids, id) {
				t.Errorf("no %s among the models %v", id, ids)
			}
		}
	})
}

func TestErrors(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		wrong := ask("hi")
		wrong.Model = "no-such-model"
		for _, f := range []struct {
			ask    openai.ChatCompletionNewParams
			status int
			code   string
		}{
			{wrong, 404, "DeploymentNotFound"},
			{ask("[[filter]] hi"), 400, "content_filter"},
		} {
			_, err := c.Chat.Completions.New(ctx, f.ask)
			e, ok := errors.AsType[*openai.Error](err)
			if !ok || e.StatusCode != f.status || e.Code != f.code {
				t.Errorf("error %v, want %d %s", err, f.status, f.code)
			}
		}
	})
}

func TestAbort(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		ctx, cancel := context.WithCancel(ctx)
		stream := c.Chat.Completions.NewStreaming(ctx, ask("Tell me a long story. [[tokens=2000]]"))
		for range 3 {
			if !stream.Next() {
				t.Fatal(stream.Err())
			}
		}
		cancel()
		began := time.Now()
		for stream.Next() {
		}
		if took := time.Since(began); took > 2*time.Second || !errors.Is(stream.Err(), context.Canceled) {
			t.Errorf("the stream ended after %s with %v", took, stream.Err())
		}
	})
}

// A stream that breaks off upstream ends in an error, not as if it were whole.
func TestCutStream(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, c openai.Client) {
		stream := c.Chat.Completions.NewStreaming(ctx, ask("Tell me. [[tokens=40]] [[cut=5]]"))
		pieces := 0
		for stream.Next() {
			pieces++
		}
		if pieces == 0 || stream.Err() == nil {
			t.Errorf("%d pieces, then %v, want an error", pieces, stream.Err())
		}
	})
}
