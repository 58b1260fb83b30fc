package simulator

import (
	"math"
	"net/http"
	"strconv"
)

func audioRoutes() []operation {
	both := styleDeployments | styleV1
	return []operation{
		{method: http.MethodPost, path: "audio/transcriptions", styles: both, title: "Transcriptions_Create",
			serve: (*call).transcribe},
		{method: http.MethodPost, path: "audio/translations", styles: both, title: "Translations_Create",
			serve: (*call).translate},
		{method: http.MethodPost, path: "audio/speech", styles: both, title: "Speech_Create", serve: (*call).speech},
	}
}

// maxAudio is the largest file of a transcription in bytes.
const maxAudio = 26_214_400

// hearing is a request to transcribe or translate, as read.
type hearing struct {
	question
	file     formFile
	seconds  float64
	format   string
	language string
}

func (c *call) transcribe() *apiError { return c.hear(true) }

func (c *call) translate() *apiError { return c.hear(false) }

// hear answers transcriptions and translations.
func (c *call) hear(transcribes bool) *apiError {
	form, err := c.form()
	if err != nil {
		return err
	}
	f := form.fields()
	c.stream = transcribes && form.value("stream") == "true"
	if err := c.locate(form.value("model")); err != nil {
		return err
	}
	m := c.dep.model
	if !m.hears || !transcribes && m.audioTokens > 0 {
		return notSupported("audio", c.dep.Model)
	}
	c.stream = c.stream && m.audioTokens > 0 // the others ignore it
	q := c.readHearing(f, form)
	if err := c.admit(&q.prompt, 0); err != nil {
		return err
	}
	if err := c.ready(f.err, &q.question, "file"); err != nil {
		return err
	}
	c.served()
	c.rec.AudioSeconds = q.seconds
	a := answer{finish: "stop", text: q.hears(c)}
	a.tokens = a.pieces()
	if c.stream {
		c.streamHearing(q, &a)
		return nil
	}
	if !c.sleep(c.pace().firstToken(0) + c.pace().tokens(a.tokens)) {
		return gone()
	}
	if m.audioTokens > 0 {
		c.spend(&a)
	} else {
		c.used = usage{} // what is billed is time
	}
	return q.answer(c, &a, transcribes)
}

// readHearing reads what transcriptions take; what is wrong with it is in f.err.
func (c *call) readHearing(f *fields, form *form) *hearing {
	q := &hearing{format: "json", language: form.value("language")}
	q.marks = readMarks(form.value("prompt"))
	f.number("temperature", 0, 1, 0)
	f.boolean("stream")
	if v := f.oneOf("response_format", "json", "text", "srt", "verbose_json", "vtt", "diarized_json"); v != "" {
		q.format = v
	}
	if c.dep.model.audioTokens > 0 && q.format != "json" && q.format != "text" {
		f.fail(invalid("response_format", "unsupported_value", "response_format '"+q.format+"' is not compatible with "+
			"model '"+c.dep.model.name+"'. Use 'json' or 'text' instead."))
	}
	files := form.filesOf("file")
	if len(files) == 0 {
		f.missing("file")
		return q
	}
	q.file = files[0]
	switch n := len(q.file.data); {
	case n > maxAudio:
		f.fail(modelError(http.StatusRequestEntityTooLarge, "Maximum content size limit ("+strconv.Itoa(maxAudio)+
			") exceeded ("+strconv.Itoa(n)+" bytes read)", "server_error", "", ""))
	case n == 0:
		f.fail(invalid("file", "audio_too_short", "Audio file is too short. Minimum audio length is 0.1 seconds."))
	}
	q.seconds = audioSeconds(q.file.data)
	q.prompt.write(form.value("prompt"))
	q.prompt.add(int64(math.Ceil(q.seconds * c.dep.model.audioTokens)))
	q.prompt.hash ^= uint64(len(q.file.data))
	return q
}

// hears is what the audio says: two or three words a second.
func (q *hearing) hears(c *call) string {
	if q.marks.echo {
		return q.marks.rest
	}
	n := q.marks.tokens
	if n < 0 {
		n = max(3, min(int64(q.seconds*2.5), maxMarkedTokens))
	}
	return compose(c.words(&q.question, 0), "the recording", n)
}

// answer writes the words in the format asked for. The audio's length is in the usage
// of JSON; a translation, and any format that is text, has none.
func (q *hearing) answer(c *call, a *answer, transcribes bool) *apiError {
	switch q.format {
	case "text":
		c.write(http.StatusOK, "text/plain; charset=utf-8", []byte(a.text+"\n"))
		return nil
	case "srt", "vtt":
		c.write(http.StatusOK, "text/plain; charset=utf-8", []byte(subtitles(sentencesOf(a.text, q.seconds), q.format == "vtt")))
		return nil
	}
	out := map[string]any{"text": a.text}
	if q.format == "verbose_json" {
		task, language := "transcribe", q.language
		if language == "" {
			language = "english"
		}
		if !transcribes {
			task = "translate"
		}
		out["task"], out["language"], out["duration"] = task, language, q.seconds
		out["segments"] = segments(sentencesOf(a.text, q.seconds))
	}
	if transcribes && !c.hidesUsage() {
		out["usage"] = c.heardUsage()
	}
	return c.json(http.StatusOK, out)
}

// heardUsage is the usage of a transcription: tokens, or the whole seconds of audio.
func (c *call) heardUsage() map[string]any {
	if c.dep.model.audioTokens == 0 {
		return map[string]any{"type": "duration", "seconds": int64(math.Ceil(c.rec.AudioSeconds))}
	}
	audio := min(int64(math.Ceil(c.rec.AudioSeconds*c.dep.model.audioTokens)), c.used.prompt)
	return map[string]any{"type": "tokens", "input_tokens": c.used.prompt, "output_tokens": c.used.completion,
		"input_token_details": map[string]int64{"text_tokens": c.used.prompt - audio, "audio_tokens": audio},
		"total_tokens":        c.used.prompt + c.used.completion}
}

// streamHearing answers a transcription as a stream.
func (c *call) streamHearing(q *hearing, a *answer) {
	p := c.pace()
	if !c.sleep(p.firstToken(0)) {
		return
	}
	s := c.open(streamError)
	for text := a.text; text != ""; {
		n := piece(text)
		if !s.send(dataEvent(map[string]any{"type": "transcript.text.delta", "delta": text[:n]})) {
			return
		}
		c.used.completion++
		if text = text[n:]; !s.pause(p.nextToken()) {
			return
		}
	}
	end := map[string]any{"type": "transcript.text.done", "text": a.text}
	if !c.hidesUsage() {
		end["usage"] = c.heardUsage()
	}
	if s.send(dataEvent(end)) {
		s.done()
	}
}

// dataEvent is an event without a name.
func dataEvent(v any) []byte { return append(append([]byte("data: "), marshal(v)...), "\n\n"...) }
