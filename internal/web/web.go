// Package web serves the playground, which is embedded: files that Vite built from
// ui/ and that are kept beside this one, so that a Go compiler alone makes the whole
// gateway. Nothing of it comes from another origin, and its policy lets nothing in.
package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// policy is the Content-Security-Policy of every page: scripts and styles from here
// alone and never inline. The hash is that of nothing: Fluent makes empty style
// elements and fills them by script. Pictures may come from where models put them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; " +
	"img-src 'self' data: blob: https:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// notAllowed is what a method other than GET and HEAD gets, in the shape of the API's
// errors: whoever sends one took a page's address for the API's.
const notAllowed = `{"error":{"code":"MethodNotAllowed","message":"This is the address of a page. The API is below /openai/ and /v1/.","type":"invalid_request_error","param":null}}`

// file is an embedded file as it is sent.
type file struct {
	content   []byte
	packed    func() []byte // gzip, made when it is first asked for; nil where it gains nothing
	kind, tag string
	forever   bool // its name changes with its content
}

// Playground serves the playground's files. Safe for concurrent use.
type Playground struct{ files map[string]*file }

// New reads the embedded files.
func New() (*Playground, error) {
	p := &Playground{files: make(map[string]*file)}
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		at := strings.TrimPrefix(name, "dist")
		if at == "/index.html" {
			at = "/"
		}
		p.files[at] = newFile(name, content)
		return nil
	})
	return p, err
}

func newFile(name string, content []byte) *file {
	sum := sha256.Sum256(content)
	f := &file{content: content, kind: kindOf(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	f.forever = strings.Contains(name, "/assets/")
	f.packed = sync.OnceValue(func() []byte { return pack(content) })
	return f
}

// kindOf is the media type of an extension, also where the machine has no table of them.
func kindOf(ext string) string {
	switch ext {
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	}
	return cmp.Or(mime.TypeByExtension(ext), "application/octet-stream")
}

// pack returns content in gzip, nil where that gains little.
func pack(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(content); err != nil || w.Close() != nil || b.Len() >= len(content)*9/10 {
		return nil
	}
	return b.Bytes()
}

// Has reports whether a path is one of the playground's.
func (p *Playground) Has(urlPath string) bool {
	_, ok := p.files[urlPath]
	return ok
}

// ServeHTTP serves one of the files.
func (p *Playground) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files[r.URL.Path]
	switch {
	case !ok:
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write([]byte(notAllowed))
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Etag", f.tag)
	h.Set("Cache-Control", "no-cache")
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	body := f.content
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if packed := f.packed(); packed != nil {
			h.Set("Content-Encoding", "gzip")
			body = packed
		}
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a client that leaves does not want it
	}
}
