package wire

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// FuzzForm reads forms whole and in pieces, and beside the standard library. Whatever is
// taken here the library reads alike: the same names, the same contents in the same
// places. No input panics.
func FuzzForm(f *testing.F) {
	const head = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
	for _, body := range []string{
		head + "--x--\r\n", head + head + "--x--", "\r\n" + head + "--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name=file; filename=\"a;b.wav\"\r\nContent-Type: audio/wav\r\n\r\n\r\n-\r\n--y\r\n--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''caf%C3%A9\r\n\r\n\r\n--x--",
		"--x \r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--", "--x--", "--x\r\n\r\n\r\n--x--",
		head + "\n--x\r\n" + head + "\r--x--",
	} {
		f.Add(body, 3)
	}
	f.Fuzz(func(t *testing.T, body string, piece int) {
		whole, err := readAll(body, len(body)+1)
		parts, again := readAll(body, max(1, piece%64))
		if (err == nil) != (again == nil) {
			t.Fatalf("at once %v, in pieces %v", err, again)
		}
		if err != nil {
			return
		}
		if len(whole) != len(parts) {
			t.Fatalf("at once %d parts, in pieces %d", len(whole), len(parts))
		}
		library := multipart.NewReader(strings.NewReader(body), "x")
		for i, p := range whole {
			if p != parts[i] {
				t.Fatalf("at once %+v, in pieces %+v", p, parts[i])
			}
			theirs, err := library.NextRawPart()
			if err != nil {
				t.Fatalf("part %d: the library says %v", i, err)
			}
			contents, err := io.ReadAll(theirs)
			if err != nil || theirs.FormName() != p.name || string(contents) != body[p.from:p.to] {
				t.Fatalf("part %d: %q, %q here and %q, %q there, %v", i, p.name, body[p.from:p.to], theirs.FormName(), contents, err)
			}
			if theirs.FileName() != "" && !p.file {
				t.Fatalf("part %d: a file there and none here", i)
			}
		}
		if p, err := library.NextRawPart(); err != io.EOF {
			t.Fatalf("the library has another part: %+v, %v", p, err)
		}
	})
}

// place is where a part is.
type place struct {
	name     string
	file     bool
	from, to int64
}

func readAll(body string, piece int) (parts []place, err error) {
	r := &formReader{delim: []byte("--x"), part: func(p *formPart) error {
		want := maxValue + 1
		if p.file {
			want = maxHead
		}
		if text := body[p.from:p.to]; !bytes.Equal(p.head, []byte(text[:min(want, len(text))])) {
			panic("the head is not how the part begins")
		}
		parts = append(parts, place{p.name, p.file, p.from, p.to})
		return nil
	}}
	for rest := body; rest != "" && err == nil; {
		n := min(piece, len(rest))
		err = r.feed([]byte(rest[:n]))
		rest = rest[n:]
	}
	if err == nil {
		err = r.end()
	}
	return parts, err
}

// FuzzFormBoundary reads content types: what is taken the library takes alike.
func FuzzFormBoundary(f *testing.F) {
	for _, kind := range []string{"multipart/form-data; boundary=x", `multipart/form-data; boundary="a b"; charset=utf-8`, "multipart/form-data"} {
		f.Add(kind)
	}
	f.Fuzz(func(t *testing.T, kind string) {
		got, wrong := boundary(http.Header{"Content-Type": {kind}})
		if wrong != "" || !strings.HasPrefix(strings.ToLower(kind), "multipart/") {
			return
		}
		r := &http.Request{Method: "POST", Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader("--" + got + "--"))}
		if m, err := r.MultipartReader(); err == nil {
			if _, err := m.NextRawPart(); err != io.EOF {
				t.Fatalf("%q: boundary %q here, %v there", kind, got, err)
			}
		}
	})
}
