package wire

import (
	"iter"
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
)

// family is what the service has below one first segment of a path, less what models
// read there (see operations): the two together are the table of all routes that are
// known. What is not in it passes for callers who may use everything, and counts as
// what may do most.
type family struct {
	name string
	// resource says that the service never has it below a deployment, where clients
	// that are configured with one put it anyhow.
	resource bool
	routes   []rule
}

// rule is what some methods do at a path.
type rule struct {
	// methods are separated by spaces; HEAD goes with GET.
	methods string
	// path is the path behind the dialect's prefix. {id} stands for one segment,
	// {id...} for one or more.
	path   string
	access tallygate.Access
	starts bool
}

// The words of the table below.
const (
	kept   = tallygate.ToObjects
	listed = tallygate.ToList
	starts = true
)

// families are all that is known. Reading, uploading, describing, cancelling and
// deleting start nothing; whatever may set a model, a training or a tool to work does.
var families = [...]family{
	{"models", true, []rule{
		{"GET", "models", listed, false},
		{"GET", "models/{id...}", listed, false},
		{"DELETE", "models/{id...}", kept, false},
	}},
	{"chat", false, []rule{
		{"GET", "chat/completions", kept, false},
		{"GET POST DELETE", "chat/completions/{id}", kept, false},
		{"GET", "chat/completions/{id}/messages", kept, false},
	}},
	{"responses", true, []rule{
		{"GET DELETE", "responses/{id}", kept, false},
		{"POST", "responses/{id}/cancel", kept, false},
		{"GET", "responses/{id}/input_items", kept, false},
	}},
	{"conversations", true, []rule{
		{"POST", "conversations", kept, false},
		{"GET POST DELETE", "conversations/{id}", kept, false},
		{"GET POST", "conversations/{id}/items", kept, false},
		{"GET DELETE", "conversations/{id}/items/{id}", kept, false},
	}},
	{"files", true, []rule{
		{"GET POST", "files", kept, false},
		{"POST", "files/import", kept, false},
		{"GET DELETE", "files/{id}", kept, false},
		{"GET", "files/{id}/content", kept, false},
	}},
	{"uploads", true, []rule{
		{"POST", "uploads", kept, false},
		{"GET", "uploads/{id}", kept, false},
		{"POST", "uploads/{id}/parts", kept, false},
		{"POST", "uploads/{id}/complete", kept, false},
		{"POST", "uploads/{id}/cancel", kept, false},
	}},
	{"containers", true, []rule{
		{"GET POST", "containers", kept, false},
		{"GET DELETE", "containers/{id}", kept, false},
		{"GET POST", "containers/{id}/files", kept, false},
		{"GET DELETE", "containers/{id}/files/{id}", kept, false},
		{"GET", "containers/{id}/files/{id}/content", kept, false},
	}},
	{"vector_stores", true, []rule{
		{"GET POST", "vector_stores", kept, false},
		{"GET POST DELETE", "vector_stores/{id}", kept, false},
		{"POST", "vector_stores/{id}/search", kept, false},
		{"GET POST", "vector_stores/{id}/files", kept, false},
		{"GET POST DELETE", "vector_stores/{id}/files/{id}", kept, false},
		{"GET", "vector_stores/{id}/files/{id}/content", kept, false},
		{"POST", "vector_stores/{id}/file_batches", kept, false},
		{"GET", "vector_stores/{id}/file_batches/{id}", kept, false},
		{"POST", "vector_stores/{id}/file_batches/{id}/cancel", kept, false},
		{"GET", "vector_stores/{id}/file_batches/{id}/files", kept, false},
	}},
	{"batches", true, []rule{
		{"GET", "batches", kept, false},
		{"POST", "batches", kept, starts},
		{"GET", "batches/{id}", kept, false},
		{"POST", "batches/{id}/cancel", kept, false},
	}},
	{"fine_tuning", true, []rule{
		{"GET", "fine_tuning/jobs", kept, false},
		{"POST", "fine_tuning/jobs", kept, starts},
		{"GET DELETE", "fine_tuning/jobs/{id}", kept, false},
		{"POST", "fine_tuning/jobs/{id}/cancel", kept, false},
		{"POST", "fine_tuning/jobs/{id}/pause", kept, false},
		{"POST", "fine_tuning/jobs/{id}/resume", kept, starts},
		{"GET", "fine_tuning/jobs/{id}/events", kept, false},
		{"GET", "fine_tuning/jobs/{id}/checkpoints", kept, false},
		{"GET POST", "fine_tuning/jobs/{id}/checkpoints/{id}/copy", kept, false},
		{"GET POST", "fine_tuning/checkpoints/{id}/permissions", kept, false},
		{"DELETE", "fine_tuning/checkpoints/{id}/permissions/{id}", kept, false},
		{"POST", "fine_tuning/alpha/graders/run", kept, starts},
		{"POST", "fine_tuning/alpha/graders/validate", kept, false},
	}},
	{"assistants", true, []rule{
		{"GET POST", "assistants", kept, false},
		{"GET POST DELETE", "assistants/{id}", kept, false},
	}},
	{"threads", true, []rule{
		{"POST", "threads", kept, false},
		{"POST", "threads/runs", kept, starts},
		{"GET POST DELETE", "threads/{id}", kept, false},
		{"GET POST", "threads/{id}/messages", kept, false},
		{"GET POST DELETE", "threads/{id}/messages/{id}", kept, false},
		{"GET", "threads/{id}/runs", kept, false},
		{"POST", "threads/{id}/runs", kept, starts},
		{"GET POST", "threads/{id}/runs/{id}", kept, false},
		{"POST", "threads/{id}/runs/{id}/cancel", kept, false},
		{"POST", "threads/{id}/runs/{id}/submit_tool_outputs", kept, starts},
		{"GET", "threads/{id}/runs/{id}/steps", kept, false},
		{"GET", "threads/{id}/runs/{id}/steps/{id}", kept, false},
	}},
	{"evals", true, []rule{
		{"GET POST", "evals", kept, false},
		{"GET POST DELETE", "evals/{id}", kept, false},
		{"GET", "evals/{id}/runs", kept, false},
		{"POST", "evals/{id}/runs", kept, starts},
		{"GET DELETE", "evals/{id}/runs/{id}", kept, false},
		{"POST", "evals/{id}/runs/{id}", kept, false}, // cancels it
		{"POST", "evals/{id}/runs/{id}/cancel", kept, false},
		{"GET", "evals/{id}/runs/{id}/output_items", kept, false},
		{"GET", "evals/{id}/runs/{id}/output_items/{id}", kept, false},
	}},
	{"video", true, []rule{
		{"GET", "video/generations/jobs", kept, false},
		{"POST", "video/generations/jobs", kept, starts},
		{"GET DELETE", "video/generations/jobs/{id}", kept, false},
		{"GET", "video/generations/{id}", kept, false},
		{"GET", "video/generations/{id}/content/{id...}", kept, false},
	}},
	{"videos", true, []rule{
		{"GET", "videos", kept, false},
		{"POST", "videos", kept, starts},
		{"GET DELETE", "videos/{id}", kept, false},
		{"GET", "videos/{id}/content", kept, false},
		{"POST", "videos/{id}/remix", kept, starts},
	}},
	{"realtime", true, []rule{
		{"GET", "realtime", kept, false},
		{"POST", "realtime/client_secrets", kept, starts},
		{"POST", "realtime/sessions", kept, starts},
		{"POST", "realtime/transcription_sessions", kept, starts},
		{"POST", "realtime/calls", kept, starts},
		{"POST", "realtime/calls/{id}/accept", kept, starts},
		{"POST", "realtime/calls/{id}/reject", kept, false},
		{"POST", "realtime/calls/{id}/hangup", kept, false},
		{"POST", "realtime/calls/{id}/refer", kept, false},
	}},
	{"images", false, []rule{{"POST", "images/generations:submit", kept, starts}}},
	{"operations", false, []rule{{"GET DELETE", "operations/{id...}", kept, false}}},
	{"deployments", false, []rule{{"GET", "deployments", kept, false}}},
}

// Route is a row of the table of routes, for those who check that each is dealt with.
type Route struct {
	Method string
	// Path is the path behind the dialect's prefix, in which {id} stands for one
	// segment and {id...} for one or more.
	Path   string
	Access tallygate.Access
	Starts bool
}

// Routes are all routes that are known, each method by itself.
func Routes() iter.Seq[Route] {
	return func(yield func(Route) bool) {
		for i := range operations {
			if !yield(Route{Method: http.MethodPost, Path: operations[i].name, Access: tallygate.ToModel}) {
				return
			}
		}
		for i := range families {
			for _, r := range families[i].routes {
				for method := range strings.SplitSeq(r.methods, " ") {
					if !yield(Route{method, r.path, r.access, r.starts}) {
						return
					}
				}
			}
		}
	}
}

// classify says what the request reaches, by its method and path alone. It comes
// before anything of the body is read.
func (q *Request) classify() {
	post := q.Method == http.MethodPost
	if q.route.op != nil && post {
		q.Access, q.route.names = tallygate.ToModel, true
		return
	}
	if r := known(q.Method, q.route.tail); r != nil {
		q.Access, q.Starts = r.access, r.starts
		if r.access == tallygate.ToList {
			_, q.listed, _ = strings.Cut(q.route.tail, "/")
		}
		return
	}
	q.Starts = !reads(q.Method) && q.Method != http.MethodDelete
	// It may be what a model has learned to do since. Only callers who may use every
	// model come this far, and for them the body's model finds the deployment.
	q.route.names = post && namesDeployment(q.route.tail)
}

// reads reports whether the method changes nothing.
func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// namesDeployment reports whether the body's model is a deployment's name there,
// and not a base model's.
func namesDeployment(tail string) bool {
	first, _, _ := strings.Cut(tail, "/")
	return !strings.EqualFold(first, "fine_tuning")
}

// known returns the rule of a method at a path, or nil.
func known(method, tail string) *rule {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	f := familyOf(tail)
	if f == nil {
		return nil
	}
	for i := range f.routes {
		if r := &f.routes[i]; r.takes(method) && matches(r.path, tail) {
			return r
		}
	}
	return nil
}

func familyOf(tail string) *family {
	first, _, _ := strings.Cut(tail, "/")
	for i := range families {
		if strings.EqualFold(families[i].name, first) {
			return &families[i]
		}
	}
	return nil
}

func (r *rule) takes(method string) bool {
	for m := range strings.SplitSeq(r.methods, " ") {
		if m == method {
			return true
		}
	}
	return false
}

// matches reports whether a path is of the form, in any letter case.
func matches(form, path string) bool {
	for form != "" && path != "" {
		var want, got string
		want, form, _ = strings.Cut(form, "/")
		if want == "{id...}" {
			return true
		}
		got, path, _ = strings.Cut(path, "/")
		if want != "{id}" && !strings.EqualFold(want, got) {
			return false
		}
	}
	return form == "" && path == ""
}

// onResource reports whether the path belongs to the resource and not to a
// deployment.
func onResource(tail string) bool {
	f := familyOf(tail)
	return f != nil && f.resource
}
