package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
)

// Two demos run in one process, on free ports and with ledgers of their own, and
// leave nothing behind.
func TestDemosLeaveNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var demos sync.WaitGroup
	outs := make([]io.ReadCloser, 2)
	for i := range outs {
		r, w := io.Pipe()
		outs[i] = r
		demos.Go(func() {
			var words bytes.Buffer
			code := run(ctx, []string{"demo", "--listen", "127.0.0.1:0", "--admin", "localhost:0"}, strings.NewReader(""), w, &words)
			if code != exitOK || words.String() != "stopping\n" {
				t.Errorf("exit %d: %s", code, words.String())
			}
			w.CloseWithError(errors.New("the demo ended"))
		})
	}
	for _, out := range outs {
		var said []byte
		for b := make([]byte, 4096); !bytes.Contains(said, []byte("Ctrl-C stops it.")); {
			n, err := out.Read(b)
			if said = append(said, b[:n]...); err != nil {
				t.Fatalf("%v after %q", err, said)
			}
		}
		if want := "\n  " + console.ShellWord(os.Args[0]) + " usage --by "; !bytes.Contains(said, []byte(want)) {
			t.Errorf("no command as this program was called, %q:\n%s", want, said)
		}
		if bytes.Contains(said, []byte(":0\n")) {
			t.Errorf("the addresses are not those it listens on:\n%s", said)
		}
	}
	cancel()
	demos.Wait()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// Who has the demo's code is offered a model of each kind, and each answers with what it
// makes: pictures, sound that plays and its words. The event suggests something to try.
func TestDemoHasEveryKind(t *testing.T) {
	url := startDemo(t)
	var session struct {
		Models []struct{ Name, Kind string }
		Event  struct {
			Prompts []struct{ Title, Text string }
			System  string `json:"system_message"`
		}
	}
	if err := json.Unmarshal(demoAsk(t, "GET", url+"/api/v1/session", "", http.NoBody), &session); err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]string)
	for _, m := range session.Models {
		kinds[m.Kind] = m.Name
	}
	for _, kind := range []string{"chat", "completion", "embedding", "image", "speech", "transcription"} {
		if kinds[kind] == "" {
			t.Errorf("no model of the kind %s in %+v", kind, session.Models)
		}
	}
	if len(session.Event.Prompts) < 3 || session.Event.System == "" {
		t.Errorf("the event suggests %+v", session.Event)
	}
	var drawn struct {
		Data []struct {
			Picture []byte `json:"b64_json"`
		}
	}
	body := `{"model":"` + kinds["image"] + `","prompt":"a lighthouse by the sea","n":3,"size":"1536x1024"}`
	if err := json.Unmarshal(demoAsk(t, "POST", url+"/openai/v1/images/generations", "application/json", strings.NewReader(body)), &drawn); err != nil || len(drawn.Data) != 3 {
		t.Fatalf("%v, %d pictures", err, len(drawn.Data))
	}
	if at, err := png.DecodeConfig(bytes.NewReader(drawn.Data[0].Picture)); err != nil || at.Width != 1536 || bytes.Equal(drawn.Data[0].Picture, drawn.Data[1].Picture) {
		t.Errorf("%+v, %v", at, err)
	}
	body = `{"model":"` + kinds["speech"] + `","voice":"alloy","input":"` + strings.Repeat("fifteen letters", 8) + `","response_format":"wav"}`
	sound := demoAsk(t, "POST", url+"/openai/v1/audio/speech", "application/json", strings.NewReader(body))
	if len(sound) != 44+8*48_000 || string(sound[8:12]) != "WAVE" {
		t.Errorf("%d bytes of sound: %.20q", len(sound), sound)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	w.WriteField("model", kinds["transcription"])
	w.WriteField("response_format", "verbose_json")
	part, _ := w.CreateFormFile("file", "a.wav") // a bytes.Buffer does not fail
	part.Write(sound)
	w.Close()
	var heard struct {
		Text     string
		Duration float64
	}
	if err := json.Unmarshal(demoAsk(t, "POST", url+"/openai/v1/audio/transcriptions", w.FormDataContentType(), &form), &heard); err != nil || heard.Duration != 8 || len(heard.Text) < 20 {
		t.Errorf("%v: %+v", err, heard)
	}
}

// startDemo starts the demo for the test, on a free port, and returns its address.
func startDemo(t *testing.T) string {
	t.Helper()
	upstream, shut, err := startSimulator()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shut)
	o := demoOptions{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Data: t.TempDir(), Upstream: upstream, Key: demoResource, Now: time.Now().UTC()}
	text, err := o.config()
	if err != nil {
		t.Fatal(err)
	}
	load := func() (*config.Config, error) { return config.Parse("demo.yaml", text, config.Env{}) }
	cfg, err := load()
	if err != nil {
		t.Fatal(err)
	}
	log, _ := newLogger(cfg, io.Discard)
	a, err := start(t.Context(), app.Options{Load: load, Version: version, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(a, log); err != nil {
			t.Error(err)
		}
	})
	return fmt.Sprint("http://", a.Addr())
}

// demoAsk asks as an attendee of the demo's event, and returns what a right answer holds.
func demoAsk(t *testing.T, method, url, contentType string, body io.Reader) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Api-Key", demoCode+"/ann")
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %.300s", url, res.StatusCode, err, data)
	}
	return data
}
