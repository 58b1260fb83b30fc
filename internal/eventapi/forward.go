package eventapi

import (
	"net/http"
	"net/url"
	"strings"
)

// forward hands a request of an SDK to the line under the line's own path. The path's
// escapes and the body stay as they came. It reports whether the path is one of theirs.
func (a *handler) forward(w http.ResponseWriter, r *http.Request, path string) bool {
	path, query, ok := target(path, r.URL.RawQuery)
	if !ok {
		return false
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return false
	}
	to, u := *r, *r.URL
	u.Path, u.RawPath, u.RawQuery = plain, path, query
	to.URL, to.RequestURI = &u, u.RequestURI()
	a.Line.ServeHTTP(w, &to)
	return true
}

// target returns the line's path and query for a path behind /api/v1 or /v1/api, all of
// them escaped:
//
//	/openai/…                             → /openai/…                Azure OpenAI
//	/deployments/{id}/…, /engines/{id}/…  → /openai/deployments/{id}/…  the Python proxy, OpenAI's SDK 0.28
//	/chat/completions, /models …          → /v1/…                    OpenAI's SDK
//	/chat/completions?api-version=2024-…  → /openai/…                Azure AI Inference
func target(path, query string) (string, string, bool) {
	family, behind := segment(path)
	switch family {
	case "openai":
		if second, under := segment(behind); second == "deployments" {
			query = versioned(query, under)
		}
		return "/openai" + behind, query, strings.Trim(behind, "/") != ""
	case "deployments", "engines":
		return "/openai/deployments" + behind, versioned(query, behind), strings.Trim(behind, "/") != ""
	}
	if !families[family] {
		return "", "", false
	}
	// The line's /v1 takes no dated version, its /openai finds the deployment by the
	// body's model.
	if v, ok := version(query); ok && v != "v1" && v != "preview" && v != "latest" {
		return "/openai/" + family + behind, query, true
	}
	return "/v1/" + family + behind, query, true
}

// families are the first segments of OpenAI's own paths.
var families = map[string]bool{
	"chat": true, "completions": true, "embeddings": true, "images": true, "audio": true, "models": true,
	"responses": true, "conversations": true, "files": true, "uploads": true, "batches": true, "vector_stores": true,
	"assistants": true, "threads": true, "fine_tuning": true, "moderations": true, "containers": true, "evals": true,
	"videos": true, "realtime": true,
}

// The API versions for requests that give none, as the event proxy let them. Its own
// are long retired.
const (
	// generalVersion is the first generally available one that takes
	// stream_options.include_usage, so that streams are metered exactly.
	generalVersion = "2024-10-21"
	// mediaVersion is the one that has the routes and parameters of all models for
	// pictures and sound.
	mediaVersion = "2025-04-01-preview"
	// extensionsVersion is the last one that has extensions/chat/completions.
	extensionsVersion = "2024-02-15-preview"
)

// versioned adds the API version of {id}/{operation} to a query without one.
func versioned(query, path string) string {
	if _, ok := version(query); ok {
		return query
	}
	_, operation := segment(path)
	family, _ := segment(operation)
	v := generalVersion
	switch family {
	case "extensions":
		v = extensionsVersion
	case "images", "audio":
		v = mediaVersion
	}
	if query != "" {
		query += "&"
	}
	return query + "api-version=" + v
}

// version returns the api-version of a query.
func version(query string) (v string, ok bool) {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(name); err != nil || !strings.EqualFold(name, "api-version") {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		return value, true
	}
	return "", false
}
