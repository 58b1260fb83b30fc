package cors

import (
	"net/http"
	"slices"
	"strings"
)

// Tell returns the writer for the answer to a request, which says to the page that sent
// it whether it may read the answer, and lets nobody else say so. For a request of no
// page it is w itself.
func (o Origins) Tell(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return w
	}
	return &writer{ResponseWriter: w, allow: o.allow(origin)}
}

// writer adds to the header when it leaves: by then it holds all that is in it.
type writer struct {
	http.ResponseWriter
	allow string // empty: it may not read it
	told  bool
}

func (w *writer) tell() {
	if w.told {
		return
	}
	w.told = true
	h := w.Header()
	var read []string
	for name := range h {
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, "access-control-"):
			delete(h, name) // the resource's own are about its own origin
		case listed(shown[:], lower):
			read = append(read, lower)
		}
	}
	h["Vary"] = append(slices.Clip(h["Vary"]), "Origin")
	if w.allow == "" {
		return
	}
	h["Access-Control-Allow-Origin"] = []string{w.allow}
	if read != nil {
		slices.Sort(read)
		h["Access-Control-Expose-Headers"] = []string{strings.Join(read, ", ")}
	}
}

// shown are the headers of answers that pages may read.
var shown = [...]string{
	"apim-request-id", "location", "openai-model", "openai-processing-ms", "openai-version", "operation-location",
	"retry-after", "retry-after-ms", "x-accel-buffering", "x-ms-client-request-id", "x-ms-deployment-name", "x-ms-region", "x-request-id",
	"x-ratelimit-", "x-should-retry", "x-tallygate-",
}

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.tell()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.tell()
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController calls to flush.
func (w *writer) FlushError() error {
	w.tell()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
