package doctor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// piece is all that is looked for in the JSON of an answer or an event.
type piece struct {
	Choices []json.RawMessage `json:"choices"`
	Data    []json.RawMessage `json:"data"`
	Usage   *struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// read reads an answer to its end and judges it.
func (a *Answer) read(res *http.Response, listed []string) {
	body := io.LimitReader(res.Body, maxAnswer)
	if a.Stream && res.StatusCode == http.StatusOK {
		if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "text/event-stream" {
			a.wrong("the answer is no stream but " + strconv.Quote(clean(kind, 60)) + ": something between ignores stream: true or buffers")
			return
		}
		a.stream(body)
		return
	}
	text, err := io.ReadAll(body)
	switch {
	case err != nil:
		a.wrong("the answer breaks off: " + clean(err.Error(), maxSaid))
	case res.StatusCode != http.StatusOK:
		a.Fault = refused(res, text, listed)
	default:
		a.whole(text)
	}
}

func (a *Answer) wrong(words string) {
	if a.Fault == nil {
		a.Fault = &Fault{Status: a.Status, Words: words}
	}
}

func (a *Answer) whole(text []byte) {
	var p piece
	switch err := json.Unmarshal(text, &p); {
	case err != nil:
		a.wrong("the answer is no JSON: is the address a gateway's?")
	case a.Kind == Embeddings && len(p.Data) == 0:
		a.wrong("the answer holds no embedding")
	case a.Kind != Embeddings && len(p.Choices) == 0:
		a.wrong("the answer holds no choices")
	}
	a.count(&p)
}

func (a *Answer) count(p *piece) {
	if p.Usage != nil {
		a.Prompt, a.Completion = p.Usage.Prompt, p.Usage.Completion
	}
}

// stream reads server-sent events to [DONE].
func (a *Answer) stream(body io.Reader) {
	in := bufio.NewScanner(body)
	in.Buffer(make([]byte, 0, 64<<10), maxAnswer)
	choices, done := false, false
	for in.Scan() {
		data, ok := bytes.CutPrefix(in.Bytes(), []byte("data:"))
		if data = bytes.TrimSpace(data); !ok || len(data) == 0 {
			continue
		}
		if string(data) == "[DONE]" {
			done = true
			continue
		}
		var p piece
		if json.Unmarshal(data, &p) != nil {
			a.wrong("the stream holds an event that is no JSON")
			continue
		}
		if len(p.Error) > 0 && string(p.Error) != "null" {
			_, message := said(data)
			a.wrong("the stream ends in an error: " + message)
		}
		choices = choices || len(p.Choices) > 0
		a.count(&p)
	}
	switch err := in.Err(); {
	case err != nil:
		a.wrong("the stream breaks off: " + clean(err.Error(), maxSaid))
	case !done:
		a.wrong("the stream ends without [DONE]: something between cuts it")
	case !choices:
		a.wrong("the stream holds no choices")
	}
}
