package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/tallygate/tallygate/internal/wire"
)

// A transport may read a body after the request that it came with has ended. It
// then still reads that request's bytes, and never another's that got the memory.
func TestReaderOutlivesRequest(t *testing.T) {
	open := func(i int) (io.ReadCloser, string) {
		body := fmt.Sprintf(`{"model":"m","user":"%d","x":"%s"}`, i, strings.Repeat("x", i%97))
		q, err := wire.Read(request(t, onChat, body), wire.Options{Table: allRoutes})
		if err != nil {
			t.Fatal(err)
		}
		b := q.Body("m", wire.Edits{})
		r := b.NewReader()
		q.Close()
		q.Close() // closing twice gives nothing back twice
		return r, body
	}
	type pair struct {
		r    io.ReadCloser
		want string
	}
	var held []pair
	for i := range 500 {
		r, want := open(i)
		held = append(held, pair{r, want})
		if i%3 == 0 {
			r.Close()
			r.Close()
		}
	}
	for i, p := range held {
		got, err := io.ReadAll(p.r)
		if i%3 == 0 {
			if err == nil {
				t.Fatal("a closed reader reads")
			}
			continue
		}
		if string(got) != p.want || err != nil {
			t.Fatalf("reader %d reads %q, %v; want %q", i, got, err, p.want)
		}
		p.r.Close()
	}
}

// Transports close a body while another of their goroutines reads or writes it.
// Nothing is read of memory that was given back.
func TestCloseWhileReading(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 200 {
		letter := string(rune('a' + i%26))
		q := read(t, request(t, onChat, `{"model":"m","x":"`+strings.Repeat(letter, 2000)+`"}`))
		body := q.Body("m", wire.Edits{})
		r := body.NewReader()
		q.Close()
		wg.Go(func() { r.Close() })
		wg.Go(func() {
			var out bytes.Buffer
			if i%2 == 0 {
				io.Copy(&out, r)
			} else {
				io.Copy(&out, struct{ io.Reader }{r})
			}
			if got := out.String(); strings.Trim(strings.TrimPrefix(got, `{"model":"m","x":"`), letter+`"}`) != "" {
				t.Errorf("%s: another's bytes: %q", letter, got)
			}
		})
	}
	wg.Wait()
}

// A reader can be closed while its WriteTo waits for the network; the memory stays
// its own until that returns.
func TestCloseWhileWriting(t *testing.T) {
	q := read(t, request(t, onChat, hello))
	body := q.Body("m", wire.Edits{})
	r := body.NewReader()
	q.Close()
	var got string
	_, err := r.(io.WriterTo).WriteTo(writerFunc(func(p []byte) (int, error) {
		r.Close()
		for range 50 { // others who would get the memory
			read(t, request(t, onChat, `{"model":"other-model-than-that-one"}`))
		}
		got = string(p)
		return 0, errors.New("reset")
	}))
	if err == nil || got != hello {
		t.Errorf("wrote %q, %v", got, err)
	}
	if _, err := r.(io.WriterTo).WriteTo(io.Discard); err == nil {
		t.Error("a closed reader writes")
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// Reading part of a body and writing the rest gives the whole, across splices.
func TestReadThenWriteTo(t *testing.T) {
	q := read(t, request(t, onChat, `{"model":"m","stream":true}`))
	const want = `{"stream_options":{"include_usage":true},"model":"deployment","stream":true}`
	body := q.Body("deployment", wire.Edits{IncludeUsage: true})
	for n := range len(want) + 1 {
		r := body.NewReader()
		var out bytes.Buffer
		if _, err := io.CopyN(&out, struct{ io.Reader }{r}, int64(n)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("split at %d: %q", n, out.String())
		}
		r.Close()
	}
}
