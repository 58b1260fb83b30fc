package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/simulator"
)

// Every kind of stored object is made, shown to anybody with a key of the resource,
// listed, changed and deleted, and is of its resource alone.
func TestStoredObjects(t *testing.T) {
	cfg := config()
	other := cfg.Resources[0]
	other.Name, other.Key, other.Keys = "two", "key-1", nil
	cfg.Resources = append(cfg.Resources, other)
	sim := start(t, cfg)
	s := sim.Handler("one")
	const preview = "?api-version=2025-04-01-preview"
	file := at(t, upload(t, s, "/openai/v1/files", "file", []byte("secret"), "purpose=batch").Body.Bytes(), "id").(string)
	thread := at(t, post(t, s, "/openai/threads"+preview, "").Body.Bytes(), "id").(string)
	store := at(t, post(t, s, "/openai/v1/vector_stores", `{"name":"v"}`).Body.Bytes(), "id").(string)
	conversation := at(t, post(t, s, "/openai/v1/conversations", "").Body.Bytes(), "id").(string)
	eval := at(t, post(t, s, "/openai/v1/evals", `{"data_source_config":{},"testing_criteria":[]}`).Body.Bytes(), "id").(string)
	for _, c := range []struct{ path, body, bad string }{
		{"/openai/v1/files", "", ""},
		{"/openai/v1/batches", `{"input_file_id":"` + file + `","endpoint":"/chat/completions","completion_window":"24h"}`, `{"input_file_id":"file-x","endpoint":"/chat/completions","completion_window":"24h"}`},
		{"/openai/batches" + preview, `{"input_file_id":"` + file + `","endpoint":"/chat/completions","completion_window":"24h"}`, `{}`},
		{"/openai/v1/vector_stores", `{"name":"v"}`, "5"},
		{"/openai/v1/vector_stores/" + store + "/files", `{"file_id":"` + file + `"}`, `{"file_id":5}`},
		{"/openai/v1/conversations/" + conversation + "/items", `{"items":[{"type":"message","role":"user","content":"secret"}]}`, `{"items":[5]}`},
		{"/openai/v1/containers", `{"name":"c"}`, `{}`},
		{"/openai/v1/fine_tuning/jobs", `{"model":"gpt-4o","training_file":"` + file + `"}`, `{"model":"gpt-4o"}`},
		{"/openai/assistants" + preview, `{"model":"gpt-4o"}`, `{"model":"nope"}`},
		{"/openai/threads/" + thread + "/messages" + preview, `{"role":"user","content":"secret"}`, `{"role":"user"}`},
		{"/openai/threads/" + thread + "/runs" + preview, `{"assistant_id":"asst_1"}`, `{}`},
		{"/openai/v1/evals/" + eval + "/runs", `{"data_source":{}}`, `{}`},
		{"/openai/v1/videos", `{"model":"gpt-4o","prompt":"waves"}`, `{"model":"gpt-4o"}`},
	} {
		path, query, _ := strings.Cut(c.path, "?")
		if query != "" {
			query = "?" + query
		}
		w := upload(t, s, c.path, "file", []byte("secret"), "purpose=batch")
		if c.body != "" {
			w = post(t, s, c.path, c.body)
		}
		if w.Code != 200 && w.Code != 201 {
			t.Errorf("POST %s: %d %s", path, w.Code, w.Body)
			continue
		}
		list := send(t, s, http.MethodGet, c.path, "", "api-key: key-2")
		id, _ := at(t, list.Body.Bytes(), "data", 0, "id").(string)
		if !strings.Contains(w.Body.String(), `"`+id+`"`) {
			t.Errorf("GET %s: %s is not among\n%s", path, id, list.Body)
		}
		one := path + "/" + id + query
		if got := send(t, s, http.MethodGet, one, "", "api-key: key-2"); got.Code != 200 || at(t, got.Body.Bytes(), "id") != id {
			t.Errorf("GET %s: %d %s", one, got.Code, got.Body)
		}
		if got := post(t, s, one, `{"metadata":{"a":"b"}}`); got.Code != 200 || at(t, got.Body.Bytes(), "metadata", "a") != "b" {
			t.Errorf("POST %s: %d %s", one, got.Code, got.Body)
		}
		wantStatus(t, send(t, sim.Handler("two"), http.MethodGet, one, ""), 404)
		if got := send(t, s, http.MethodDelete, one, ""); got.Code != 200 || at(t, got.Body.Bytes(), "deleted") != true {
			t.Errorf("DELETE %s: %d %s", one, got.Code, got.Body)
		}
		wantStatus(t, send(t, s, http.MethodGet, one, ""), 404)
		wantStatus(t, send(t, s, http.MethodDelete, one, ""), 404)
		if c.bad != "" {
			if got := post(t, s, c.path, c.bad); got.Code != 400 && got.Code != 404 {
				t.Errorf("POST %s %s: %d", path, c.bad, got.Code)
			}
		}
	}
	if got := send(t, s, http.MethodGet, "/openai/v1/files/"+file+"/content", ""); got.Body.String() != "secret" {
		t.Errorf("content = %q", got.Body)
	}
	for _, none := range []string{"/openai/v1/vector_stores/vs_x/files", "/openai/v1/conversations/conv_x/items", "/openai/v1/files/file-x/content"} {
		wantStatus(t, send(t, s, http.MethodGet, none, ""), 404)
	}
	wantStatus(t, send(t, s, http.MethodGet, "/openai/threads"+preview, ""), 404)
	wantStatus(t, upload(t, s, "/openai/v1/files", "file", []byte("x")), 400)
}

// What works in the background begins, can be stopped, and has ended when it is asked for.
func TestObjectsThatWork(t *testing.T) {
	s := start(t, config())
	make := func() string {
		w := post(t, s, "/openai/v1/videos", `{"model":"gpt-4o","prompt":"waves"}`)
		if at(t, w.Body.Bytes(), "status") != "queued" {
			t.Fatalf("%s", w.Body)
		}
		return "/openai/v1/videos/" + at(t, w.Body.Bytes(), "id").(string)
	}
	one := make()
	if w := send(t, s, http.MethodGet, one, ""); at(t, w.Body.Bytes(), "status") != "completed" {
		t.Errorf("%s", w.Body)
	}
	if w := send(t, s, http.MethodGet, one+"/content", ""); w.Header().Get("content-type") != "video/mp4" {
		t.Errorf("%v", w.Header())
	}
	job := "/openai/v1/fine_tuning/jobs"
	id := at(t, post(t, s, job, `{"model":"gpt-4o","training_file":"file-1"}`).Body.Bytes(), "id").(string)
	if w := post(t, s, job+"/"+id+"/cancel", ""); at(t, w.Body.Bytes(), "status") != "cancelled" {
		t.Errorf("%s", w.Body)
	}
	wantStatus(t, post(t, s, job+"/"+id+"/cancel", ""), 409)
	if n := s.Counters()["one/gpt-4o"].Requests; n != 1 {
		t.Errorf("the deployment counts %d requests", n)
	}
	w := post(t, s, "/openai/v1/realtime/client_secrets", `{"session":{"type":"realtime","model":"gpt-4o"}}`)
	if v, _ := at(t, w.Body.Bytes(), "value").(string); !strings.HasPrefix(v, "ek_") {
		t.Errorf("%s", w.Body)
	}
	w = post(t, s, chatV1, `{"model":"gpt-4o","store":true,`+helloBody[1:])
	kept := send(t, s, http.MethodGet, chatV1+"/"+at(t, w.Body.Bytes(), "id").(string), "")
	if at(t, kept.Body.Bytes(), "choices", 0, "message", "content") != at(t, w.Body.Bytes(), "choices", 0, "message", "content") {
		t.Errorf("%s", kept.Body)
	}
	script(t, s, simulator.Fault{Kind: simulator.Status, Status: 500, Operation: "videos/{id}"})
	wantStatus(t, send(t, s, http.MethodGet, one, ""), 500)
}

// The oldest objects make room for new ones.
func TestObjectsAreBounded(t *testing.T) {
	s := start(t, config())
	first := at(t, post(t, s, "/openai/v1/containers", `{"name":"c"}`).Body.Bytes(), "id").(string)
	for range 5000 {
		post(t, s, "/openai/v1/conversations", "")
	}
	wantStatus(t, send(t, s, http.MethodGet, "/openai/v1/containers/"+first, ""), 404)
}
