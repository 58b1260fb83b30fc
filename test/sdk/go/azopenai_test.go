package sdk

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
)

// azureClient is Azure's own client for Go, which is older than OpenAI's and reads streams
// in its own way: what ends in [DONE] is whole, and anything else is not.
func azureClient(t *testing.T) *azopenai.Client {
	t.Helper()
	c, err := azopenai.NewClientWithKeyCredential(os.Getenv("ENDPOINT"), azcore.NewKeyCredential("tg-demo-key"),
		&azopenai.ClientOptions{ClientOptions: azcore.ClientOptions{
			InsecureAllowCredentialWithHTTP: true, Retry: policy.RetryOptions{MaxRetries: -1},
		}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func azureMessages(content string) []azopenai.ChatRequestMessageClassification {
	return []azopenai.ChatRequestMessageClassification{
		&azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent(content)},
	}
}

// azureStream reads a stream to its end, and returns its text and what ended it.
func azureStream(t *testing.T, content string) (text string, err error) {
	t.Helper()
	res, err := azureClient(t).GetChatCompletionsStream(t.Context(), azopenai.ChatCompletionsStreamOptions{
		DeploymentName: to.Ptr("gpt-4o"), Messages: azureMessages(content),
	}, nil)
	if err != nil {
		return "", err
	}
	defer res.ChatCompletionsStream.Close()
	for {
		chunk, err := res.ChatCompletionsStream.Read()
		if err != nil {
			return text, err
		}
		for _, c := range chunk.Choices {
			if c.Delta != nil && c.Delta.Content != nil {
				text += *c.Delta.Content
			}
		}
	}
}

// A chat is answered with its usage, and a stream ends as whole.
func TestAzureChat(t *testing.T) {
	res, err := azureClient(t).GetChatCompletions(t.Context(), azopenai.ChatCompletionsOptions{
		DeploymentName: to.Ptr("gpt-4o"), Messages: azureMessages("Why is the sky blue? [[tokens=12]]"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if u := res.Usage; u == nil || *u.CompletionTokens == 0 || *u.TotalTokens != *u.PromptTokens+*u.CompletionTokens {
		t.Errorf("usage %+v", u)
	}
	if text, err := azureStream(t, "Tell me. [[tokens=12]]"); !errors.Is(err, io.EOF) || text == "" {
		t.Errorf("the stream ended in %v after %q, want io.EOF", err, text)
	}
}

// A stream that breaks off upstream is not taken for a whole one.
func TestAzureCutStream(t *testing.T) {
	text, err := azureStream(t, "Tell me. [[tokens=40]] [[cut=5]]")
	if text == "" || err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a cut stream ended in %v after %q, want an error", err, text)
	}
}

// A refusal comes as an error with its status and code.
func TestAzureRefusal(t *testing.T) {
	for content, status := range map[string]int{"[[filter]] hi": 400, "[[status=429]] hi": 429} {
		_, err := azureStream(t, content)
		if e, ok := errors.AsType[*azcore.ResponseError](err); !ok || e.StatusCode != status {
			t.Errorf("%s: %v, want %d", content, err, status)
		}
	}
}

// Embeddings come as numbers.
func TestAzureEmbeddings(t *testing.T) {
	res, err := azureClient(t).GetEmbeddings(t.Context(), azopenai.EmbeddingsOptions{
		DeploymentName: to.Ptr("text-embedding-3-small"), Input: []string{"one", "two"},
	}, nil)
	if err != nil || len(res.Data) != 2 || len(res.Data[1].Embedding) != 1536 {
		t.Errorf("%d vectors, err %v", len(res.Data), err)
	}
}
