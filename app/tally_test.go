package app_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/simulator"
)

// every is a simulator with a model of each kind in one resource.
func every() (simulator.Config, string) {
	names := []string{"gpt-4o", "o4-mini", "text-embedding-3-small", "whisper", "gpt-4o-transcribe", "gpt-4o-mini-tts", "tts", "gpt-image-1", "dall-e-3"}
	r := simulator.Resource{Name: "one", Key: resourceKey}
	var listed strings.Builder
	for _, name := range names {
		r.Deployments = append(r.Deployments, simulator.Deployment{Name: name})
		fmt.Fprintf(&listed, "      - {name: %s}\n", name)
	}
	return simulator.Config{Seed: 1, Resources: []simulator.Resource{r}}, listed.String()
}

// startEvery starts a gateway before every model, with one caller under limits of
// everything that costs.
func startEvery(t *testing.T, extra string) *gateway {
	cfg, deployments := every()
	g := startGateway(t, cfg, "limits:\n  - {name: tokens, tokens: 100M, per: ever}\n  - {name: prompts, prompt_tokens: 100M, per: ever}\n"+
		"  - {name: answers, completion_tokens: 100M, per: ever}\n  - {name: together, concurrent: 100}\n"+
		"  - {name: sound, seconds: 100M, per: ever}\n  - {name: drawn, images: 100M, per: ever}\n  - {name: spoken, characters: 100M, per: ever}\n"+
		extra)
	text := *g.config.Load()
	from := strings.Index(text, "resources:\n")
	at := strings.Index(text, "endpoint: ")
	endpoint, _, _ := strings.Cut(text[at+len("endpoint: "):], "\n")
	g.configure(text[:from] + "resources:\n  - name: one\n    endpoint: " + endpoint + "\n    key: " + resourceKey + "\n    deployments:\n" + deployments +
		fmt.Sprintf("callers:\n  - {name: team, key: %s}\n", teamKey) + text[strings.Index(text, "limits:\n"):])
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	return g
}

// wave is a WAV file of so many seconds, 16 kHz mono.
func wave(seconds float64) string {
	data := make([]byte, int(seconds*32_000))
	h := make([]byte, 0, 44)
	h = append(h, "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, uint32(36+len(data)))
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, 1)
	h = binary.LittleEndian.AppendUint16(h, 1)
	h = binary.LittleEndian.AppendUint32(h, 16_000)
	h = binary.LittleEndian.AppendUint32(h, 32_000)
	h = binary.LittleEndian.AppendUint16(h, 2)
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, uint32(len(data)))
	return string(append(h, data...))
}

// A client takes its answer whole, or leaves at some point of it.
type manner int

const (
	toTheEnd   manner = iota
	beforeHead        // once the service works on it
	afterBytes        // once something of the answer has come
	afterHead         // once its header has come
)

// served is what the service says that it did, over all deployments, in the units of
// limits and prices.
func served(g *gateway) (sum simulator.Counters) {
	for _, c := range g.sim.Counters() {
		sum.PromptTokens += c.PromptTokens
		sum.CompletionTokens += c.CompletionTokens
		sum.AudioSeconds += c.AudioSeconds
		sum.Images += c.Images
		sum.Characters += c.Characters
	}
	return sum
}

// The ledger never has less than the service did, nor limits more than they held, be
// the client there to the end or not, and whatever the answer tells of its usage.
func TestTheLedgerIsNeverBelowTheService(t *testing.T) {
	const dated = "?api-version=2025-04-01-preview"
	ask := func(model, op string) string { return "/openai/deployments/" + model + "/" + op + dated }
	stream := func(usage string) string {
		return `{"stream":true` + usage + `,"max_completion_tokens":400,"messages":[{"role":"user","content":"Hello there [[tokens=60]]"}]}`
	}
	usages := map[string]string{
		"absent": "", "null": `,"stream_options":null`, "null inside": `,"stream_options":{"include_usage":null}`, "true": `,"stream_options":{"include_usage":true}`, "false": `,"stream_options":{"include_usage":false}`,
	}
	form := func(format string, more ...string) string {
		return formOf(append([]string{"@file", wave(12.5), "response_format", format}, more...)...)
	}
	response := func(more string) string {
		return `{"model":"gpt-4o","input":"Hello there [[tokens=60]]","max_output_tokens":400` + more + `}`
	}
	type row struct {
		name, path, body string
		fault            *simulator.Fault
		manner           manner
		exact            bool // the service's own figure must be known
	}
	plain := `{"max_tokens":400,"messages":[{"role":"user","content":"Hello there [[tokens=60]]"}]}`
	think := strings.Replace(plain, `"max_tokens":400`, `"reasoning_effort":"high","max_completion_tokens":4000`, 1)
	noUsage := &simulator.Fault{Kind: simulator.NoUsage}
	slow := &simulator.Fault{Kind: simulator.Stall, Delay: 150 * time.Millisecond}
	br := &simulator.Fault{Kind: simulator.Alter, Encoding: "br"}
	var rows []row
	for name, usage := range usages {
		rows = append(rows,
			row{"a stream, usage " + name, ask("gpt-4o", "chat/completions"), stream(usage), nil, toTheEnd, true},
			row{"a stream that reasons, usage " + name, ask("o4-mini", "chat/completions"), stream(usage), nil, toTheEnd, true},
			row{"a stream that reasons and tells no usage, asked " + name, ask("o4-mini", "chat/completions"), stream(usage), noUsage, toTheEnd, false},
			row{"a stream that tells no usage, asked " + name, ask("gpt-4o", "chat/completions"), stream(usage), noUsage, toTheEnd, false},
		)
	}
	for _, c := range []row{
		{"a chat", ask("gpt-4o", "chat/completions"), plain, nil, 0, true},
		{"a chat of an old version", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01", strings.Replace(stream(""), "max_completion_tokens", "max_tokens", 1), nil, 0, false},
		{"twenty choices of an old version", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01", `{"stream":true,"n":20,"max_tokens":400,"messages":[{"role":"user","content":"Hello there [[tokens=60]]"}]}`, nil, 0, false},
		{"three choices", ask("gpt-4o", "chat/completions"), strings.Replace(plain, "{", `{"n":3,`, 1), nil, 0, true},
		{"a chat that reasons", ask("o4-mini", "chat/completions"), think, nil, 0, true},
		{"a chat that reasons, without usage", ask("o4-mini", "chat/completions"), think, noUsage, 0, false},
		{"a chat without usage", ask("gpt-4o", "chat/completions"), plain, noUsage, 0, false},
		{"a chat in br", ask("gpt-4o", "chat/completions"), plain, br, 0, false},
		{"a response", v1Path + "responses", response(""), nil, 0, true},
		{"a response without usage", v1Path + "responses", response(""), noUsage, 0, false},
		{"a response with a tool of the service's, without usage", v1Path + "responses", response(`,"tools":[{"type":"web_search"}]`), noUsage, 0, false},
		{"a response in the background", v1Path + "responses", response(`,"background":true`), nil, 0, false},
		{"embeddings", ask("text-embedding-3-small", "embeddings"), `{"input":["Hello","there"]}`, nil, 0, true},
		{"pictures", ask("gpt-image-1", "images/generations"), `{"prompt":"a cat","n":10,"size":"1536x1024","quality":"high"}`, nil, 0, true},
		{"pictures without usage", ask("gpt-image-1", "images/generations"), `{"prompt":"a cat","n":10,"size":"1536x1024","quality":"high"}`, noUsage, 0, false},
		{"changed pictures", ask("gpt-image-1", "images/edits"), formOf("@image", "\x89PNG\r\n\x1a\n0000", "prompt", "a dog", "n", "10", "quality", "high"), nil, 0, true},
		{"changed pictures without usage", ask("gpt-image-1", "images/edits"), formOf("@image", "\x89PNG\r\n\x1a\n0000", "prompt", "a dog", "n", "10", "quality", "high"), noUsage, 0, false},
		{"sound", ask("whisper", "audio/transcriptions"), form("json"), nil, 0, true},
		{"sound, told at length", ask("whisper", "audio/transcriptions"), form("verbose_json"), nil, 0, false},
		{"sound as text", ask("whisper", "audio/transcriptions"), form("text"), nil, 0, false},
		{"sound as subtitles", ask("whisper", "audio/transcriptions"), form("srt"), nil, 0, false},
		{"sound translated", ask("whisper", "audio/translations"), form("json"), nil, 0, false},
		{"sound in tokens", ask("gpt-4o-transcribe", "audio/transcriptions"), form("json"), nil, 0, true},
		{"sound in tokens as text", ask("gpt-4o-transcribe", "audio/transcriptions"), form("text"), nil, 0, false},
		{"sound in tokens as a stream", ask("gpt-4o-transcribe", "audio/transcriptions"), form("json", "stream", "true"), nil, 0, false},
		{"speech by the character", ask("tts", "audio/speech"), `{"input":"` + strings.Repeat(`caf\u00e9 é \"\ud83d\ude00\"\n`, 100) + `","voice":"alloy"}`, nil, 0, true},
		{"pictures by the piece", ask("dall-e-3", "images/generations"), `{"prompt":"a cat","n":2,"size":"1024x1792","quality":"hd"}`, nil, 0, true},
		{"speech", ask("gpt-4o-mini-tts", "audio/speech"), `{"input":"` + strings.Repeat("1234567890 ", 300) + `","voice":"alloy"}`, nil, 0, false},
	} {
		rows = append(rows, c)
		if c.fault == nil && !strings.Contains(c.body, "background") { // the same, abandoned
			rows = append(rows,
				row{c.name + ", client gone before the head", c.path, c.body, slow, beforeHead, c.exact && !strings.Contains(c.body, `"stream":true`)},
				row{c.name + ", client gone with the head", c.path, c.body, &simulator.Fault{Kind: simulator.StallBody, Delay: 50 * time.Millisecond}, afterHead, false})
		}
	}
	for name, c := range map[string][2]string{
		"a chat": {ask("gpt-4o", "chat/completions"), stream("")}, "a chat that reasons": {ask("o4-mini", "chat/completions"), stream("")},
		"a response": {v1Path + "responses", response(`,"stream":true`)}, "three choices": {ask("gpt-4o", "chat/completions"), strings.Replace(stream(""), "{", `{"n":3,`, 1)},
	} {
		for _, chunks := range []int{1, 7, 30} {
			rows = append(rows, row{fmt.Sprintf("%s abandoned after %d events", name, chunks), c[0], c[1], &simulator.Fault{Kind: simulator.StallStream, Chunks: chunks}, afterBytes, false})
		}
		rows = append(rows, row{name + " cut", c[0], c[1], &simulator.Fault{Kind: simulator.ResetStream, Chunks: 20}, toTheEnd, false})
		rows = append(rows, row{name + " abandoned before its head", c[0], c[1], &simulator.Fault{Kind: simulator.Stall}, beforeHead, false})
		rows = append(rows, row{name + " abandoned between its head and its first word", c[0], c[1], &simulator.Fault{Kind: simulator.StallStream}, beforeHead, false})
	}
	g := startEvery(t, "prices: {unknown: {prompt: 1000, completion: 1000}}\n")
	for _, c := range rows {
		g.tally(c.name, c.path, c.body, c.fault, c.manner, c.exact)
	}
	for name, debt := range g.gauges() {
		if strings.HasPrefix(name, "debt_total ") && debt != 0 {
			t.Errorf("%s: %v", name, debt)
		}
	}
}

// tally sends one request and holds the ledger's figures against the service's.
func (g *gateway) tally(name, path, body string, fault *simulator.Fault, how manner, exact bool) {
	t := g.t
	t.Helper()
	g.sim.ResetCounters()
	g.sim.ClearFaults()
	if fault != nil {
		g.fault(*fault)
	}
	spent := g.quietly()
	g.send(path, body, how)
	if strings.Contains(body, `"background":true`) {
		for g.gauges()["held tokens"] == 0 {
			time.Sleep(time.Millisecond)
		}
		did, held := served(g), g.gauges()["held tokens"]
		if held < float64(did.PromptTokens+did.CompletionTokens) {
			t.Errorf("%s: %v are held, the service did %d + %d", name, held, did.PromptTokens, did.CompletionTokens)
		}
		return // the last entry is still open
	}
	now := g.quietly()
	did := served(g)
	prompt, completion := now["spent prompts"]-spent["spent prompts"], now["spent answers"]-spent["spent answers"]
	// The simulator's pieces are not the model's tokens: a count of text differs a little.
	if prompt+4 < float64(did.PromptTokens) || completion*1.05+1 < float64(did.CompletionTokens) {
		t.Errorf("%s: %v + %v tokens are counted, the service did %d + %d", name, prompt, completion, did.PromptTokens, did.CompletionTokens)
	}
	pieces := map[string]float64{"sound": did.AudioSeconds, "drawn": float64(did.Images), "spoken": float64(did.Characters)}
	if strings.Contains(path, "speech") {
		pieces["sound"] = 0 // what is spoken is not heard
	}
	for limit, n := range pieces {
		if is := now["spent "+limit] - spent["spent "+limit]; is < n || exact && is > n+1 {
			t.Errorf("%s: %v of the limit %s are counted, the service did %v", name, is, limit, n)
		}
	}
	if exact && (prompt != float64(did.PromptTokens) || completion != float64(did.CompletionTokens)) {
		t.Errorf("%s: %v + %v tokens are counted, the service says %d + %d", name, prompt, completion, did.PromptTokens, did.CompletionTokens)
	}
}

// quietly waits until nothing is on its way and returns the metrics of limits.
func (g *gateway) quietly() map[string]float64 {
	g.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if inFlight(g) == 0 && g.gauges()["held together"] == 0 {
			return g.gauges()
		}
		if time.Now().After(deadline) {
			g.t.Fatal("it does not become quiet")
		}
	}
}

// send sends a request, and reads of its answer what the manner says.
func (g *gateway) send(path, body string, how manner) {
	g.t.Helper()
	ctx, leave := context.WithCancel(g.t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, "POST", g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Api-Key", teamKey)
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "--x") {
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	}
	if how == beforeHead {
		go func() {
			for inFlight(g) == 0 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			leave()
		}()
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	switch how {
	case toTheEnd, beforeHead:
		_, _ = io.Copy(io.Discard, res.Body)
	case afterBytes:
		_, _ = res.Body.Read(make([]byte, 10))
	case afterHead:
	}
}
