package simulator

import "net/http"

// family is a kind of stored object: where it lives, and what can be done with it.
type family struct {
	// path is its collection; {parent} stands for the object it belongs to.
	path string
	// prefix begins its ids, object is its type.
	prefix, object string
	// title is its name in the service's messages.
	title  string
	styles style
	// noList and noPost say that it cannot be listed, or made.
	noList, noPost bool
	// form says that it is made of a form with a file, and has content.
	form bool
	// content is what its content is, where it has some that was not uploaded.
	content string
	// needs are the members without which it cannot be made.
	needs []string
	// named says that its model is a deployment, which must be there.
	named bool
	// begins is its status when it is made, and ends when it is next asked for; cancels
	// says that it can be stopped.
	begins, ends string
	cancels      bool
	// id is the member that is its id, where it takes another's.
	id string
	// items is the member whose items are made each an object, as conversations do.
	items string
}

// families are the stored objects beside responses, which have a model behind them.
func families() []family {
	const both, dated, v1 = styleResource | styleV1, styleResource, styleV1
	return []family{
		{path: "files", prefix: "file-", object: "file", title: "Files", styles: both, form: true, begins: "processed"},
		{path: "uploads", prefix: "upload_", object: "upload", title: "Uploads", styles: both, noList: true,
			needs: []string{"filename", "purpose", "bytes", "mime_type"}, begins: "pending", cancels: true},
		{path: "batches", prefix: "batch_", object: "batch", title: "Batches", styles: both,
			needs: []string{"input_file_id", "endpoint", "completion_window"}, begins: "validating", ends: "completed", cancels: true},
		{path: "vector_stores", prefix: "vs_", object: "vector_store", title: "VectorStores", styles: both, begins: "completed"},
		{path: "vector_stores/{parent}/files", prefix: "file-", object: "vector_store.file", title: "VectorStoreFiles",
			styles: both, needs: []string{"file_id"}, id: "file_id", begins: "completed"},
		{path: "conversations", prefix: "conv_", object: "conversation", title: "Conversations", styles: v1, noList: true},
		{path: "conversations/{parent}/items", prefix: "msg_", object: "list", title: "ConversationItems", styles: v1,
			needs: []string{"items"}, items: "items"},
		{path: "containers", prefix: "cntr_", object: "container", title: "Containers", styles: v1,
			needs: []string{"name"}, begins: "running"},
		{path: "containers/{parent}/files", prefix: "cfile_", object: "container.file", title: "ContainerFiles", styles: v1, form: true},
		{path: "fine_tuning/jobs", prefix: "ftjob-", object: "fine_tuning.job", title: "FineTuningJobs", styles: both,
			needs: []string{"model", "training_file"}, begins: "validating_files", ends: "succeeded", cancels: true},
		{path: "assistants", prefix: "asst_", object: "assistant", title: "Assistants", styles: dated,
			needs: []string{"model"}, named: true},
		{path: "threads", prefix: "thread_", object: "thread", title: "Threads", styles: dated, noList: true},
		{path: "threads/{parent}/messages", prefix: "msg_", object: "thread.message", title: "Messages", styles: dated,
			needs: []string{"role", "content"}},
		{path: "threads/{parent}/runs", prefix: "run_", object: "thread.run", title: "Runs", styles: dated,
			needs: []string{"assistant_id"}, begins: "queued", ends: "completed", cancels: true},
		{path: "evals", prefix: "eval_", object: "eval", title: "Evals", styles: both,
			needs: []string{"data_source_config", "testing_criteria"}},
		{path: "evals/{parent}/runs", prefix: "evalrun_", object: "eval.run", title: "EvalRuns", styles: both,
			needs: []string{"data_source"}, begins: "queued", ends: "completed"},
		{path: "videos", prefix: "video_", object: "video", title: "Videos", styles: v1, needs: []string{"prompt"},
			named: true, begins: "queued", ends: "completed", content: "video/mp4"},
		{path: "chat/completions", prefix: "chatcmpl-", object: "chat.completion", title: "StoredChatCompletions",
			styles: v1, noPost: true},
	}
}

// objectRoutes are what can be done with each.
func objectRoutes() []operation {
	var ops []operation
	for _, f := range families() {
		with := func(do func(*call, *family) *apiError) func(*call) *apiError {
			return func(c *call) *apiError { return do(c, &f) }
		}
		add := func(method, path, title string, do func(*call, *family) *apiError) {
			ops = append(ops, operation{method: method, path: path, styles: f.styles, title: f.title + title, serve: with(do)})
		}
		one := f.path + "/{id}"
		if !f.noPost {
			add(http.MethodPost, f.path, "_Create", (*call).createObject)
		}
		if !f.noList {
			add(http.MethodGet, f.path, "_List", (*call).listObjects)
		}
		add(http.MethodGet, one, "_Get", (*call).getObject)
		add(http.MethodPost, one, "_Update", (*call).updateObject)
		add(http.MethodDelete, one, "_Delete", (*call).deleteObject)
		if f.cancels {
			add(http.MethodPost, one+"/cancel", "_Cancel", (*call).cancelObject)
		}
		if f.form || f.content != "" {
			add(http.MethodGet, one+"/content", "_Content", (*call).objectContent)
		}
	}
	return append(ops, operation{method: http.MethodPost, path: "realtime/client_secrets", styles: styleV1,
		title: "Realtime_CreateClientSecret", serve: (*call).clientSecret})
}
