package meter

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// cutAt cuts b into pieces whose lengths come from seed.
func cutAt(b, seed []byte) [][]byte {
	var pieces [][]byte
	for i := 0; len(b) > 0; i++ {
		n := len(b)
		if len(seed) > 0 {
			n = min(n, 1+int(seed[i%len(seed)])%64)
		}
		pieces, b = append(pieces, b[:n]), b[n:]
	}
	return pieces
}

// slowEvents is the plainest reader of event streams there can be: it returns the
// data of each event.
func slowEvents(stream string) (data []string) {
	stream = strings.TrimPrefix(stream, "\ufeff")
	stream = strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n")
	var lines []string
	for line := range strings.SplitSeq(stream+"\n\n", "\n") {
		switch field, value, _ := strings.Cut(line, ":"); {
		case line == "" && lines != nil:
			data, lines = append(data, strings.Join(lines, "\n")), nil
		case line != "" && field == "data":
			lines = append(lines, strings.TrimPrefix(value, " "))
		}
	}
	return data
}

// The events are those of the plainest reader, wherever the stream is cut.
func FuzzEvents(f *testing.F) {
	for _, form := range streams() {
		f.Add(form.bytes(), []byte{3, 40})
	}
	f.Add([]byte("\ufeffdata\rdata:\r\n\r\nevent: x\n: c\n\ndata: a\ndata:b\n\n"), []byte{0})
	f.Add([]byte(responseCreated+noCapacity), []byte{200, 1})
	f.Fuzz(func(t *testing.T, stream, seed []byte) {
		if len(stream) > maxEvent/2 {
			return
		}
		want := slowEvents(string(stream))
		var s events
		var got []string
		for _, p := range cutAt(stream, seed) {
			for len(p) > 0 {
				e, n, ok := s.next(p)
				if ok {
					got = append(got, string(e.data))
				}
				p = p[n:]
			}
		}
		if e, ok := s.end(); ok {
			got = append(got, string(e.data))
		}
		if strings.Join(got, "\x00") != strings.Join(want, "\x00") || len(got) != len(want) {
			t.Errorf("events %q, want %q", got, want)
		}
	})
}

// Copying a stream never panics, never changes a byte unless it is told to, and
// finds the same wherever it is cut; what is taken out is too.
func FuzzStream(f *testing.F) {
	for _, form := range streams() {
		f.Add(form.bytes(), []byte{3, 40}, true)
	}
	f.Add([]byte(responseCreated+noCapacity), []byte{200, 1}, false)
	f.Add([]byte(strings.Repeat("data: {\"usage\":null}\r\r\n", 5)), []byte{0}, true)
	m := newMeter(f)
	f.Fuzz(func(t *testing.T, stream, seed []byte, chat bool) {
		for _, strip := range []bool{false, true} {
			a := Answer{API: Events, Base: "gpt-4o", StripUsage: strip}
			if chat {
				a.API = Chat
			}
			run := func(pieces [][]byte) (Result, string, string) {
				w := newClient()
				out, err := m.Copy(w, eventAnswer(&nextParts{parts: parts{pieces: pieces}}), a)
				out.FirstByte = out.FirstByte.Truncate(1 << 62)
				if err == nil && !strip && w.got() != string(stream) {
					t.Errorf("bytes changed: %q, was %q", w.got(), stream)
				}
				if err != nil {
					return out, w.got(), err.Error()
				}
				return out, w.got(), ""
			}
			one, oneGot, oneErr := run([][]byte{stream})
			many, manyGot, manyErr := run(cutAt(stream, seed))
			// How a refusal is told from an answer depends on events alone; a stream
			// that breaks off is told where the cuts allow.
			if oneErr == "" && (one != many || oneGot != manyGot || manyErr != "") {
				t.Errorf("strip %v: cut %+v %q %q, whole %+v %q", strip, many, manyErr, manyGot, one, oneGot)
			}
		}
	})
}

// jsonMembers decodes an object; nil when b is none or a key comes twice.
func jsonMembers(b []byte) map[string]json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(b))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return nil
	}
	m := make(map[string]json.RawMessage)
	for d.More() {
		tok, err := d.Token()
		key, ok := tok.(string)
		var v json.RawMessage
		if _, twice := m[key]; err != nil || !ok || twice || d.Decode(&v) != nil {
			return nil
		}
		m[key] = v
	}
	return m
}

// On valid JSON the tap and the scanner agree with encoding/json; on anything else
// they do not panic.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{chatBody, `{"response":{"usage":{"input_tokens":1},"id":"\ud83d\ude00"},"id":" x ","model":null}`, `{"usage":[1,{"a":"]"}]}`,
		`{"a":{"usage":{}},"usage":-1.5e3}`, ` { "\u0075sage" : { } } `, `[{"usage":1}]`, `{"usage":"\\\""}`, "<html>", `{"usage":{"a":`} {
		f.Add([]byte(s), []byte{1, 7})
	}
	f.Fuzz(func(t *testing.T, b, seed []byte) {
		var tp tap
		for _, p := range cutAt(b, seed) {
			tp.feed(p)
		}
		mended := jsontext.Mend(b)
		for range jsontext.Members(mended) {
		}
		readUsage(b)
		if !json.Valid(b) || !utf8.Valid(b) || len(b) > maxCapture {
			return
		}
		if !bytes.Equal(mended, b) {
			t.Errorf("mended a whole text: %q", mended)
		}
		want := jsonMembers(b)
		if want == nil {
			return
		}
		n := 0
		for k, v := range jsontext.Members(b) {
			n++
			if w, ok := want[string(k)]; !ok || !bytes.Equal(bytes.TrimSpace(w), v) {
				t.Errorf("member %q is %q, want %q", k, v, w)
			}
		}
		if n != len(want) {
			t.Errorf("%d members, want %d", n, len(want))
		}
		if inner := jsonMembers(want["response"]); inner == nil && jsontext.IsObject(want["response"]) {
			return // keys given twice
		} else if inner != nil {
			return // both places feed the same fields
		}
		for key, field := range map[string]field{"usage": fUsage, "id": fID, "model": fModel, "error": fError} {
			if got := tp.value(field); !bytes.Equal(got, bytes.TrimSpace(want[key])) {
				t.Errorf("%s is %q, want %q", key, got, want[key])
			}
		}
	})
}

// What the short cut takes for a plain chunk is one: read whole it has the same
// text and nothing else. And taking the usage out leaves all else.
func FuzzChunk(f *testing.F) {
	for _, form := range streams() {
		for _, data := range slowEvents(string(form.bytes())) {
			f.Add([]byte(data))
		}
	}
	m := newMeter(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) || bytes.ContainsAny(data, "\r\n") || jsonMembers(data) == nil {
			return
		}
		if from, end := plainText(data); from >= 0 && bytes.HasPrefix(data, []byte(`{"choices":[{"`)) {
			a := Answer{API: Chat}
			r := m.reading(&a)
			defer m.release(r)
			r.chunk(data)
			var got []byte
			for i := range r.words.tracks {
				got = append(got, r.words.tracks[i].text...)
			}
			if want := jsontext.AppendText(nil, data[from:end]); bytes.Count(data, []byte(`"content"`)) == 1 && !bytes.Equal(got, want) && len(got) > 0 {
				t.Errorf("text %q, whole %q", want, got)
			}
		}
		raw := append(append([]byte("data: "), data...), "\n\n"...)
		from, to := surplus(raw, event{data: data})
		left := append(append([]byte(nil), raw[:from]...), raw[to:]...)
		if from == to || len(left) == 0 {
			return
		}
		want := jsonMembers(data)
		delete(want, "usage")
		got := jsonMembers(bytes.TrimPrefix(left, []byte("data: ")))
		if len(got) != len(want) || !json.Valid(bytes.TrimPrefix(left, []byte("data: "))) {
			t.Errorf("%s became %s", data, left)
		}
		for k := range want {
			if !bytes.Equal(got[k], want[k]) {
				t.Errorf("%s: %s became %s", data, want[k], got[k])
			}
		}
	})
}

// Counting a prompt never panics and never gives a negative number.
func FuzzPrompt(f *testing.F) {
	for _, s := range prompts {
		f.Add(s.body)
	}
	m := newMeter(f)
	f.Fuzz(func(t *testing.T, body string) {
		for _, op := range []API{Chat, Text, Vectors, Events} {
			if n := m.Prompt(op, "gpt-4o-mini", []byte(body)); n < 0 {
				t.Errorf("%s: %d", op, n)
			}
		}
	})
}

// A body of any kind passes unchanged and never panics.
func FuzzBody(f *testing.F) {
	f.Add(chatBody, 200)
	f.Add(`{"error":{"code":429}}`, 429)
	m := newMeter(f)
	f.Fuzz(func(t *testing.T, body string, status int) {
		res := jsonAnswer(max(200, status%600), body)
		w := newClient()
		if _, err := m.Copy(w, res, chatAnswer); err != nil || w.got() != body && !bodiless(res) {
			t.Errorf("%q became %q, %v", body, w.got(), err)
		}
	})
}
