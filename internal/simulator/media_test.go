package simulator_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	_ "image/jpeg"
	"image/png"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/simulator"
)

// media is a resource with models that hear, speak and draw.
func media() simulator.Config {
	cfg := simulator.Config{Seed: 7, AdminKey: "admin", Resources: []simulator.Resource{{Name: "one", Region: "swedencentral", Key: "key-1"}}}
	for _, name := range []string{"whisper", "gpt-4o-transcribe", "tts", "gpt-4o-mini-tts", "dall-e-3", "gpt-image-1", "gpt-4o"} {
		cfg.Resources[0].Deployments = append(cfg.Resources[0].Deployments, simulator.Deployment{Name: name})
	}
	return cfg
}

// upload sends a form: fields are "name=value", the file comes first, as SDKs send it.
func upload(t *testing.T, h http.Handler, target, field string, file []byte, values ...string) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if field != "" {
		part, err := w.CreateFormFile(field, "a.wav")
		if err != nil {
			t.Fatal(err)
		}
		part.Write(file)
	}
	for _, v := range values {
		name, value, _ := strings.Cut(v, "=")
		w.WriteField(name, value)
	}
	w.Close()
	return post(t, h, target, b.String(), "content-type: "+w.FormDataContentType())
}

// recording is a WAV of so many seconds at 8,000 bytes a second.
func recording(seconds int) []byte {
	size := uint32(seconds * 8000)
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), 36+size)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	for _, v := range []uint32{8000, 8000, 8<<16 | 1} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), size)
	return append(b, make([]byte, size)...)
}

func on(deployment, operation string) string {
	return "/openai/deployments/" + deployment + "/" + operation + "?api-version=2025-04-01-preview"
}

// A recording is transcribed in each format; whisper bills seconds, its successors tokens.
func TestTranscriptions(t *testing.T) {
	s := start(t, media())
	w := upload(t, s, on("whisper", "audio/transcriptions"), "file", recording(12))
	if wantStatus(t, w, 200); at(t, w.Body.Bytes(), "usage", "seconds") != 12.0 || at(t, w.Body.Bytes(), "usage", "type") != "duration" {
		t.Errorf("json: %s", w.Body)
	}
	for format, want := range map[string]string{"text": "\n", "srt": " --> 00:00:12,000\n", "vtt": "WEBVTT",
		"verbose_json": `"duration":12`} {
		w := upload(t, s, on("whisper", "audio/transcriptions"), "file", recording(12), "response_format="+format)
		if json := strings.Contains(w.Header().Get("content-type"), "json"); w.Code != 200 || !strings.Contains(w.Body.String(), want) || json != (format == "verbose_json") {
			t.Errorf("%s: %d %v %s", format, w.Code, w.Header(), w.Body)
		}
	}
	w = upload(t, s, on("whisper", "audio/translations"), "file", recording(2), "prompt=[[echo]]a b")
	if at(t, w.Body.Bytes(), "text") != "a b" || at(t, w.Body.Bytes(), "usage") != nil {
		t.Errorf("translation: %s", w.Body)
	}
	w = upload(t, s, "/openai/v1/audio/transcriptions", "file", recording(3), "model=gpt-4o-transcribe")
	if at(t, w.Body.Bytes(), "usage", "input_token_details", "audio_tokens") != 30.0 {
		t.Errorf("tokens: %s", w.Body)
	}
	list := events(t, upload(t, s, on("gpt-4o-transcribe", "audio/transcriptions"), "file", recording(3), "stream=true").Body.String())
	if at(t, []byte(list[0]), "type") != "transcript.text.delta" || at(t, []byte(list[len(list)-2]), "usage", "total_tokens") == nil {
		t.Errorf("stream: %v", list)
	}
	for _, c := range []struct {
		dep, field string
		size       int
		value      string
		status     int
	}{
		{"whisper", "", 0, "a=b", 400}, {"whisper", "file", 0, "a=b", 400}, {"whisper", "file", 9, "response_format=x", 400},
		{"gpt-4o-transcribe", "file", 9, "response_format=srt", 400}, {"gpt-4o", "file", 9, "a=b", 400},
		{"nobody", "file", 9, "a=b", 404}, {"whisper", "file", 26_214_401, "a=b", 413},
	} {
		if w := upload(t, s, on(c.dep, "audio/transcriptions"), c.field, make([]byte, c.size), c.value); w.Code != c.status {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
	}
	wantStatus(t, post(t, s, on("whisper", "audio/transcriptions"), `{}`), 415)
	if n := s.Counters()["one/whisper"].AudioSeconds; n != 62 {
		t.Errorf("heard %v seconds", n)
	}
}

// Speech is sound of a length that follows from its text.
func TestSpeech(t *testing.T) {
	s := start(t, media())
	input := strings.Repeat("fifteen letters", 10)
	body := `{"model":"tts","voice":"alloy","input":"` + input + `"`
	w := post(t, s, on("tts", "audio/speech"), body+`,"response_format":"wav"}`)
	if b := w.Body.Bytes(); w.Code != 200 || len(b) != 44+10*48_000 || string(b[:4]) != "RIFF" || bytes.Count(b[44:], []byte{0}) > len(b)/2 || w.Header().Get("content-type") != "audio/wav" {
		t.Errorf("wav: %d %v, %d bytes", w.Code, w.Header(), len(b))
	}
	w = post(t, s, "/openai/v1/audio/speech", body+`}`)
	if b := w.Body.Bytes(); len(b)%96 != 0 || len(b) < 40_000 || b[0] != 0xff || w.Header().Get("content-type") != "audio/mpeg" {
		t.Errorf("mp3: %d bytes", len(b))
	}
	list := events(t, post(t, s, on("gpt-4o-mini-tts", "audio/speech"), body+`,"stream_format":"sse"}`).Body.String())
	if last := []byte(list[len(list)-2]); at(t, last, "type") != "speech.audio.done" || at(t, last, "usage", "output_tokens") != 200.0 {
		t.Errorf("events: %s", last)
	}
	for _, bad := range []string{`{"input":"x"}`, `{"voice":"a"}`, `{"voice":"a","input":"x","stream_format":"sse"}`,
		`{"voice":"a","input":"` + strings.Repeat("x", 4097) + `"}`, `{"voice":"a","input":"x","response_format":"ogg"}`} {
		if w := post(t, s, on("tts", "audio/speech"), bad); w.Code != 400 {
			t.Errorf("%.60s: %d", bad, w.Code)
		}
	}
	if n := s.Counters()["one/tts"].Characters; n != 300 {
		t.Errorf("spoke %d characters", n)
	}
	if n := s.Counters()["one/gpt-4o-mini-tts"].CompletionTokens; n != 200 {
		t.Errorf("spoke %d tokens", n)
	}
}

// What was said is as long as the recording, whatever holds it, and what the speaking
// models made is heard at its length.
func TestRecordings(t *testing.T) {
	s := start(t, media())
	spoken := func(format string) string {
		w := post(t, s, on("tts", "audio/speech"), `{"model":"tts","voice":"alloy","input":"`+strings.Repeat("fifteen letters", 10)+`","response_format":"`+format+`"}`)
		wantStatus(t, w, 200)
		return w.Body.String()
	}
	ogg := "OggS\x00\x02" + strings.Repeat("\x00", 60) + "OggS\x00\x04" + string(binary.LittleEndian.AppendUint64(nil, 480_000)) + strings.Repeat("\x00", 30)
	mpeg1 := strings.Repeat("\xff\xfb\x90\x64"+strings.Repeat("\x00", 413), 383) // 417 bytes of 26.12 ms
	for name, c := range map[string]struct {
		file string
		want float64
	}{
		"wav": {spoken("wav"), 10}, "mp3": {spoken("mp3"), 10}, "mp3 behind a tag": {"ID3\x04\x00\x00\x00\x00\x01\x00" + strings.Repeat("\x00", 128) + mpeg1, 10},
		"ogg": {ogg, 10}, "what nobody knows": {strings.Repeat("x", 160_000), 10},
	} {
		w := upload(t, s, on("whisper", "audio/transcriptions"), "file", []byte(c.file), "response_format=verbose_json")
		wantStatus(t, w, 200)
		got, _ := at(t, w.Body.Bytes(), "duration").(float64)
		all, _ := at(t, w.Body.Bytes(), "segments").([]any)
		if math.Abs(got-c.want) > 0.05 || len(all) < 2 || at(t, w.Body.Bytes(), "segments", len(all)-1, "end") != got {
			t.Errorf("%s: %v seconds in %d segments: %.200s", name, got, len(all), w.Body)
		}
	}
}

// Images come by the number; gpt-image bills tokens, DALL-E images.
func TestImages(t *testing.T) {
	s := start(t, media())
	w := post(t, s, on("gpt-image-1", "images/generations"), `{"prompt":"a cat","n":2,"quality":"low","size":"1024x1024"}`)
	wantStatus(t, w, 200)
	data, err := base64.StdEncoding.DecodeString(at(t, w.Body.Bytes(), "data", 1, "b64_json").(string))
	if _, bad := png.Decode(bytes.NewReader(data)); err != nil || bad != nil || at(t, w.Body.Bytes(), "usage", "output_tokens") != 544.0 {
		t.Errorf("%s: %v %v", w.Body, err, bad)
	}
	w = upload(t, s, "/openai/v1/images/edits", "image[]", []byte("png"), "model=gpt-image-1", "prompt=12", "n=3")
	if at(t, w.Body.Bytes(), "usage", "input_tokens_details", "image_tokens") != 323.0 || len(at(t, w.Body.Bytes(), "data").([]any)) != 3 {
		t.Errorf("edits: %d %.300s", w.Code, w.Body)
	}
	w = post(t, s, on("dall-e-3", "images/generations"), `{"prompt":"a cat"}`)
	if at(t, w.Body.Bytes(), "usage") != nil || at(t, w.Body.Bytes(), "data", 0, "revised_prompt") != "a cat" {
		t.Errorf("dall-e-3: %s", w.Body)
	}
	w = post(t, s, on("gpt-image-1", "images/generations"), `{"prompt":"a cat","stream":true,"partial_images":2}`)
	if n := strings.Count(w.Body.String(), "event: image_generation.partial_image\n"); n != 2 || !strings.Contains(w.Body.String(), `"total_tokens"`) {
		t.Errorf("%d sketches in %.300s", n, w.Body)
	}
	for target, bad := range map[string]string{
		on("gpt-image-1", "images/generations"): `{"prompt":"x","response_format":"url"}`,
		on("dall-e-3", "images/generations"):    `{"prompt":"x","n":11}`,
		on("gpt-4o", "images/generations"):      `{"prompt":"x"}`,
		on("dall-e-3", "images/generations#"):   `{}`,
	} {
		if w := post(t, s, strings.ReplaceAll(target, "#", ""), bad); w.Code != 400 {
			t.Errorf("%s %s: %d %s", target, bad, w.Code, w.Body)
		}
	}
	old := strings.Replace(on("gpt-image-1", "images/edits"), "2025-04-01-preview", "2024-10-21", 1)
	wantStatus(t, upload(t, s, old, "image", []byte("x"), "prompt=x"), 404)
	if n := s.Counters(); n["one/gpt-image-1"].Images != 6 || n["one/dall-e-3"].Images != 1 {
		t.Errorf("images: %+v", n)
	}
}

// Pictures have the size asked for, are the same for the same prompt and others for
// another one, each of several too; at an address there is the picture.
func TestPictures(t *testing.T) {
	s := start(t, media())
	drawn := func(model, prompt, more string) []string {
		w := post(t, s, on(model, "images/generations"), `{"prompt":"`+prompt+`"`+more+`}`)
		wantStatus(t, w, 200)
		var out []string
		for i := range at(t, w.Body.Bytes(), "data").([]any) {
			if at(t, w.Body.Bytes(), "data", i, "b64_json") == nil {
				out = append(out, at(t, w.Body.Bytes(), "data", i, "url").(string))
				continue
			}
			data, err := base64.StdEncoding.DecodeString(at(t, w.Body.Bytes(), "data", i, "b64_json").(string))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(data))
		}
		return out
	}
	for more, want := range map[string][2]int{
		`,"size":"1024x1536","output_format":"png"`: {1024, 1536}, `,"size":"auto"`: {1024, 1024}, `,"output_format":"jpeg","size":"1536x1024"`: {1536, 1024},
	} {
		cfg, format, err := image.DecodeConfig(strings.NewReader(drawn("gpt-image-1", "a lake by night", more)[0]))
		if err != nil || cfg.Width != want[0] || cfg.Height != want[1] || strings.Contains(more, "jpeg") != (format == "jpeg") {
			t.Errorf("%s: %s of %d x %d, %v", more, format, cfg.Width, cfg.Height, err)
		}
	}
	cats, dogs := drawn("gpt-image-1", "a cat in a town", `,"n":3`), drawn("gpt-image-1", "a dog in a town", "")
	if len(cats) != 3 || cats[0] == cats[1] || cats[1] == cats[2] || cats[0] == dogs[0] || cats[0] != drawn("gpt-image-1", "a cat in a town", "")[0] {
		t.Error("pictures do not follow from their prompts")
	}
	b64 := drawn("dall-e-3", "a ship", `,"size":"1792x1024","response_format":"b64_json"`)[0]
	address, err := url.Parse(drawn("dall-e-3", "a ship", `,"size":"1792x1024"`)[0])
	if err != nil {
		t.Fatal(err)
	}
	if w := send(t, s, "GET", address.Path, ""); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" || w.Body.String() != b64 {
		t.Errorf("%s: %d %v, %d bytes, want %d", address, w.Code, w.Header(), w.Body.Len(), len(b64))
	}
	for _, bad := range []string{"/_simulator/pictures/x.png", strings.Replace(address.Path, "1792x1024", "99999x99999", 1), strings.Replace(address.Path, "1792", "-179", 1)} {
		wantStatus(t, send(t, s, "GET", bad, ""), 404)
	}
}

// Counts are there in total and by the ids that a gateway's ledger has, also for
// clients that left.
func TestCountersByRequest(t *testing.T) {
	s := start(t, media())
	w := post(t, s, on("gpt-4o", "chat/completions"), chat("[[tokens=7]]", ""), "x-ms-client-request-id: mine")
	post(t, s, on("gpt-4o", "chat/completions"), chat("[[tokens=9]]", ""))
	for _, id := range []string{w.Header().Get("apim-request-id"), w.Header().Get("x-request-id"), "mine"} {
		if r, ok := s.Request(id); !ok || r.CompletionTokens != 7 {
			t.Errorf("%s: %+v %v", id, r, ok)
		}
		got := send(t, s, "GET", "/_simulator/requests/"+id, "", "api-key: admin")
		if at(t, got.Body.Bytes(), "completion_tokens") != 7.0 {
			t.Errorf("%s: %s", id, got.Body)
		}
	}
	if n := s.Total(); n.Requests != 2 || n.CompletionTokens != 16 || n.Statuses[200] != 2 {
		t.Errorf("total: %+v", n)
	}
	got := send(t, s, "GET", "/_simulator/counters/total", "", "api-key: admin")
	if at(t, got.Body.Bytes(), "completion_tokens") != 16.0 {
		t.Errorf("total: %s", got.Body)
	}
	wantStatus(t, send(t, s, "GET", "/_simulator/counters/x", "", "api-key: admin"), 404)
	wantStatus(t, send(t, s, "GET", "/_simulator/requests/x", "", "api-key: admin"), 404)
	if _, ok := s.Request(""); ok {
		t.Error("no id finds a request")
	}
}

// Whatever a form is made of, the answer is one of the service's.
func FuzzForms(f *testing.F) {
	for _, body := range []string{
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" + string(recording(1)) + "\r\n--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\nx\r\n--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1e9\r\n--x--\r\n",
		"--x--", "", "--x\r\n\r\n", fmt.Sprintf("RIFF%sWAVEdata\xff\xff\xff\xff", "1234"),
	} {
		f.Add(body)
	}
	cfg := media()
	cfg.Remember = -1
	s := start(f, cfg)
	f.Fuzz(func(t *testing.T, body string) {
		for _, target := range []string{on("whisper", "audio/transcriptions"), on("gpt-image-1", "images/edits"), "/openai/v1/files"} {
			if strings.Contains(body, "[[") {
				t.Skip("asks for a wait or an error")
			}
			r := httptest.NewRequest("POST", target, strings.NewReader(body))
			r.Header.Set("api-key", "key-1")
			r.Header.Set("content-type", "multipart/form-data; boundary=x")
			w := httptest.NewRecorder()
			if s.ServeHTTP(w, r); w.Code != 200 && (w.Code < 400 || w.Code >= 500) {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
		}
	})
}
