package signup

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate/internal/event"
)

//go:embed assets pages
var files embed.FS

// asset is a file that pages load.
type asset struct {
	name, kind string // the name with a digest of the content in it
	data       []byte
}

// loadAssets returns the assets by the names that they are asked for by, and by their
// own.
func loadAssets() map[string]asset {
	out := make(map[string]asset)
	names, _ := fs.Glob(files, "assets/*") // the pattern is right
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			continue // it is embedded
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(name)
		own := path.Base(name)
		hashed := strings.TrimSuffix(own, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a := asset{hashed, mime.TypeByExtension(ext), data}
		out[own], out[hashed] = a, a
	}
	return out
}

// loadPages parses the pages' templates.
func loadPages(assets map[string]asset) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"asset":  func(name string) string { return "/event/assets/" + assets[name].name },
		"number": number,
	}).ParseFS(files, "pages/*.html"))
}

// asset serves a file. Under a name with its digest it never changes.
func (s *site) asset(w http.ResponseWriter, r *http.Request, name string) {
	a, ok := s.assets[name]
	if !ok {
		s.unknown(w)
		return
	}
	s.allow(w, r, "GET", func() {
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "no-cache")
		if name == a.name {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		h.Set("Content-Length", strconv.Itoa(len(a.data)))
		_, _ = w.Write(a.data) // a client that left reads no answer
	})
}

// secure sets what holds for every answer: nothing runs but what is ours, nobody
// frames it, nobody keeps it, and no address of it is told to others.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// render serves a page.
func (s *site) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, data); err != nil {
		s.Log.Error("a page could not be made", "page", name, "err", err)
		http.Error(w, "Something went wrong on our side. Try again in a moment.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a client that left reads no answer
}

// notice is a page that says one thing.
type notice struct {
	Title, Text string
	Back        *event.Event // whose page to go back to; nil for none
}

func (s *site) message(w http.ResponseWriter, status int, n notice) {
	s.render(w, status, "message", n)
}

// unknown answers for what is not there.
func (s *site) unknown(w http.ResponseWriter) {
	s.message(w, http.StatusNotFound, notice{Title: "No such page", Text: "There is no event at this address. Check the link, or ask who sent it to you."})
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil { // none of the shapes here can fail
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that left reads no answer
}

// refusal is OpenAI's error object.
func refusal(w http.ResponseWriter, status int, code, message string) {
	var out struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	out.Error.Code, out.Error.Message = code, message
	reply(w, status, &out)
}
