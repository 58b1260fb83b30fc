package h1_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// The benchmarks measure what a proxy's process costs, so they run it apart: this
// test binary started again with this variable set to "kind upstream-url".
const proxyEnv = "H1_BENCH_PROXY"

func TestMain(m *testing.M) {
	if ask := os.Getenv(proxyEnv); ask != "" {
		kind, upstream, _ := strings.Cut(ask, " ")
		if err := runProxy(kind, upstream); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runProxy serves until its standard input ends.
func runProxy(kind, upstream string) error {
	u, err := url.Parse(upstream)
	if err != nil {
		return err
	}
	insecure := &tls.Config{InsecureSkipVerify: true}
	std := http.DefaultTransport.(*http.Transport).Clone()
	std.MaxIdleConns, std.MaxIdleConnsPerHost, std.DisableCompression = 10000, 10000, true
	std.ForceAttemptHTTP2, std.TLSClientConfig = false, insecure
	own := &h1.Transport{MaxIdlePerHost: 10000, TLS: insecure}
	var h http.Handler
	switch kind {
	case "reverseproxy":
		h = &httputil.ReverseProxy{Transport: std, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
	case "reverseproxy+h1":
		h = &httputil.ReverseProxy{Transport: own, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
	case "transport":
		h = forward(u, std)
	case "h1":
		h = forward(u, own)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	srv := &http.Server{Handler: h, Protocols: cleartext(), ErrorLog: log.New(io.Discard, "", 0)}
	go srv.Serve(l)
	io.Copy(io.Discard, os.Stdin)
	return srv.Close()
}

// cleartext is HTTP/1.1 and HTTP/2, both without TLS.
func cleartext() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// forward is the least a gateway does: read the body, send it on, stream the
// answer back.
func forward(u *url.URL, rt http.RoundTripper) http.Handler {
	pool := sync.Pool{New: func() any { return new([32 << 10]byte) }}
	return http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		req := (&http.Request{
			Method: in.Method, URL: &url.URL{Scheme: u.Scheme, Host: u.Host, Opaque: in.URL.EscapedPath(), RawQuery: in.URL.RawQuery},
			Host: u.Host, Header: in.Header, Body: in.Body, ContentLength: in.ContentLength,
		}).WithContext(in.Context())
		res, err := rt.RoundTrip(req)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		for k, v := range res.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(res.StatusCode)
		stream := res.ContentLength < 0
		flush := w.(http.Flusher)
		if b, ok := res.Body.(*h1.Body); ok {
			for {
				p, err := b.Next()
				if err != nil {
					return
				}
				w.Write(p)
				if stream {
					flush.Flush()
				}
			}
		}
		buf := pool.Get().(*[32 << 10]byte)
		defer pool.Put(buf)
		for {
			n, err := res.Body.Read(buf[:])
			w.Write(buf[:n])
			if err != nil {
				return
			}
			if stream {
				flush.Flush()
			}
		}
	})
}

var (
	chatAnswer = `{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"` +
		strings.Repeat("word ", 80) + `"}}],"usage":{"prompt_tokens":20,"completion_tokens":80,"total_tokens":100}}`
	chatChunk = "data: " + `{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"` +
		strings.Repeat("x", 170) + `"}}]}` + "\n\n"
)

// stub answers like Azure OpenAI: a completion, or with ?n= and ?delay= so many
// chunks so far apart.
func stub(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	h := w.Header()
	for _, name := range []string{"apim-request-id", "x-request-id", "x-ms-region", "x-ratelimit-remaining-requests",
		"x-ratelimit-remaining-tokens", "x-ms-deployment-name", "strict-transport-security", "azureml-model-session"} {
		h.Set(name, "0c0f1cfe-21f3-4b10-9a2f-2f6b9e2b1d11")
	}
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	if n == 0 {
		h.Set("Content-Type", "application/json")
		io.WriteString(w, chatAnswer)
		return
	}
	delay, _ := time.ParseDuration(r.URL.Query().Get("delay"))
	h.Set("Content-Type", "text/event-stream")
	for range n {
		if delay > 0 {
			time.Sleep(delay)
		}
		io.WriteString(w, chatChunk)
		w.(http.Flusher).Flush()
	}
}

// proxied starts a proxy before an upstream and returns its address and its
// process's CPU clock.
func proxied(b *testing.B, kind string, secure bool) (addr string, cpu func() time.Duration) {
	b.Helper()
	up := httptest.NewUnstartedServer(http.HandlerFunc(stub))
	if secure {
		up.StartTLS()
	} else {
		up.Start()
	}
	b.Cleanup(up.Close)
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	if taskset, err := exec.LookPath("taskset"); err == nil {
		cmd = exec.Command(taskset, "-c", "1", os.Args[0])
	}
	cmd.Env = append(os.Environ(), proxyEnv+"="+kind+" "+up.URL)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line), func() time.Duration { return cpuOf(b, cmd.Process.Pid) }
}

// cpuOf returns the CPU time of a process's living threads.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		b.Skip("no /proc/PID/task/*/schedstat here")
	}
	sum := int64(0)
	for _, name := range files {
		raw, _ := os.ReadFile(name)
		first, _, _ := strings.Cut(string(raw), " ")
		n, _ := strconv.ParseInt(first, 10, 64)
		sum += n
	}
	return time.Duration(sum)
}

// ask sends the same request over and over on one connection, total of all
// connections times, and reads whole answers.
func ask(b *testing.B, addr, target string, total, conns int) {
	b.Helper()
	body := `{"messages":[{"role":"user","content":"` + strings.Repeat("word ", 70) + `"}]}`
	raw := []byte("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer key\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	var wg sync.WaitGroup
	for i := range conns {
		n := total / conns
		if i < total%conns {
			n++
		}
		wg.Go(func() {
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				b.Error(err)
				return
			}
			defer nc.Close()
			br := bufio.NewReader(nc)
			for range n {
				nc.Write(raw)
				if err := skipAnswer(br); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func skipAnswer(br *bufio.Reader) error {
	line, err := br.ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("%q %v", line, err)
	}
	length := -1
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
	}
	if length >= 0 {
		_, err := br.Discard(length)
		return err
	}
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return err
		}
		if _, err := br.Discard(int(n) + 2); err != nil || n == 0 {
			return err
		}
	}
}

// askHTTP2 sends total requests over one HTTP/2 connection, so many at a time.
func askHTTP2(b *testing.B, addr, target string, total, streams int) {
	b.Helper()
	std := &http.Transport{Protocols: new(http.Protocols)}
	std.Protocols.SetUnencryptedHTTP2(true)
	defer std.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(total))
	var wg sync.WaitGroup
	for range streams {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				req := newRequest(b, "POST", "http://"+addr+target, strings.NewReader(strings.Repeat("word ", 80)))
				res, err := std.RoundTrip(req)
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, res.Body)
				if res.Body.Close(); res.ProtoMajor != 2 || res.StatusCode != 200 {
					b.Error(res.Proto, res.Status)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkProxy reports the CPU that a proxy's process spends on a chat, and on a
// chunk of a stream, with each client.
func BenchmarkProxy(b *testing.B) {
	for _, secure := range []bool{false, true} {
		for _, kind := range []string{"h1", "transport", "reverseproxy+h1", "reverseproxy"} {
			scheme := map[bool]string{false: "http", true: "https"}[secure]
			for _, load := range []struct {
				name, target  string
				chunks, conns int
			}{
				{"chat", "/chat", 1, 64},
				{"burst", "/chat?n=500", 500, 16},
				{"paced", "/chat?n=10&delay=20ms", 10, 100},
				{"http2", "/chat", 1, 64},
			} {
				b.Run(scheme+"/"+load.name+"/"+kind, func(b *testing.B) {
					addr, cpu := proxied(b, kind, secure)
					ask := ask
					if load.name == "http2" {
						ask = askHTTP2
					}
					ask(b, addr, load.target, 2*load.conns, load.conns)
					total := max(b.N/load.chunks, load.conns)
					before := cpu()
					b.ResetTimer()
					ask(b, addr, load.target, total, load.conns)
					b.StopTimer()
					b.ReportMetric(float64((cpu()-before).Nanoseconds())/1e3/float64(total*load.chunks), "proxy-µs/op")
				})
			}
		}
	}
}
