package wire_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// post returns a chat request with a body as it comes from r; length is -1 for a
// chunked one.
func post(t *testing.T, r io.Reader, length int64) *http.Request {
	t.Helper()
	req := request(t, onDeployment, "")
	req.Header.Set("Content-Type", "application/json")
	req.Body, req.ContentLength = io.NopCloser(r), length
	return req
}

// script is a body that comes in the given pieces and ends in err. It notes how
// much room it was offered at most.
type script struct {
	pieces  []string
	err     error
	offered int
}

func (s *script) Read(p []byte) (int, error) {
	s.offered = max(s.offered, len(p))
	if len(s.pieces) == 0 {
		return 0, s.err
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; s.pieces[0] == "" {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

// A body that does not come whole is refused for what happened to it.
func TestBrokenBody(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		err    error
		length int64
		ctx    context.Context
		kind   tallygate.Kind
		words  string
	}{
		{"shorter than said", io.ErrUnexpectedEOF, 100, nil, tallygate.BadRequest, "ended early, after 12 bytes of 100"},
		{"shorter than said, and the reader minds not", io.EOF, 100, nil, tallygate.BadRequest, "has 12 bytes, but Content-Length says 100"},
		{"longer than said", io.EOF, 5, nil, tallygate.BadRequest, "has 12 bytes, but Content-Length says 5"},
		{"a chunk cut short", io.ErrUnexpectedEOF, -1, nil, tallygate.BadRequest, "ended early, after 12 bytes."},
		{"a chunk that is none", errors.New("invalid byte in chunk length"), -1, nil, tallygate.BadRequest, "could not be read"},
		{"the deadline", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, 100, nil, tallygate.RequestTimeout, "12 bytes were there"},
		{"the deadline, which ends the context too", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, 100, gone, tallygate.RequestTimeout, "12 bytes were there"},
		{"a reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, 100, nil, tallygate.Canceled, "closed"},
		{"the client is gone", io.ErrUnexpectedEOF, 100, gone, tallygate.Canceled, "closed"},
		{"another limit", &http.MaxBytesError{Limit: 7}, 100, nil, tallygate.TooLarge, "7 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := post(t, &script{pieces: []string{`{"messages":`}, err: c.err}, c.length)
			if c.ctx != nil {
				r = r.WithContext(c.ctx)
			}
			_, why := refused(t, r, wire.Options{Table: allRoutes})
			if why.Kind != c.kind || !strings.Contains(why.Message, c.words) {
				t.Errorf("refused as %d: %s", why.Kind, why.Message)
			}
		})
	}
}

// A body whose length is told wrongly is refused also as it comes from a
// connection; a length beside chunks counts for nothing.
func TestLyingBody(t *testing.T) {
	const body = `{"messages":[]}` // 15 bytes
	chunks := func(text string) string { return "Transfer-Encoding: chunked\r\n\r\n" + text }
	for _, c := range []struct{ name, rest, words string }{
		{"the truth", "Content-Length: 15\r\n\r\n" + body, ""},
		{"larger than the body", "Content-Length: 16\r\n\r\n" + body, "ended early, after 15 bytes of 16"},
		{"smaller than the body", "Content-Length: 14\r\n\r\n" + body, "not valid JSON"},
		{"none at all", "Content-Length: 0\r\n\r\n" + body, "empty"},
		{"chunks", chunks("f\r\n" + body + "\r\n0\r\n\r\n"), ""},
		{"chunks beside a length", "Content-Length: 3\r\n" + chunks("f\r\n"+body+"\r\n0\r\n\r\n"), ""},
		{"a chunk larger than it is", chunks("ff\r\n" + body), "ended early, after 15 bytes."},
		{"a chunk smaller than it is", chunks("e\r\n" + body + "\r\n0\r\n\r\n"), "could not be read"},
		{"no last chunk", chunks("f\r\n" + body + "\r\n"), "ended early, after 15 bytes."},
		{"no chunk", chunks("0\r\n\r\n"), "empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := "POST /openai/deployments/d/chat/completions" + dated + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + c.rest)))
			if err != nil {
				t.Fatal(err)
			}
			if c.words == "" {
				if q := read(t, r); string(q.JSON()) != body || q.BodyBytes != 15 {
					t.Errorf("read as %q, %d bytes", q.JSON(), q.BodyBytes)
				}
				return
			}
			if _, why := refused(t, r, wire.Options{Table: allRoutes}); why.Kind != tallygate.BadRequest || !strings.Contains(why.Message, c.words) {
				t.Errorf("refused as %d: %s", why.Kind, why.Message)
			}
		})
	}
}

// Memory grows with what comes, not with what a client says will come.
func TestLyingLength(t *testing.T) {
	s := &script{pieces: []string{"{"}, err: io.ErrUnexpectedEOF}
	refused(t, post(t, s, 100<<20-1), wire.Options{Table: allRoutes})
	if s.offered > 1<<20 {
		t.Errorf("%d bytes were reserved for a body of one", s.offered)
	}
}

// A body is taken up to the limit and not a byte over it, whether its length is
// said or not; what says that it is over is not read at all.
func TestTooLarge(t *testing.T) {
	body := `{"messages":[` + strings.Repeat(" ", 10_000) + `]}`
	limit := int64(len(body))
	for _, length := range []int64{limit, -1} {
		read(t, post(t, strings.NewReader(body), length))
		q, err := wire.Read(post(t, strings.NewReader(body), length), wire.Options{Table: allRoutes, MaxBody: limit})
		q.Close()
		if err != nil {
			t.Errorf("at the limit, length %d: %v", length, err)
		}
		s := &script{pieces: []string{body}, err: io.EOF}
		_, why := refused(t, post(t, s, length), wire.Options{Table: allRoutes, MaxBody: limit - 1})
		if why.Kind != tallygate.TooLarge || !strings.Contains(why.Message, fmt.Sprint(limit-1)) {
			t.Errorf("over the limit, length %d: %d, %s", length, why.Kind, why.Message)
		}
		if length >= 0 && s.offered > 0 {
			t.Error("a body that says it is too large was read")
		}
	}
	r := post(t, strings.NewReader(body), limit)
	r.Header.Del("Content-Type")
	r.URL.Path = "/openai/files"
	if _, why := refused(t, r, wire.Options{Table: allRoutes, MaxBody: limit - 1}); why.Kind != tallygate.TooLarge {
		t.Errorf("over the limit, content type unsaid: %d, %s", why.Kind, why.Message)
	}
}

// The content type decides what is read, but not on routes that take JSON only: no
// other type gets a prompt past the peek.
func TestContentTypes(t *testing.T) {
	const object, text = ` {"model":"m","max_tokens":7}`, `--x`
	const parts = "--x\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--x--\r\n"
	for _, c := range []struct {
		line, contentType, body string
		peeked                  bool
	}{
		{"POST /v1/rerank", "application/json", object, true},
		{"POST /v1/rerank", "Application/JSON; charset=utf-8", object, true},
		{"POST /v1/rerank", "application/vnd.api+json", object, true},
		{"POST /v1/rerank", "", object, true},
		{"POST /v1/rerank", "", text, false},
		{"POST /v1/rerank", "", strings.Repeat(" ", 5000) + object, true},
		{"POST /v1/rerank", "", "\n \t" + text, false},
		{"POST /v1/rerank", "", "  ", false},
		{"POST /v1/rerank", "text/plain", object, false},
		{"POST /v1/files", "multipart/form-data; boundary=x", parts, false},
		{"POST /v1/files", "application/jsonl", object, false},
		{"POST /v1/images/edits", "multipart/form-data; boundary=x", parts, false},
		{"POST /v1/images/edits", "application/json", object, true},
		{"POST /v1/audio/transcriptions", "multipart/form-data; boundary=x", parts, false},
		{onChat, "", object, true},
		{onChat, "text/plain", object, true},
		{onChat, "application/x-www-form-urlencoded", object, true},
		{onChat, "multipart/form-data; boundary=x", object, true},
	} {
		for _, length := range []int64{int64(len(c.body)), -1} {
			r := request(t, c.line, c.body)
			r.Header["Content-Type"] = []string{c.contentType}
			r.ContentLength = length
			q := read(t, r)
			if q.Peeked() != c.peeked || !q.Replayable() || q.Peeked() && (q.Model != "m" || q.MaxTokens != 7) {
				t.Errorf("%s %q %q: peeked %v, replayable %v, %+v", c.line, c.contentType, c.body, q.Peeked(), q.Replayable(), q.Ask)
			}
			b := q.Body("m", wire.Edits{})
			rc := b.NewReader()
			got, err := io.ReadAll(rc)
			rc.Close()
			if diff := cmp.Diff(c.body, string(got)); diff != "" || err != nil {
				t.Errorf("%s %q: %v (-want +got)\n%s", c.line, c.contentType, err, diff)
			}
			if n := int64(len(c.body)); b.Len() != n || q.BodyBytes != n {
				t.Errorf("%s %q: Len %d, BodyBytes %d, want %d", c.line, c.contentType, b.Len(), q.BodyBytes, n)
			}
		}
	}
}

// Requests that have a content type but no body are taken as such; openai-node
// says application/json on GET and DELETE.
func TestContentTypeWithoutBody(t *testing.T) {
	for _, line := range []string{"GET /openai/v1/files", "DELETE /openai/v1/files/f", "POST /openai/v1/responses/r/cancel"} {
		for _, length := range []int64{0, -1} {
			r := request(t, line, "")
			r.Header.Set("Content-Type", "application/json")
			r.Body, r.ContentLength = newBody(""), length
			if q := read(t, r); q.Peeked() || !q.Replayable() {
				t.Errorf("%s, length %d: peeked %v, replayable %v", line, length, q.Peeked(), q.Replayable())
			}
		}
	}
	for _, length := range []int64{0, -1} {
		if _, why := refused(t, post(t, strings.NewReader(""), length), wire.Options{Table: allRoutes}); why.Kind != tallygate.BadRequest {
			t.Errorf("an empty chat body of length %d: %d, %s", length, why.Kind, why.Message)
		}
	}
}

// Compressed bodies are refused in clear words where they would have to be read,
// and left alone elsewhere.
func TestContentEncoding(t *testing.T) {
	for encoding, ok := range map[string]bool{"gzip": false, "br": false, "identity": true, " Identity ": true, "": true} {
		r := request(t, onChat, hello)
		r.Header.Set("Content-Encoding", encoding)
		q, err := wire.Read(r, wire.Options{Table: allRoutes})
		q.Close()
		if ok != (err == nil) {
			t.Errorf("%q: %v", encoding, err)
		}
		if !ok && !strings.Contains(err.Error(), "without Content-Encoding") {
			t.Errorf("%q: %v", encoding, err)
		}
	}
	r := request(t, "POST /v1/rerank", "xx")
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("Content-Encoding", "gzip")
	read(t, r)
}

// What of a body cannot be kept is streamed, once. An attempt that failed before it took
// any of that does not count, and no attempt closes what belongs to the server.
func TestStreamedOnce(t *testing.T) {
	text := strings.Repeat("abcd", 1<<20)
	for _, length := range []int64{int64(len(text)), -1} {
		r := request(t, "POST /v1/files", text)
		r.Header.Set("Content-Type", "application/jsonl")
		r.Body, r.ContentLength = closeFails{r.Body, t}, length
		q, err := wire.Read(r, wire.Options{Table: allRoutes, Memory: wire.NewMemory(4<<20, "")})
		//lint:ignore SA5001 the request is never nil
		defer q.Close()
		if err != nil {
			t.Fatal(err)
		}
		body := q.Body("", wire.Edits{})
		first := body.NewReader()
		if _, err := first.Read(make([]byte, 1000)); err != nil || !q.Replayable() || body.Len() != length {
			t.Errorf("length %d, replayable %v, %v", body.Len(), q.Replayable(), err)
		}
		first.Close()
		if _, err := first.Read(make([]byte, 1)); err == nil {
			t.Error("a closed reader reads")
		}
		second := body.NewReader()
		if got, err := io.ReadAll(second); string(got) != text || err != nil || q.Replayable() {
			t.Errorf("the second attempt reads %d bytes, %v, replayable %v", len(got), err, q.Replayable())
		}
		second.Close()
		if got, err := io.ReadAll(body.NewReader()); err == nil {
			t.Errorf("the third attempt reads %d bytes", len(got))
		}
	}
}

type closeFails struct {
	io.ReadCloser
	t *testing.T
}

func (c closeFails) Close() error {
	c.t.Error("the server's body was closed")
	return nil
}

// A body of 30 MB, such as one with images, is read whole from a real server and
// sent on byte for byte; a client that hangs up in its middle is told from that.
func TestLargeBodyOverNetwork(t *testing.T) {
	image := strings.Repeat("QUJD", 7<<20)
	body := `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + image + `"}}]}],"max_tokens":5}`
	seen := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := wire.Read(r, wire.Options{Table: allRoutes})
		//lint:ignore SA5001 the request is never nil
		defer q.Close()
		if err == nil {
			b := q.Body("d", wire.Edits{})
			var out strings.Builder
			if _, err = b.WriteTo(&out); err == nil && (out.String() != body || q.MaxTokens != 5 || q.PromptChars() > 100) {
				err = fmt.Errorf("sent on %d bytes, max_tokens %d, %d characters", out.Len(), q.MaxTokens, q.PromptChars())
			}
		}
		seen <- err
	}))
	defer server.Close()
	url := server.URL + "/openai/deployments/d/chat/completions" + dated
	for _, in := range []io.Reader{strings.NewReader(body), struct{ io.Reader }{strings.NewReader(body)}} { // with a length, and chunked
		res, err := http.Post(url, "application/json", in)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if err := <-seen; err != nil {
			t.Error(err)
		}
	}
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /openai/deployments/d/chat/completions%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", dated, len(body), body[:1<<20])
	conn.Close()
	if why := tallygate.AsError(<-seen); why == nil || why.Kind != tallygate.BadRequest && why.Kind != tallygate.Canceled {
		t.Errorf("after a hang-up: %v", why)
	}
}

// A client that sends too slowly for the server's read deadline is refused with
// RequestTimeout.
func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan error, 1)
		here, there := net.Pipe()
		server := &http.Server{
			ReadTimeout: 30 * time.Second,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q, err := wire.Read(r, wire.Options{Table: allRoutes})
				q.Close()
				seen <- err
			}),
		}
		listener := &onceListener{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		listener.conn <- there
		done := make(chan struct{})
		go func() {
			defer close(done)
			server.Serve(listener)
		}()
		began := time.Now()
		fmt.Fprintf(here, "POST /openai/deployments/d/chat/completions%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n", dated)
		for i := range 20 {
			if _, err := here.Write([]byte(" ")); err != nil {
				t.Fatalf("after %d bytes: %v", i, err)
			}
			time.Sleep(time.Second)
		}
		why := tallygate.AsError(<-seen)
		if why == nil || why.Kind != tallygate.RequestTimeout || !strings.Contains(why.Message, "20 bytes") {
			t.Errorf("got %v", why)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
		bufio.NewReader(here).ReadString('\n')
		here.Close()
		server.Close()
		<-done
	})
}

// onceListener gives out one connection.
type onceListener struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *onceListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *onceListener) Close() error   { close(l.closed); return nil }
func (l *onceListener) Addr() net.Addr { return &net.IPAddr{} }
