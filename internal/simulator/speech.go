package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"
	"unicode/utf8"
)

// maxSpoken is how many characters an input to speak may have.
const maxSpoken = 4096

// spoken is a request for speech, as read.
type spoken struct {
	question
	format     string
	text       string
	characters int64
	seconds    float64
}

// speech answers audio/speech: bytes of audio, or events of them.
func (c *call) speech() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	c.stream = f.str("stream_format") == "sse"
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	if !c.dep.model.speaks {
		return notSupported("speech", c.dep.Model)
	}
	q := c.readSpoken(f)
	if err := c.admit(&q.prompt, 0); err != nil {
		return err
	}
	if err := c.ready(f.err, &q.question, "input"); err != nil {
		return err
	}
	c.served()
	c.rec.Characters, c.rec.AudioSeconds = q.characters, q.seconds
	if c.dep.model.audioTokens > 0 {
		c.used.completion = int64(q.seconds * c.dep.model.audioTokens)
	} else {
		c.used = usage{} // what is billed is characters
	}
	if !c.sleep(c.pace().firstToken(0)) {
		return gone()
	}
	sound, contentType := q.sound()
	if c.stream {
		c.streamSpeech(sound)
		return nil
	}
	c.write(http.StatusOK, contentType, sound)
	return nil
}

// readSpoken reads what speech takes; what is wrong with it is in f.err.
func (c *call) readSpoken(f *fields) *spoken {
	q := &spoken{format: "mp3"}
	text := f.needStr("input")
	if q.characters = int64(utf8.RuneCountInString(text)); q.characters > maxSpoken {
		f.fail(invalid("input", "string_above_max_length", "Invalid 'input': string too long. Expected a string with "+
			"maximum length "+strconv.Itoa(maxSpoken)+", but got a string with length "+
			strconv.FormatInt(q.characters, 10)+" instead."))
	}
	if f.has("voice") && f.get("voice")[0] != '{' {
		f.str("voice")
	} else if !f.has("voice") {
		f.missing("voice")
	}
	speed := f.number("speed", 0.25, 4, 1)
	if v := f.oneOf("response_format", "mp3", "opus", "aac", "flac", "wav", "pcm"); v != "" {
		q.format = v
	}
	f.oneOf("stream_format", "audio", "sse")
	if c.stream && c.dep.model.audioTokens == 0 {
		f.fail(invalid("stream_format", "unsupported_value", "Unsupported value: 'stream_format' does not support "+
			"'sse' with this model."))
	}
	q.prompt.write(text)
	q.prompt.write(f.str("instructions"))
	q.marks, q.text = readMarks(text), text
	q.seconds = max(0.2, float64(min(q.characters, maxSpoken))/15) / max(speed, 0.25)
	return q
}

// streamSpeech sends the sound in events.
func (c *call) streamSpeech(sound []byte) {
	const step = 8 << 10
	s := c.open(streamError)
	p := c.pace()
	for len(sound) > 0 {
		n := min(step, len(sound))
		if !s.send(dataEvent(map[string]any{"type": "speech.audio.delta", "audio": base64.StdEncoding.EncodeToString(sound[:n])})) {
			return
		}
		if sound = sound[n:]; !s.pause(p.nextToken()) {
			return
		}
	}
	end := map[string]any{"type": "speech.audio.done"}
	if !c.hidesUsage() {
		end["usage"] = map[string]int64{"input_tokens": c.used.prompt, "output_tokens": c.used.completion,
			"total_tokens": c.used.prompt + c.used.completion}
	}
	if s.send(dataEvent(end)) {
		s.done()
	}
}

// The sound is mono, at 24 kHz.
const sampleRate = 24_000

// sound makes the audio and its content type. WAV and PCM hum, MP3 is silent; of the
// others only the first bytes are theirs.
func (q *spoken) sound() ([]byte, string) {
	samples := int(q.seconds * sampleRate)
	switch q.format {
	case "wav":
		return wave(hum(q.text, samples)), "audio/wav"
	case "pcm":
		return hum(q.text, samples), "audio/pcm"
	case "opus":
		return append([]byte("OggS"), make([]byte, samples/6)...), "audio/opus"
	case "aac":
		return append([]byte{0xff, 0xf1}, make([]byte, samples/6)...), "audio/aac"
	case "flac":
		return append([]byte("fLaC"), make([]byte, samples/2)...), "audio/flac"
	}
	// A frame of MPEG-2 layer III at 32 kbit/s has 576 samples in 96 bytes; all zero
	// behind its header it is silent.
	var frame [96]byte
	copy(frame[:], "\xff\xf3\x44\xc4")
	out := make([]byte, 0, (samples/576+1)*len(frame))
	for range samples/576 + 1 {
		out = append(out, frame[:]...)
	}
	return out, "audio/mpeg"
}

// wave is a WAV file of samples of 16 bits.
func wave(samples []byte) []byte {
	size := uint32(len(samples))
	b := append(make([]byte, 0, 44+size), "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, 36+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = append(b, 1, 0, 1, 0) // PCM, one channel
	b = binary.LittleEndian.AppendUint32(b, sampleRate)
	b = binary.LittleEndian.AppendUint32(b, 2*sampleRate)
	b = append(b, 2, 0, 16, 0)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	return append(b, samples...)
}
