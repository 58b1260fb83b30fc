package h1_test

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// eachTransport runs a test with our transport and with net/http's, which may
// stand in for it: what is true for both is what a caller can rely on.
func eachTransport(t *testing.T, test func(t *testing.T, rt http.RoundTripper)) {
	t.Run("h1", func(t *testing.T) { test(t, newTransport(t)) })
	t.Run("net/http", func(t *testing.T) {
		std := &http.Transport{DisableCompression: true}
		t.Cleanup(std.CloseIdleConnections)
		test(t, std)
	})
}

// answer is what a caller sees of a response.
type answer struct {
	Status  string
	Proto   string
	Header  http.Header
	Body    string
	Length  int64
	TE      []string
	Trailer http.Header
	Err     bool // the body broke off
}

func seen(res *http.Response) answer {
	body, err := io.ReadAll(res.Body)
	a := answer{Status: res.Status, Proto: res.Proto, Header: res.Header, Body: string(body), Length: res.ContentLength,
		TE: res.TransferEncoding, Trailer: res.Trailer, Err: err != nil}
	res.Body.Close()
	return a
}

func TestAnswers(t *testing.T) {
	chunkedHead := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	for _, c := range []struct {
		name, method, script string
		want                 answer
	}{
		{"a body with a length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
			answer{Status: "200 OK", Header: http.Header{"Content-Length": {"5"}}, Body: "hello", Length: 5}},
		{"a header and body that arrive byte by byte", "GET", strings.Join(strings.Split("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ""), "|"),
			answer{Status: "200 OK", Header: http.Header{"Content-Length": {"5"}}, Body: "hello", Length: 5}},
		{"an empty body", "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
			answer{Status: "404 Not Found", Header: http.Header{"Content-Length": {"0"}}}},
		{"field names in any case come canonical, repeated fields are kept in order", "GET",
			"HTTP/1.1 200 OK\r\nx-MS-region:  Sweden Central \t\r\nset-cookie: a\r\nSET-COOKIE: b\r\nempty:\r\ncontent-length: 0\r\n\r\n",
			answer{Status: "200 OK", Header: http.Header{"X-Ms-Region": {"Sweden Central"}, "Set-Cookie": {"a", "b"}, "Empty": {""}, "Content-Length": {"0"}}}},
		{"a status without a reason", "GET", "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n",
			answer{Status: "299 ", Header: http.Header{"Content-Length": {"0"}}}},
		{"the same length twice", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
			answer{Status: "200 OK", Body: "hi", Length: 2}},
		{"chunks", "GET", chunkedHead + "\r\n5\r\nhello\r\n|6;ext=\"x\"\r\n world\r\n|0\r\n\r\n",
			answer{Status: "200 OK", Header: http.Header{}, Body: "hello world", Length: -1, TE: []string{"chunked"}}},
		{"chunks cut at every byte", "GET", chunkedHead + "\r\n" + strings.Join(strings.Split("00a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", ""), "|"),
			answer{Status: "200 OK", Header: http.Header{}, Body: "01234567890123456789", Length: -1, TE: []string{"chunked"}}},
		{"a trailer", "GET", chunkedHead + "Trailer: X-Sum\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 7\r\n\r\n",
			answer{Status: "200 OK", Header: http.Header{}, Body: "hi", Length: -1, TE: []string{"chunked"}, Trailer: http.Header{"X-Sum": {"7"}}}},
		{"a body until the connection closes", "GET", "HTTP/1.1 200 OK\r\n\r\nhello| worldEOF",
			answer{Status: "200 OK", Header: http.Header{}, Body: "hello world", Length: -1}},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhiEOF",
			answer{Status: "200 OK", Proto: "HTTP/1.0", Header: http.Header{"Content-Length": {"2"}}, Body: "hi", Length: 2}},
		{"HEAD has a length but no body", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
			answer{Status: "200 OK", Header: http.Header{"Content-Length": {"500"}}, Length: 500}},
		{"204 has no body", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n",
			answer{Status: "204 No Content", Header: http.Header{}}},
		{"304 has no body, whatever its length says", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nEtag: x\r\n\r\n",
			answer{Status: "304 Not Modified", Header: http.Header{"Content-Length": {"10"}, "Etag": {"x"}}}},
		{"interim answers are skipped", "GET", "HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
			answer{Status: "200 OK", Header: http.Header{"Content-Length": {"2"}}, Body: "hi", Length: 2}},
		{"a body shorter than its length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelEOF",
			answer{Status: "200 OK", Header: http.Header{"Content-Length": {"5"}}, Body: "hel", Length: 5, Err: true}},
		{"chunks without the last one", "GET", chunkedHead + "\r\n3\r\nhel\r\nEOF",
			answer{Status: "200 OK", Header: http.Header{}, Body: "hel", Length: -1, TE: []string{"chunked"}, Err: true}},
		{"a chunk that breaks off", "GET", chunkedHead + "\r\n5\r\nhelEOF",
			answer{Status: "200 OK", Header: http.Header{}, Body: "hel", Length: -1, TE: []string{"chunked"}, Err: true}},
		{"a chunk size that is no number", "GET", chunkedHead + "\r\n3\r\nhel\r\nxyz\r\n",
			answer{Status: "200 OK", Header: http.Header{}, Body: "hel", Length: -1, TE: []string{"chunked"}, Err: true}},
		{"a header of 8 KiB", "GET", "HTTP/1.1 200 OK\r\nLong: " + strings.Repeat("x", 8<<10) + "\r\nContent-Length: 2\r\n\r\nhi",
			answer{Status: "200 OK", Header: http.Header{"Long": {strings.Repeat("x", 8<<10)}, "Content-Length": {"2"}}, Body: "hi", Length: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
				s := answers(t, c.script)
				res, err := rt.RoundTrip(newRequest(t, c.method, s.URL("/"), nil))
				if err != nil {
					t.Fatal(err)
				}
				want := c.want
				if want.Proto == "" {
					want.Proto = "HTTP/1.1"
				}
				got := seen(res)
				if want.Header == nil {
					got.Header = nil
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
}

// What has no answer that could be told fails before the body, with both.
func TestAnswersRefusedByBoth(t *testing.T) {
	for _, script := range []string{
		"EOF", "HTTP/1.1 200 OKEOF", "HTTP/1.1 200 OK\r\nContent-Le", "\x16\x03\x01EOF", "SSH-2.0-x\r\n\r\nEOF",
		"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 -12 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		t.Run(script, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
				s := answers(t, strings.TrimSuffix(script, "EOF")+"EOF")
				res, err := rt.RoundTrip(newRequest(t, "POST", s.URL("/"), strings.NewReader("x")))
				if err == nil {
					t.Errorf("got %s %v", res.Status, res.Header)
					res.Body.Close()
				}
			})
		})
	}
}

// echo answers with what it got: the request line, the framing, length and digest
// of the body.
func echo(nc net.Conn, br *bufio.Reader) {
	for {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		sum := sha256.New()
		n, err := io.Copy(sum, req.Body)
		if err != nil {
			return
		}
		body := fmt.Sprintf("%s %s host=%s te=%v len=%d hdr=%v n=%d sha=%x", req.Method, req.RequestURI, req.Host, req.TransferEncoding,
			req.ContentLength, req.Header["X-Value"], n, sum.Sum(nil)[:4])
		fmt.Fprintf(nc, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
}

func TestRequests(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 20_000) // 320 kB
	digest := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return fmt.Sprintf("n=%d sha=%x", len(s), sum[:4])
	}
	type opaque struct{ io.Reader } // hides WriterTo and the length
	for _, c := range []struct {
		name string
		make func(t *testing.T, url string) *http.Request
		want string
	}{
		{"a GET without a body", func(t *testing.T, url string) *http.Request { return newRequest(t, "GET", url+"/a/b?c=d", nil) },
			"GET /a/b?c=d host=HOST te=[] len=0 hdr=[] " + digest("")},
		{"an empty method is GET, an empty path is a slash", func(t *testing.T, url string) *http.Request {
			req := newRequest(t, "", url, nil)
			req.Method = ""
			return req
		}, "GET / host=HOST te=[] len=0 hdr=[] " + digest("")},
		{"escapes in path and query stay as they are", func(t *testing.T, url string) *http.Request {
			return newRequest(t, "GET", url+"/a%2Fb/%7e?x=%20+y%3d", nil)
		}, "GET /a%2Fb/%7e?x=%20+y%3d host=HOST te=[] len=0 hdr=[] " + digest("")},
		{"an opaque target goes as it is", func(t *testing.T, url string) *http.Request {
			req := newRequest(t, "GET", url, nil)
			req.URL.Opaque, req.URL.RawQuery = "/openai/deployments/a%2fb", "api-version=2024-10-21"
			return req
		}, "GET /openai/deployments/a%2fb?api-version=2024-10-21 host=HOST te=[] len=0 hdr=[] " + digest("")},
		{"Host is the request's own", func(t *testing.T, url string) *http.Request {
			req := newRequest(t, "GET", url+"/", nil)
			req.Host = "example.com:8080"
			return req
		}, "GET / host=example.com:8080 te=[] len=0 hdr=[] " + digest("")},
		{"a small body", func(t *testing.T, url string) *http.Request {
			return newRequest(t, "POST", url+"/", strings.NewReader("hello"))
		}, "POST / host=HOST te=[] len=5 hdr=[] " + digest("hello")},
		{"a small body that is only a Reader", func(t *testing.T, url string) *http.Request {
			req := newRequest(t, "POST", url+"/", opaque{strings.NewReader("hello")})
			req.ContentLength = 5
			return req
		}, "POST / host=HOST te=[] len=5 hdr=[] " + digest("hello")},
		{"a large body", func(t *testing.T, url string) *http.Request {
			return newRequest(t, "POST", url+"/", strings.NewReader(big))
		}, "POST / host=HOST te=[] len=320000 hdr=[] " + digest(big)},
		{"a large body that is only a Reader", func(t *testing.T, url string) *http.Request {
			req := newRequest(t, "POST", url+"/", opaque{strings.NewReader(big)})
			req.ContentLength = int64(len(big))
			return req
		}, "POST / host=HOST te=[] len=320000 hdr=[] " + digest(big)},
		{"a body of unknown length", func(t *testing.T, url string) *http.Request {
			return newRequest(t, "POST", url+"/", opaque{strings.NewReader(big)})
		}, "POST / host=HOST te=[chunked] len=-1 hdr=[] " + digest(big)},
		{"a POST without a body says so", func(t *testing.T, url string) *http.Request { return newRequest(t, "POST", url+"/", nil) },
			"POST / host=HOST te=[] len=0 hdr=[] " + digest("")},
		{"headers that frame are not the caller's to set; repeated ones go in order", func(t *testing.T, url string) *http.Request {
			req := newRequest(t, "POST", url+"/", strings.NewReader("hello"))
			req.Header = http.Header{"Host": {"evil"}, "Content-Length": {"7"}, "Transfer-Encoding": {"chunked"}, "Trailer": {"x"}, "X-Value": {"a", "b\tc"}}
			return req
		}, "POST / host=HOST te=[] len=5 hdr=[a b\tc] " + digest("hello")},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
				s := startServer(t, echo)
				want := strings.ReplaceAll(c.want, "HOST", s.Addr().String())
				for range 3 { // the second and third on the same connection
					_, got := fetch(t, rt, c.make(t, "http://"+s.Addr().String()))
					if got != want {
						t.Errorf("the server saw\n %s, want\n %s", got, want)
					}
				}
			})
		})
	}
}

// Neither sends a request that could be read as two.
func TestRequestsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request){
		"a line end in a value":                func(r *http.Request) { r.Header.Set("X-A", "a\r\nX-B: b") },
		"a line feed in a value":               func(r *http.Request) { r.Header.Set("X-A", "a\nb") },
		"NUL in a value":                       func(r *http.Request) { r.Header.Set("X-A", "a\x00b") },
		"a line end in a name":                 func(r *http.Request) { r.Header["A\r\nB"] = []string{"x"} },
		"an empty name":                        func(r *http.Request) { r.Header[""] = []string{"x"} },
		"a line end in the method":             func(r *http.Request) { r.Method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET" },
		"a line end in the target":             func(r *http.Request) { r.URL.Opaque = "/a\r\nX: y" },
		"a line end in the query":              func(r *http.Request) { r.URL.RawQuery = "a\r\nX: y" },
		"a body where the length says too few": func(r *http.Request) { r.ContentLength = 3 },
		"a body where the length says too many": func(r *http.Request) {
			r.ContentLength = 30
		},
		"a length without a body": func(r *http.Request) { r.Body, r.ContentLength = nil, 3 },
		"no host":                 func(r *http.Request) { r.URL.Host = "" },
		"a scheme of its own":     func(r *http.Request) { r.URL.Scheme = "ftp" },
		"no URL":                  func(r *http.Request) { r.URL = nil },
	} {
		t.Run(name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
				up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
				t.Cleanup(up.Close)
				closed := &closeCounter{Reader: strings.NewReader("hello")}
				req := newRequest(t, "POST", up.URL, closed)
				req.ContentLength = 5
				spoil(req)
				had := req.Body != nil
				res, err := rt.RoundTrip(req)
				_, ours := rt.(*h1.Transport)
				if err == nil {
					res.Body.Close()
				}
				// net/http may have its answer before it notices a wrong length.
				if err == nil && (ours || !strings.Contains(name, "length")) {
					t.Errorf("got %s", res.Status)
				}
				if had && closed.n.Load() == 0 {
					t.Error("the body was not closed")
				}
				if ours {
					if e, ok := errors.AsType[*h1.Error](err); !ok || e.Sent() {
						t.Errorf("error is %#v, want an *Error of a request that was not sent", err)
					}
				}
			})
		})
	}
}
