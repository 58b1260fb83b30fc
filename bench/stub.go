package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// The upstream's answers. They never change, so the load knows their lengths.
const (
	azureHeader = "apim-request-id: 3a1c7f0e-5b8d-4c2e-9f61-7d20b4f6a9c3\r\nx-request-id: 0b2f6a51-c1de-4d0a-8f4b-92a4e6f1d7aa\r\n" +
		"x-ms-region: Sweden Central\r\nx-ms-deployment-name: gpt-4o\r\nx-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 1000000\r\n" +
		"x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 999744\r\nazureml-model-session: d001-20241120\r\n" +
		"x-content-type-options: nosniff\r\nstrict-transport-security: max-age=31536000; includeSubDomains; preload\r\n"

	completion = `{"id":"chatcmpl-BenchBenchBenchBenchBench001","object":"chat.completion","created":1763700000,"model":"gpt-4o-2024-11-20",` +
		`"system_fingerprint":"fp_ee1d74bde0","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant",` +
		`"content":"The quick brown fox jumps over the lazy dog, again and again, until the benchmark ends.","refusal":null}}],` +
		`"usage":{"prompt_tokens":57,"completion_tokens":19,"total_tokens":76,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},` +
		`"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}}`

	chunkHead = `data: {"id":"chatcmpl-BenchBenchBenchBenchBench001","object":"chat.completion.chunk","created":1763700000,` +
		`"model":"gpt-4o-2024-11-20","system_fingerprint":"fp_ee1d74bde0",`
	roleChunk    = chunkHead + `"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}` + "\n\n"
	contentChunk = chunkHead + `"choices":[{"index":0,"delta":{"content":" fox"},"content_filter_results":{},"logprobs":null,"finish_reason":null}],"usage":null}` + "\n\n"
	stopChunk    = chunkHead + `"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}` + "\n\n"
	usageChunk   = chunkHead + `"choices":[],"usage":{"prompt_tokens":57,"completion_tokens":50,"total_tokens":107}}` + "\n\n"
	doneChunk    = "data: [DONE]\n\n"
)

// streamed is the length and number of the events of a stream with n content
// chunks.
func streamed(n int) (bytes, events int) {
	return len(roleChunk) + n*len(contentChunk) + len(stopChunk) + len(usageChunk) + len(doneChunk), n + 4
}

// seed tells the upstream, through any proxy, how many content chunks to send and
// how far apart. Every gateway hands on the seed field.
func seed(chunks int, delay time.Duration) int { return chunks*1_000_000 + int(delay.Milliseconds()) }

// runStub is the upstream: it answers chat completions until its standard input
// ends. It is written against the socket, so that it costs the shared core little.
func runStub(args []string) error {
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		l.Close()
	}()
	for {
		nc, err := l.Accept()
		if err != nil {
			return nil
		}
		go func() {
			defer nc.Close()
			serveStub(nc)
		}()
	}
}

func serveStub(nc net.Conn) {
	br := bufio.NewReader(nc)
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(completion)) + "\r\n" +
		azureHeader + "\r\n" + completion)
	var body []byte
	for {
		var err error
		if body, err = readRequest(br, body[:0]); err != nil {
			return
		}
		if !bytes.Contains(body, []byte(`"stream":true`)) {
			if _, delay := planned(body); delay > 0 {
				time.Sleep(delay)
			}
			_, err = nc.Write(answer)
		} else {
			err = stream(nc, body)
		}
		if err != nil {
			return
		}
	}
}

// readRequest reads one request of a known length and returns its body.
func readRequest(br *bufio.Reader, body []byte) ([]byte, error) {
	length := 0
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok {
			switch strings.ToLower(string(name)) {
			case "content-length":
				length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			case "transfer-encoding":
				return nil, fmt.Errorf("the upstream knows no chunked requests")
			}
		}
	}
	if cap(body) < length {
		body = make([]byte, length)
	}
	body = body[:length]
	_, err := io.ReadFull(br, body)
	return body, err
}

// planned reads what seed has written.
func planned(body []byte) (chunks int, delay time.Duration) {
	n := 0
	if _, after, ok := bytes.Cut(body, []byte(`"seed":`)); ok {
		for _, d := range after {
			if d < '0' || d > '9' {
				break
			}
			n = n*10 + int(d-'0')
		}
	}
	return n / 1_000_000, time.Duration(n%1_000_000) * time.Millisecond
}

// stream writes each event at once, as a chunk of its own.
func stream(nc net.Conn, body []byte) error {
	chunks, delay := planned(body)
	first := "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n" + azureHeader + "\r\n" + framed(roleChunk)
	if _, err := io.WriteString(nc, first); err != nil {
		return err
	}
	next := time.Now()
	content := []byte(framed(contentChunk))
	for range chunks {
		if delay > 0 {
			next = next.Add(delay)
			time.Sleep(time.Until(next))
		}
		if _, err := nc.Write(content); err != nil {
			return err
		}
	}
	for _, last := range []string{stopChunk, usageChunk, doneChunk} {
		if last == doneChunk {
			last = framed(last) + "0\r\n\r\n"
		} else {
			last = framed(last)
		}
		if _, err := io.WriteString(nc, last); err != nil {
			return err
		}
	}
	return nil
}

func framed(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
