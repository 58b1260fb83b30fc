package wire_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

const (
	onTranscriptions = "POST /openai/v1/audio/transcriptions"
	onEdits          = "POST /openai/v1/images/edits"
	scopedAudio      = "POST /openai/deployments/whisper-two/audio/transcriptions" + dated
)

// form writes a form as Go's own writer does: name and value by turns. A name that
// begins with @ is a file's.
func form(t testing.TB, pairs ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	if err := w.SetBoundary("x-boundary-x"); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		name, file := strings.CutPrefix(pairs[i], "@")
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + name + `"`}}
		if file {
			h = textproto.MIMEHeader{
				"Content-Disposition": {`form-data; name="` + name + `"; filename="talk.wav"`}, "Content-Type": {"audio/wav"},
			}
		}
		p, err := w.CreatePart(h)
		if err == nil {
			_, err = io.WriteString(p, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const formType = "multipart/form-data; boundary=x-boundary-x"

// A form is read whatever the order of its parts and the pieces it comes in; the
// model is renamed in place, and every other byte stays.
func TestForm(t *testing.T) {
	sound := "RIFF\x00\xff\r\n--x-boundary\r\n-\n\r" + strings.Repeat("\x00\r\n--", 5000)
	head := sound[:4<<10]
	for _, c := range []struct {
		name, line, body, want string
		ask                    tallygate.Ask
		facts                  wire.FormFacts
	}{
		{
			"the file first", onTranscriptions,
			form(t, "@file", sound, "model", "whisper-two", "response_format", "text", "language", "de"),
			form(t, "@file", sound, "model", "there", "response_format", "text", "language", "de"),
			tallygate.Ask{Model: "whisper-two", Choices: 1},
			wire.FormFacts{
				Text: 17, ResponseFormat: "text", Language: "de", Files: 1, FileBytes: int64(len(sound)),
				FileName: "talk.wav", FileType: "audio/wav", Head: []byte(head),
			},
		},
		{
			"the model first", "POST /v1/audio/transcriptions",
			form(t, "model", "whisper-two", "stream", "True", "@file", ""),
			form(t, "model", "there", "stream", "True", "@file", ""),
			tallygate.Ask{Model: "whisper-two", Choices: 1, Stream: true},
			wire.FormFacts{Text: 15, Files: 1, FileName: "talk.wav", FileType: "audio/wav", Head: nil},
		},
		{
			"the path names the model", scopedAudio,
			form(t, "model", "gpt-5", "@file", "abc"), form(t, "model", "gpt-5", "@file", "abc"),
			tallygate.Ask{Model: "whisper-two", Choices: 1},
			wire.FormFacts{Text: 5, Files: 1, FileBytes: 3, FileName: "talk.wav", FileType: "audio/wav", Head: []byte("abc")},
		},
		{
			"pictures", onEdits,
			form(t, "@image[]", "abc", "@image[]", "defg", "prompt", "a cat\r\nin a hat", "n", "10", "model", "m", "size", "1024x1024", "quality", "high", "user", "u"),
			form(t, "@image[]", "abc", "@image[]", "defg", "prompt", "a cat\r\nin a hat", "n", "10", "model", "there", "size", "1024x1024", "quality", "high", "user", "u"),
			tallygate.Ask{Model: "m", Choices: 10, User: "u"},
			wire.FormFacts{
				Text: 32, Prompt: 15, Size: "1024x1024", Quality: "high", Files: 2, FileBytes: 7,
				FileName: "talk.wav", FileType: "audio/wav", Head: []byte("abc"),
			},
		},
		{
			"a file for the resource", "POST /openai/v1/files",
			form(t, "purpose", "batch", "@file", "{}"), form(t, "purpose", "batch", "@file", "{}"),
			tallygate.Ask{Choices: 1},
			wire.FormFacts{Text: 5, Files: 1, FileBytes: 2, FileName: "talk.wav", FileType: "audio/wav", Head: []byte("{}")},
		},
	} {
		for pieces, reader := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
		} {
			r := request(t, c.line, "")
			r.Header.Set("Content-Type", formType)
			r.Body, r.ContentLength = io.NopCloser(reader(strings.NewReader(c.body))), -1
			q := read(t, r)
			facts, ok := q.Form()
			if diff := cmp.Diff(c.facts, facts); diff != "" || !ok || !q.Replayable() {
				t.Errorf("%s, %s: %v, replayable %v (-want +got)\n%s", c.name, pieces, ok, q.Replayable(), diff)
			}
			got := q.Ask
			if got.Model != c.ask.Model || got.Choices != c.ask.Choices || got.Stream != c.ask.Stream || got.User != c.ask.User ||
				got.BodyBytes != int64(len(c.body)) {
				t.Errorf("%s, %s: %+v", c.name, pieces, got)
			}
			if files, size, refers := q.Beyond(); files != facts.Files || size != facts.FileBytes || refers {
				t.Errorf("%s, %s: beyond it %d, %d, %v", c.name, pieces, files, size, refers)
			}
			for range 2 { // as often as it takes
				b := q.Body("there", wire.Edits{IncludeUsage: true, MaxTokens: 1})
				rc := b.NewReader()
				sent, err := io.ReadAll(rc)
				rc.Close()
				if diff := cmp.Diff(c.want, string(sent)); diff != "" || err != nil || b.Len() != int64(len(c.want)) {
					t.Errorf("%s, %s: %v, length %d (-want +got)\n%s", c.name, pieces, err, b.Len(), diff)
				}
			}
		}
	}
}

// What two readers of forms could take differently is refused, with what and where.
func TestFormRefused(t *testing.T) {
	const (
		top  = "--x-boundary-x\r\n"
		end  = "\r\n--x-boundary-x--\r\n"
		name = `Content-Disposition: form-data; name="model"` + "\r\n\r\nm"
		file = "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc"
	)
	field := func(header, value string) string { return top + header + "\r\n\r\n" + value + end }
	for _, c := range []struct{ name, body, words string }{
		{"two models", form(t, "model", "a", "model", "b"), "model twice"},
		{"two of n", form(t, "model", "a", "n", "1", "n", "2"), "n twice"},
		{"a model in other letters", form(t, "Model", "a"), `field "Model"`},
		{"a list of models", form(t, "model", "a", "model[]", "b"), `field "model[]"`},
		{"a model with a space", form(t, "model ", "a"), `field "model "`},
		{"a model of a model", form(t, "model[0].id", "a"), `field "model[0].id"`},
		{"a model as a file", form(t, "@model", "a"), "is a file"},
		{"a model of two lines", form(t, "model", "a\r\nb"), "line breaks"},
		{"a model in spaces", form(t, "model", " a"), "spaces around it"},
		{"a long model", form(t, "model", strings.Repeat("a", 257)), "256 bytes"},
		{"a very long model", form(t, "model", strings.Repeat("a", 100_000)), "1024 bytes"},
		{"no model", form(t, "@file", "abc"), "names no model"},
		{"an empty model", form(t, "model", "", "@file", "abc"), "names no model"},
		{"n of letters", form(t, "model", "a", "n", "ten"), "whole number"},
		{"n beyond measure", form(t, "model", "a", "n", "129"), "at most 128"},
		{"n that is negative", form(t, "model", "a", "n", "-1"), "whole number"},
		{"stream maybe", form(t, "model", "a", "stream", "maybe"), "true or false"},
		{"another boundary", "--y\r\n" + name + "\r\n--y--\r\n", "does not begin with the boundary"},
		{"a preamble", "hello\r\n" + top + name + end, "does not begin with the boundary"},
		{"an epilogue", top + name + end + top + name + end, "follows its closing boundary"},
		{"cut off", top + name + "\r\n--x-boundary-x", "before its closing boundary"},
		{"cut off in the header", top + "Content-Dis", "before its closing boundary"},
		{"nothing but its end", "--x-boundary-x--", "names no model"},
		{"the boundary and more", top + name + "\r\n--x-boundary-xy\r\n" + file + end, "stands inside a part"},
		{"spaces behind the boundary", top + name + "\r\n--x-boundary-x \r\n" + file + end, "stands inside a part"},
		{"the boundary behind a line feed", top + name + "\n--x-boundary-x\r\n" + file + end, "stands inside a part"},
		{"the boundary behind a carriage return", top + name + "\r--x-boundary-x\r\n" + file + end, "stands inside a part"},
		{"the boundary right behind a header", top + "Content-Disposition: form-data; name=\"a\"\r\n\r\n--x-boundary-x--", "stands inside a part"},
		{"line feeds", strings.ReplaceAll(top+name+end, "\r\n", "\n"), "not followed by a line end"},
		{"no header", top + "\r\nabc" + end, "no header"},
		{"a long header", field("Content-Disposition: form-data; name=\""+strings.Repeat("a", 9000)+`"`, "m"), "more than 8192 bytes"},
		{"an endless header", top + strings.Repeat("a", 9000), "more than 8192 bytes"},
		{"a folded header", field("Content-Disposition: form-data;\r\n name=\"model\"", "m"), "no name"},
		{"a folded header further down", field("Content-Disposition: form-data; name=\"model\"\r\n ;x=y", "m"), "no header field"},
		{"a line feed in a header", field("Content-Disposition: form-data; name=\"x\"\nX: y", "m"), "not UTF-8 text"},
		{"no disposition", field("Content-Type: text/plain", "m"), "no Content-Disposition"},
		{"two dispositions", field("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"", "m"), "twice"},
		{"another disposition", field(`Content-Disposition: attachment; name="model"`, "m"), "not form-data"},
		{"two names", field(`Content-Disposition: form-data; name="a"; name="model"`, "m"), `"name" twice`},
		{"an encoded name", field(`Content-Disposition: form-data; name*=utf-8''model`, "m"), "without the asterisk"},
		{"no name", field(`Content-Disposition: form-data; filename="model"`, "m"), "no name"},
		{"an open quotation", field(`Content-Disposition: form-data; name="model`, "m"), "nothing closes"},
		{"an escaped quotation", field(`Content-Disposition: form-data; filename="a\"; name="model"`, "m"), "%22"},
		{"a name without quotation", field(`Content-Disposition: form-data; name=mo/del`, "m"), "without quotation marks"},
		{"base64", field("Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64", "bQ=="), "send it as it is"},
		{"quoted-printable", field("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable", "=6D"), "send it as it is"},
		{"UTF-16", field("Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=utf-16", "m"), "not plain UTF-8"},
		{"a model that is JSON", field("Content-Disposition: form-data; name=\"model\"\r\nContent-Type: application/json", "m"), "not plain UTF-8"},
		{"parts in parts", field("Content-Disposition: form-data; name=\"files\"\r\nContent-Type: multipart/mixed; boundary=y", "m"), "holds parts"},
		{"many parts", strings.Repeat(top+file+"\r\n", 1025) + end[2:], "more than 1024 parts"},
	} {
		r := request(t, onTranscriptions, c.body)
		r.Header.Set("Content-Type", formType)
		if _, why := refused(t, r, wire.Options{Table: allRoutes}); why.Kind != tallygate.BadRequest || !strings.Contains(why.Message, c.words) {
			t.Errorf("%s: %d, %s", c.name, why.Kind, why.Message)
		}
	}
}

// Only a form, or JSON, is taken where a form is due: what nobody reads nobody has
// authorised.
func TestFormTypes(t *testing.T) {
	good := form(t, "model", "m")
	for _, c := range []struct{ line, kind, body, words string }{
		{onTranscriptions, "multipart/mixed; boundary=x-boundary-x", good, "multipart/form-data"},
		{onTranscriptions, "application/x-www-form-urlencoded", "model=m", "multipart/form-data"},
		{scopedAudio, "text/plain", good, "multipart/form-data"},
		{scopedAudio, "", good, "multipart/form-data"},
		{onEdits, formType, "", "names no model"},
		{onEdits, "application/json", "{}", "names no model"},
		{onEdits, "multipart/form-data", good, "no boundary"},
		{onEdits, "multipart/form-data; boundary=", good, "invalid media parameter"},
		{onEdits, "multipart/form-data; boundary=x-boundary-x; boundary=y", good, "duplicate parameter"},
		{onEdits, "multipart/form-data; boundary*=utf-8''x-boundary-x", good, "no plain boundary"},
		{onEdits, `multipart/form-data; boundary="x-bound\ary-x"`, good, "no plain boundary"},
		{onEdits, `multipart/form-data; boundary="x;y"`, good, "character"},
		{onEdits, "multipart/form-data; boundary=" + strings.Repeat("x", 71), good, "70 bytes"},
	} {
		r := request(t, c.line, c.body)
		r.Header["Content-Type"] = []string{c.kind}
		if _, why := refused(t, r, wire.Options{Table: allRoutes}); why.Kind != tallygate.BadRequest || !strings.Contains(why.Message, c.words) {
			t.Errorf("%s %q: %d, %s", c.line, c.kind, why.Kind, why.Message)
		}
	}
	r := request(t, onTranscriptions, good)
	r.Header["Content-Type"] = []string{formType, "text/plain"}
	if _, why := refused(t, r, wire.Options{Table: allRoutes}); why.Kind != tallygate.BadRequest {
		t.Errorf("two content types: %d, %s", why.Kind, why.Message)
	}
	r = request(t, onTranscriptions, good)
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Content-Encoding", "gzip")
	if _, why := refused(t, r, wire.Options{Table: allRoutes}); why.Code != "UnsupportedContentEncoding" {
		t.Errorf("a compressed form: %s, %s", why.Code, why.Message)
	}
}
