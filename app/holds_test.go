package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Whatever makes a prompt more than it looks like, or more than the gateway knows how
// to count, is held: with little left it is refused, and with enough left the hold is
// as much as the service can make of it.
func TestPromptsThatAreMoreThanTheyLook(t *testing.T) {
	words := strings.Repeat("word ", 20_000)
	part := func(p string) string { return `{"messages":[{"role":"user","content":[` + p + `]}],"max_tokens":10}` }
	tool := func(p string) string {
		return `{"messages":[{"role":"user","content":"hi"}],"max_tokens":10,"tools":[` + p + `]}`
	}
	schema := func(member string) string {
		return tool(`{"type":"function","function":{"name":"f","parameters":{"type":"object",` + member + `:{"x":{"description":"` + words + `"}}}}}`)
	}
	response := func(p string) string { return `{"model":"gpt-4o","max_output_tokens":16,` + p + `}` }
	item := func(p string) string { return response(`"input":[` + p + `]`) }
	for name, c := range map[string][2]string{
		"a text like a data URL":       {chatPath, `{"messages":[{"role":"user","content":"data: ` + words + `"}],"max_tokens":10}`},
		"a part like a picture":        {chatPath, part(`{"type":"text","text":"data:image/png;base64,` + words + `"}`)},
		"a file in the body":           {chatPath, part(`{"type":"file","file":{"file_data":"data:application/pdf;base64,` + strings.Repeat("A", 200_000) + `"}}`)},
		"an address with escapes":      {chatPath, part(`{"type":"image_url","image_url":{"url":"\u0068ttps://a.example/b"}}`)},
		"an address in upper case":     {chatPath, part(`{"type":"image_url","image_url":{"url":"HTTPS://a.example/b"}}`)},
		"sound":                        {chatPath, part(`{"type":"input_audio","input_audio":{"format":"wav","data":"` + strings.Repeat("A", 100_000) + `"}}`)},
		"definitions of a schema":      {chatPath, schema(`"$defs"`)},
		"other parts of a schema":      {chatPath, schema(`"additionalProperties"`)},
		"a custom tool":                {chatPath, tool(`{"type":"custom","custom":{"name":"f","description":"` + words + `"}}`)},
		"a file by its address":        {v1Path + "responses", item(`{"role":"user","content":[{"type":"input_file","file_url":"https://a.example/b.pdf"}]}`)},
		"a file by a key with escapes": {v1Path + "responses", item(`{"role":"user","content":[{"type":"input_file","file\u005fid":"file-1"}]}`)},
		"an item that is kept":         {v1Path + "responses", item(`{"type":"item_reference","id":"msg_1"}`)},
		"reasoning":                    {v1Path + "responses", item(`{"type":"reasoning","encrypted_content":"` + words + `"}`)},
		"a prompt that is kept":        {v1Path + "responses", response(`"prompt": {"id":"pmpt_123"}`)},
		"an earlier response":          {v1Path + "responses", response(`"previous\u005fresponse_id":"resp_1","input":"hi"`)},
		"instructions in a list":       {v1Path + "responses", response(`"instructions":[{"role":"user","content":"` + words + `"}],"input":"hi"`)},
		"a tool with escapes":          {v1Path + "responses", response(`"tools":[{"type":"web\u005fsearch"}],"input":"hi"`)},
		"a tool nobody knew":           {v1Path + "responses", response(`"tools":[{"type":"shell"}],"input":"hi"`)},
	} {
		for _, left := range []int{2000, 1_000_000} {
			if racing && left == 2000 {
				continue
			}
			g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"usage":{"prompt_tokens":20000,"completion_tokens":10,"total_tokens":20010}}`)
			}, teamLimits(fmt.Sprintf("{name: budget, tokens: %d, per: ever}", left))+"unbounded: allow\n")
			a := g.post(c[0], c[1])
			if e := g.one(); e.Usage.Total > e.Hold.Tokens() || e.Usage.Total > int64(left) || left > 2000 && a.status != 200 {
				t.Errorf("%s, %d left: %d %s, %+v held and %d used", name, left, a.status, a.code(), e.Hold, e.Usage.Total)
			}
		}
	}
}

// A body whose length nobody knows is held at what a model can read and write, also
// where its model stands in a form, and a limit of money refuses what has no price; but
// what only keeps a file costs nothing.
func TestUploadsAreHeld(t *testing.T) {
	send := func(limit, path string) string {
		t.Helper()
		g := startBefore(t, usage(5000), teamLimits(limit))
		g.configure(strings.ReplaceAll(*g.config.Load(), "{name: gpt-4o-mini}", "{name: gpt-4o-mini, base: nobody-knows}"))
		if err := g.app.Reload(); err != nil {
			t.Fatal(err)
		}
		body := formOf("prompt", strings.Repeat("word ", 1000))
		if strings.HasSuffix(path, "transcriptions") {
			body = formOf("prompt", strings.Repeat("word ", 1000), "model", "gpt-4o-mini")
		}
		return g.status(g.raw(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
			path, teamKey, form, len(body), body)))
	}
	const tokens, money = "{tokens: 1000, per: ever}", "{money: 1, per: ever}"
	if s := send(tokens, "/openai/v1/audio/transcriptions"); s != "400 Bad Request" {
		t.Errorf("with too few tokens left: %q", s)
	}
	if s := send(money, "/openai/v1/audio/transcriptions"); s != "403 Forbidden" {
		t.Errorf("without a price: %q", s)
	}
	for _, limit := range []string{tokens, money} {
		if s := send(limit, "/openai/v1/files"); s != "200 OK" {
			t.Errorf("a file under %s: %q", limit, s)
		}
	}
}

// A model whose fallback nobody knows is bounded by what is known of neither.
func TestFallbacksNobodyKnows(t *testing.T) {
	g := startBefore(t, usage(500_000), "models:\n  gpt-4o: {fallback: [text-embedding-3-small]}\n"+teamLimits("{tokens: 200k, per: ever}"))
	text := *g.config.Load()
	g.configure(strings.ReplaceAll(text, "{name: text-embedding-3-small}", "{name: text-embedding-3-small, base: nobody-knows}"))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	if a := g.post(chatPath, chat(strings.Repeat("word! ", 150_000), `"max_tokens":10`)); a.status != 400 {
		t.Errorf("a prompt of 300k tokens: %d %s", a.status, a.body)
	}
}
