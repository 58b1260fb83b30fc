package meter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/tokenizer"
)

// tokens is shared by the tests: unpacking an encoding takes a while.
var tokens tokenizer.Set

func newMeter(t testing.TB) *Meter {
	t.Helper()
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Catalog: c, Tokens: &tokens})
}

// chatStream writes a chat stream the way Azure OpenAI does.
type chatStream struct {
	usage   string // the usage object; empty: usage was not asked for
	choices int
	texts   []string // deltas of every choice
	tools   bool     // a tool call follows the text
	async   bool     // the content filter's annotations come behind
	end     string   // line end; "\n" when empty
	openai  bool     // OpenAI's order of members instead of Azure's
	undone  bool     // no [DONE]
}

const aUsage = `{"completion_tokens":11,"completion_tokens_details":{"accepted_prediction_tokens":1,"audio_tokens":0,"reasoning_tokens":4,"rejected_prediction_tokens":2},"prompt_tokens":1523,"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":1280},"total_tokens":1534}`

var aUsageRead = tallygate.Usage{
	Source: tallygate.Exact, Prompt: 1523, Completion: 11, Total: 1534,
	Cached: 1280, Reasoning: 4, AcceptedPrediction: 1, RejectedPrediction: 2,
}

// someTexts hold what trips readers of event streams.
var someTexts = []string{
	"Hello", " wörld", " 你好", " 🎉\n", `data: "usage":null`, ` {"usage":{"prompt_tokens":9}}`, "\n\ndata: [DONE]\n\n",
	`\"delta\":{\"content\":\"`, `,"usage":null}`, "",
}

func (c chatStream) bytes() []byte {
	var b bytes.Buffer
	end := c.end
	if end == "" {
		end = "\n"
	}
	say := func(head, tail string) {
		usage := ""
		if c.usage != "" {
			usage = `,"usage":null`
		}
		if c.openai {
			tail = usage + tail
		} else {
			tail += usage
		}
		b.WriteString("data: {" + head + tail + "}" + end + end)
	}
	say(`"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]`, "")
	chunk := func(choice int, delta, finish string) {
		const rest = `"created":1731628800,"id":"chatcmpl-AbC","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp_1"`
		if c.openai {
			say(fmt.Sprintf(`"id":"chatcmpl-AbC","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":%d,%s"logprobs":null,"finish_reason":%s}]`,
				choice, delta, finish), `,"obfuscation":"x7Kq"`)
			return
		}
		say(fmt.Sprintf(`"choices":[{"content_filter_results":{},%s"finish_reason":%s,"index":%d,"logprobs":null}],%s`, delta, finish, choice, rest), "")
	}
	n := max(1, c.choices)
	for i := range n {
		chunk(i, `"delta":{"content":"","refusal":null,"role":"assistant"},`, "null")
	}
	for _, s := range c.texts {
		for i := range n {
			chunk(i, `"delta":{"content":`+quote(s)+`},`, "null")
		}
	}
	if c.tools {
		chunk(0, `"delta":{"tool_calls":[{"function":{"arguments":"","name":"weather"},"id":"call_1","index":0,"type":"function"}]},`, "null")
		chunk(0, `"delta":{"tool_calls":[{"function":{"arguments":"{\"city\":"},"index":0}]},`, "null")
		chunk(0, `"delta":{"tool_calls":[{"function":{"arguments":"\"Tokyo\"}"},"index":0}]},`, "null")
	}
	for i := range n {
		chunk(i, `"delta":{},`, `"stop"`)
	}
	if c.async {
		chunk(0, `"content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198},`, "null")
	}
	if c.usage != "" {
		b.WriteString(`data: {"choices":[],"created":1731628800,"id":"chatcmpl-AbC","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp_1","usage":` + c.usage + "}" + end + end)
	}
	if !c.undone {
		b.WriteString("data: [DONE]" + end + end)
	}
	return b.Bytes()
}

// quote returns s as a JSON string with its control characters escaped and all
// else as it stands, as Azure OpenAI writes text.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// parts is a body that comes in pieces and ends in err (io.EOF when nil).
type parts struct {
	pieces [][]byte
	err    error
}

func (p *parts) Read(b []byte) (int, error) {
	for len(p.pieces) > 0 && len(p.pieces[0]) == 0 {
		p.pieces = p.pieces[1:]
	}
	if len(p.pieces) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		return 0, io.EOF
	}
	n := copy(b, p.pieces[0])
	p.pieces[0] = p.pieces[0][n:]
	return n, nil
}

func (p *parts) Close() error { return nil }

// nextParts is parts with Next; what Next returned before is overwritten, as the
// contract allows.
type nextParts struct {
	parts
	last []byte
}

func (p *nextParts) Next() ([]byte, error) {
	for i := range p.last {
		p.last[i] = '#'
	}
	for len(p.pieces) > 0 && len(p.pieces[0]) == 0 {
		p.pieces = p.pieces[1:]
	}
	if len(p.pieces) == 0 {
		if p.err != nil {
			return nil, p.err
		}
		return nil, io.EOF
	}
	p.last = bytes.Clone(p.pieces[0])
	p.pieces = p.pieces[1:]
	return p.last, nil
}

// client is a ResponseWriter that keeps what it got.
type client struct {
	mu      sync.Mutex
	header  http.Header
	status  int
	body    bytes.Buffer
	flushed int // bytes that were flushed
	flushes int
	failAt  int // Write fails once so many bytes were written; 0 never
	at      []time.Time
}

func newClient() *client { return &client{header: make(http.Header)} }

func (c *client) Header() http.Header { return c.header }

func (c *client) WriteHeader(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status != 0 {
		panic("the header was written twice")
	}
	c.status = status
}

func (c *client) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status == 0 {
		panic("the body came before the header")
	}
	c.at = append(c.at, time.Now())
	if c.failAt > 0 && c.body.Len()+len(p) >= c.failAt {
		return 0, errors.New("connection reset by peer")
	}
	return c.body.Write(p)
}

func (c *client) FlushError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushed = c.body.Len()
	c.flushes++
	return nil
}

func (c *client) got() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.body.String()
}

// eventAnswer is an answer with an event stream.
func eventAnswer(body io.ReadCloser) *http.Response {
	return &http.Response{
		StatusCode: 200, ContentLength: -1, Body: body,
		Header: http.Header{"Content-Type": {"text/event-stream; charset=utf-8"}},
	}
}

// jsonAnswer is an answer with a JSON body of known length.
func jsonAnswer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/json"}},
	}
}

// whole returns a body that comes in one piece.
func whole(b []byte) io.ReadCloser { return &parts{pieces: [][]byte{b}} }
