package rehearse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// answer is what is kept of one answer.
type answer struct {
	status int // 0 when none came
	// Of an error: its code, a few words, and what it says.
	code, message string
	broken        bool // it began and did not end
	// firstToken is when the first token came, from the request on; 0 without a stream.
	firstToken         time.Duration
	prompt, completion int64
	// retryAfter is what it says about coming again, and again what x-should-retry does.
	retryAfter time.Duration
	again      string
}

// ok reports whether the answer is one to the end.
func (a *answer) ok() bool { return a.status >= 200 && a.status < 300 && a.code == "" && !a.broken }

// What is read of an answer at most; the rest of it is read past.
const (
	maxAnswer = 4 << 20
	maxEvent  = 1 << 20
	maxSaid   = 500 // of what a server says, in runes
)

// readAnswer reads an answer to its end. since tells the time since the request.
func readAnswer(res *http.Response, stream bool, since func() time.Duration) answer {
	a := answer{status: res.StatusCode, again: res.Header.Get("x-should-retry")}
	a.retryAfter = retryAfter(res.Header)
	var err error
	if stream && a.status == http.StatusOK {
		err = a.readStream(res.Body, since)
	} else {
		err = a.readWhole(res.Body)
	}
	if err != nil {
		a.broken = true
		a.fail("broken off", err.Error())
	}
	return a
}

// fail notes the first thing that is wrong.
func (a *answer) fail(code, message string) {
	if a.code != "" {
		return
	}
	a.code, a.message = cut(code, 60), cut(strings.Join(strings.Fields(message), " "), maxSaid)
}

func cut(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func (a *answer) readWhole(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, maxAnswer))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil {
		return err
	}
	w := readWords(text)
	if a.status < 200 || a.status >= 300 {
		code, message := w.fault()
		if message == "" {
			message = http.StatusText(a.status)
		}
		a.fail(code, message)
		return nil
	}
	a.count(w.Usage)
	return nil
}

// words is all that is looked for in the JSON of an answer or an event. Fields that
// differ in type from server to server are read later.
type words struct {
	Choices []struct {
		Delta struct {
			Content, Refusal string
			ToolCalls        []json.RawMessage `json:"tool_calls"`
		}
	}
	Usage     *usage
	Error     json.RawMessage
	Detail    json.RawMessage
	Message   json.RawMessage
	Assistant struct{ Content json.RawMessage }
	bare      string // the answer is but a string
}

// usage is an answer's; the event proxy's is nested twice.
type usage struct {
	Prompt     int64  `json:"prompt_tokens"`
	Completion int64  `json:"completion_tokens"`
	Usage      *usage `json:"usage"`
}

func readWords(text []byte) words {
	var w words
	if json.Unmarshal(text, &w) != nil {
		if json.Unmarshal(text, &w.bare) != nil {
			w.bare = string(text[:min(len(text), 4*maxSaid)])
		}
	}
	return w
}

// fault returns what an error says, in any of the shapes that are about.
func (w *words) fault() (code, message string) {
	var e struct{ Code, Type, Message json.RawMessage }
	if json.Unmarshal(w.Error, &e) == nil {
		if code = text(e.Code); code == "" {
			code = text(e.Type)
		}
		message = text(e.Message)
	} else {
		message = text(w.Error)
	}
	for _, other := range []json.RawMessage{w.Detail, w.Message, w.Assistant.Content} {
		if message == "" {
			message = text(other)
		}
	}
	if message == "" {
		message = w.bare
	}
	return code, message
}

// text is a JSON string's text, nothing of null, and else the JSON.
func text(raw json.RawMessage) string {
	var s *string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	if s == nil {
		return ""
	}
	return *s
}

// count takes over an answer's usage.
func (a *answer) count(u *usage) {
	for depth := 0; u != nil && depth < 2; depth++ {
		if u.Prompt > 0 || u.Completion > 0 {
			a.prompt, a.completion = min(max(u.Prompt, 0), maxQuota), min(max(u.Completion, 0), maxQuota)
		}
		u = u.Usage
	}
}

// readStream reads server-sent events to [DONE] or an error in the stream.
func (a *answer) readStream(r io.Reader, since func() time.Duration) error {
	in, done := bufio.NewReaderSize(r, 16<<10), false
	for {
		line, err := readLine(in)
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			data = bytes.TrimSpace(data)
			if string(data) == "[DONE]" {
				done = true
			} else {
				a.event(data, since)
			}
		}
		switch {
		case errors.Is(err, io.EOF) && (done || a.code != ""):
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("the stream ended without [DONE]")
		case err != nil:
			return err
		}
	}
}

func (a *answer) event(data []byte, since func() time.Duration) {
	w := readWords(data)
	if code, message := w.fault(); len(w.Error) > 0 && string(w.Error) != "null" {
		a.fail("in stream: "+code, message)
	}
	for _, c := range w.Choices {
		if d := c.Delta; a.firstToken == 0 && (d.Content != "" || d.Refusal != "" || len(d.ToolCalls) > 0) {
			a.firstToken = max(since(), 1)
		}
	}
	a.count(w.Usage)
}

// readLine returns a line without its end. Of one that is too long it returns the
// start, which is no JSON.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, more, err := in.ReadLine()
		if len(line) < maxEvent {
			line = append(line, part...)
		}
		if err != nil || !more {
			return line, err
		}
	}
}

// retryAfter reads when to come again, as SDKs do: milliseconds, else seconds, else a
// date.
func retryAfter(h http.Header) time.Duration {
	const most = 366 * 24 * time.Hour
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"retry-after-ms", time.Millisecond}, {"retry-after", time.Second}} {
		if f, err := strconv.ParseFloat(h.Get(unit.name), 64); err == nil && f >= 0 {
			return time.Duration(min(f*float64(unit.of), float64(most)))
		}
	}
	if at, err := http.ParseTime(h.Get("retry-after")); err == nil {
		return min(max(time.Until(at), 0), most)
	}
	return 0
}
