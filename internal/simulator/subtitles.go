package simulator

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// said is a sentence of a recording, and when it is said, in seconds.
type said struct {
	text       string
	begin, end float64
}

// sentencesOf parts a text into sentences, each as long as its share of the text.
func sentencesOf(text string, seconds float64) []said {
	var out []said
	whole := float64(max(1, utf8.RuneCountInString(text)))
	read := 0
	for rest := text; rest != "" || len(out) == 0; {
		n := len(rest)
		if at := strings.IndexAny(rest, ".?!:\n"); at >= 0 && at+1 < len(rest) {
			n = at + 1
		}
		begin := seconds * float64(read) / whole
		read += utf8.RuneCountInString(rest[:n])
		if words := strings.TrimSpace(rest[:n]); words != "" || text == "" {
			out = append(out, said{words, begin, seconds * float64(read) / whole})
		}
		if rest = rest[n:]; rest == "" {
			break
		}
	}
	return out
}

// subtitles writes a transcript as SRT, or as VTT.
func subtitles(all []said, vtt bool) string {
	var b strings.Builder
	point := ","
	if vtt {
		b.WriteString("WEBVTT\n\n")
		point = "."
	}
	for i, s := range all {
		if !vtt {
			b.WriteString(strconv.Itoa(i+1) + "\n")
		}
		b.WriteString(clock(s.begin, point) + " --> " + clock(s.end, point) + "\n" + s.text + "\n\n")
	}
	return b.String()
}

// segments are a transcript's sentences as JSON has them.
func segments(all []said) []any {
	out := make([]any, len(all))
	for i, s := range all {
		out[i] = map[string]any{"id": i, "seek": 0, "start": s.begin, "end": s.end, "text": s.text,
			"tokens": []int{}, "temperature": 0, "avg_logprob": -0.2, "compression_ratio": 1.2, "no_speech_prob": 0.01}
	}
	return out
}

// clock writes seconds as subtitles do.
func clock(seconds float64, point string) string {
	ms := int64(seconds * 1000)
	two := func(n int64) string { return strconv.FormatInt(100+n%100, 10)[1:] }
	return two(ms/3_600_000) + ":" + two(ms/60_000%60) + ":" + two(ms/1000%60) + point + strconv.FormatInt(1000+ms%1000, 10)[1:]
}
