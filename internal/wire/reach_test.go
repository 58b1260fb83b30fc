package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// What a request refers to and reaches, by its body.
func TestReach(t *testing.T) {
	const tools, images, files, data = tallygate.ReachTools, tallygate.ReachImages, tallygate.ReachFiles, tallygate.ReachData
	chat := func(members string) string {
		return `{"model":"m","messages":[{"role":"user","content":"hi"}],` + members + `}`
	}
	part := func(p string) string { return `{"model":"m","messages":[{"role":"user","content":[` + p + `]}]}` }
	item := func(p string) string { return `{"model":"m","input":[` + p + `]}` }
	with := func(members string) string { return `{"model":"m","input":"hi",` + members + `}` }
	for _, c := range []struct {
		body   string
		refers bool
		reach  tallygate.Reach
	}{
		{`{"model":"m","input":"file_id, previous_response_id and https://a.example"}`, false, 0},
		{chat(`"tools":[],"user":"u","store":true,"metadata":{"user_id":"7","image_url":"https://a.example"},"stop":["a"],"logit_bias":{"1":2}`), false, 0},
		{chat(`"previous_response_id":null,"web_search_options":null,"data_sources":null`), false, 0},
		{chat(`"response_format":{"type":"json_schema","json_schema":{"schema":{"properties":{"file_id":{"type":"string"}},"default":{"file_id":"x"}}}}`), false, 0},
		// References.
		{with(`"previous_response_id":"resp_1"`), true, 0},
		{with(`"previous\u005fresponse_id":"resp_1"`), true, 0},
		{with(`"Previous_Response_Id":"resp_1"`), true, 0},
		{with(`"previousResponseId":"resp_1"`), true, 0},
		{with(`"conversation":"conv_1"`), true, 0},
		{with(`"conversation":{"id":"conv_1"}`), true, 0},
		{`{"model":"m","prompt":{"id":"pmpt_1"}}`, true, 0},
		{with(`"agent":{"type":"agent_reference","name":"x"}`), true, 0},
		{with(`"something_new_id":"x"`), true, 0},
		{with(`"tools":[{"type":"shell","environment":{"skills":[{"type":"skill_reference","skill":"s"}]}}]`), true, tools},
		{part(`{"type":"image_url","image_url":{"url":"file-abc"}}`), true, images},
		{item(`{"role":"user","content":[{"type":"input_image","image_url":"file-abc"}]}`), true, images},
		{with(`"voice":{"id":"voice_1"}`), true, 0},
		{item(`{"type":"item_reference","id":"msg_1"}`), true, 0},
		{item(`{"id":"msg_1"}`), true, 0},
		{item(`{"type":"item\u005freference","id":"msg_1"}`), true, 0},
		{item(`{"type":"reasoning","id":"rs_1","summary":[]}`), true, 0},
		{item(`{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null}`), true, 0},
		{item(`{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":""}`), true, 0},
		{item(`{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}`), false, 0},
		{item(`{"type":"image_generation_call","id":"ig_1"}`), true, 0},
		{item(`{"type":"message","id":"msg_1","role":"assistant"}`), true, 0},
		{item(`{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"https://a.example"}]}]}`), false, 0},
		{item(`{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"call_1","output":"x"}`), false, 0},
		{item(`{"role":"user","content":[{"type":"input_file","file_id":"file-1"}]}`), true, 0},
		{item(`{"role":"user","content":[{"type":"input_image","file_id":"file-1"}]}`), true, 0},
		{part(`{"type":"file","file":{"file_id":"file-1"}}`), true, 0},
		{part(`{"type":"file","file":{"fileId":"file-1"}}`), true, 0},
		{`{"model":"m","messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}`, true, 0},
		{`{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"x"}]}`, false, 0},
		{with(`"tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]`), true, tools},
		{with(`"tools":[{"type":"code_interpreter","container":"cntr_1"}]`), true, tools},
		{with(`"tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":["file-1"]}}]`), true, tools},
		{with(`"tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":[]}}]`), false, tools},
		{with(`"tools":[{"type":"shell","environment":{"type":"container_reference","container_id":"cntr_1"}}]`), true, tools},
		{with(`"tools":[{"type":"image_generation","model":"gpt-image-1"}]`), true, tools},
		{with(`"tools":[{"type":"image_generation","input_image_mask":{"image_url":"https://a.example"}}]`), false, tools | images},
		{chat(`"data_sources":[{"type":"azure_search","parameters":{"embedding_dependency":{"type":"deployment_name","deployment_name":"emb"}}}]`), true, data},
		// Reach.
		{chat(`"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"file_id":{"type":"string"},"image_url":{"type":"string"},"url":{}},"required":["file_id"]}}}]`), false, 0},
		{with(`"tools":[{"type":"function","name":"f","parameters":{}},{"type":"custom","name":"g"}]`), false, 0},
		{with(`"tools":[{"type":"function","name":"f"},{"type":"mcp","server_label":"x","server_url":"https://a.example","connector_id":"c"}]`), false, tools},
		{with(`"tools":[{"type":"web_search"}]`), false, tools},
		{with(`"tools":[{"type":"web\u005fsearch"}]`), false, tools},
		{with(`"tools":[{"type":"something_new"}]`), false, tools},
		{with(`"tools":[{}]`), false, tools},
		{with(`"tools":["web_search"]`), false, tools},
		{with(`"tools":{"type":"web_search"}`), false, tools},
		{item(`{"type":"tool_search_output","tools":[{"type":"mcp"}]}`), false, tools},
		{chat(`"web_search_options":{}`), false, tools},
		{chat(`"data_sources":[]`), false, data},
		{chat(`"dataSources":[{"type":"x"}]`), false, data},
		{part(`{"type":"image_url","image_url":{"url":"https://a.example/b"}}`), false, images},
		{part(`{"type":"image_url","image_url":{"url":"HTTP://169.254.169.254/"}}`), false, images},
		{part(`{"type":"image_url","image_url":{"url":"\u0068ttps://a.example/b"}}`), false, images},
		{part(`{"type":"image_url","image_url":"https://a.example/b"}`), false, images},
		{part(`{"type":"image_url","imageUrl":{"url":" data:image/png;base64,AA"}}`), true, images},
		{part(`{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}`), false, 0},
		{part(`{"type":"video_url","video_url":"https://a.example/b"}`), false, files},
		{item(`{"role":"user","content":[{"type":"input_image","image_url":"DATA:image/png;base64,AA"}]}`), false, 0},
		{item(`{"role":"user","content":[{"type":"input_image","image_url":"file:///etc/passwd"}]}`), false, images},
		{item(`{"role":"user","content":[{"type":"input_file","file_url":"https://a.example/b.pdf"}]}`), false, files},
		{item(`{"role":"user","content":[{"type":"input_file","file_data":"data:application/pdf;base64,AA"}]}`), false, 0},
		{item(`{"role":"user","content":[{"type":"input_file","file_data":"https://a.example/b.pdf"}]}`), false, files},
		{with(`"images":[{"image_url":"https://a.example"}]`), false, images},
		{with(`"mask":{"file_id":"file-1"}`), true, 0},
	} {
		r := request(t, "POST /v1/some/new", c.body) // where no body is refused for what it is
		q := read(t, r)
		if q.Refers != c.refers || q.Reach != c.reach {
			t.Errorf("%s: refers %v, reaches %q; want %v, %q", c.body, q.Refers, q.Reach, c.refers, c.reach)
		}
	}
}

// Wherever in a prompt an id of something stands, and however its key is written, it is
// a reference.
func FuzzReach(f *testing.F) {
	f.Add("a", "b", "file-1", uint8(3))
	f.Add("content", "type", "", uint8(9))
	f.Fuzz(func(t *testing.T, outer, beside, id string, how uint8) {
		switch outer {
		case "annotations", "citations", "context", "action", "logprobs", "file_id":
			return
		}
		value := map[string]any{"file_id": id, "z" + beside: outer}
		inner := any(value)
		for range how % 5 {
			inner = []any{map[string]any{"x" + outer: inner}, beside}
		}
		field := []string{"messages", "input", "instructions", "prompt"}[how%4]
		body, err := json.Marshal(map[string]any{"model": "m", field: []any{map[string]any{"content": inner}}})
		if err != nil {
			return
		}
		q, err := wire.Read(request(t, "POST /v1/chat/completions", string(body)), wire.Options{Table: allRoutes})
		//lint:ignore SA5001 the request is never nil
		defer q.Close()
		if err == nil && !q.Refers {
			t.Errorf("%s refers to nothing", body)
		}
	})
}
