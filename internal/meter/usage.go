package meter

import (
	"math"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/jsontext"
)

// maxCount bounds what one request can have used, in tokens. A larger figure is
// a mistake of whoever sent it.
const maxCount = 1_000_000_000

// figure is one number of a usage object.
type figure struct {
	n     int64
	given bool
	bad   bool // given, but no count: negative, huge, no integer
}

// readFigure reads a JSON number; null counts as not given.
func readFigure(raw []byte) figure {
	if jsontext.IsNull(raw) {
		return figure{}
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil || f != float64(int64(f)) {
			return figure{given: true, bad: true}
		}
		n = int64(f)
	}
	return figure{n: n, given: true, bad: n < 0 || n > maxCount}
}

// readSeconds reads a length of time in seconds, which may have a fraction or stand in
// a string. A second that was begun counts.
func readSeconds(raw []byte) figure {
	if jsontext.IsNull(raw) {
		return figure{}
	}
	f, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || !(f >= 0 && f <= maxCount) {
		return figure{given: true, bad: true}
	}
	return figure{n: int64(math.Ceil(f)), given: true}
}

// readUsage reads a usage object of any of the APIs; they differ only in names:
// prompt and completion (chat, completions, embeddings) or input and output
// (responses, images, audio). It returns an exact usage; ok is false when raw
// tells nothing (null, an empty object). bad says that a figure
// cannot be true, and then nothing of it is to be believed.
func readUsage(raw []byte) (u tallygate.Usage, ok, bad bool) {
	var prompt, completion, total, seconds figure
	for k, v := range jsontext.Members(raw) {
		switch string(k) {
		case "prompt_tokens", "input_tokens":
			prompt = readFigure(v)
		case "completion_tokens", "output_tokens":
			completion = readFigure(v)
		case "total_tokens":
			total = readFigure(v)
		case "seconds":
			seconds = readSeconds(v)
		case "prompt_tokens_details", "input_tokens_details", "input_token_details":
			readPromptParts(&u, v)
		case "completion_tokens_details", "output_tokens_details", "output_token_details":
			readCompletionParts(&u, v)
		}
	}
	if prompt.bad || completion.bad || total.bad || seconds.bad {
		return tallygate.Usage{}, false, true
	}
	u.Seconds = seconds.n
	if !prompt.given && !completion.given && !total.given {
		u.Source = tallygate.Exact
		return u, seconds.given, false
	}
	// What is not given follows from the others: embeddings give no completion.
	switch {
	case !prompt.given:
		prompt.n = max(0, total.n-completion.n)
	case !completion.given:
		completion.n = max(0, total.n-prompt.n)
	}
	u.Source, u.Prompt, u.Completion = tallygate.Exact, prompt.n, completion.n
	u.Total = max(total.n, prompt.n+completion.n)
	boundParts(&u)
	return u, true, false
}

// readPromptParts reads the parts of the prompt; what cannot be true is left out.
func readPromptParts(u *tallygate.Usage, raw []byte) {
	for k, v := range jsontext.Members(raw) {
		f := readFigure(v)
		if f.bad {
			continue
		}
		switch string(k) {
		case "cached_tokens":
			u.Cached = f.n
		case "cache_write_tokens", "cache_creation_tokens":
			u.CacheWrite = f.n
		case "audio_tokens":
			u.AudioIn = f.n
		case "image_tokens":
			u.ImageIn = f.n
		}
	}
}

// readCompletionParts reads the parts of the completion.
func readCompletionParts(u *tallygate.Usage, raw []byte) {
	for k, v := range jsontext.Members(raw) {
		f := readFigure(v)
		if f.bad {
			continue
		}
		switch string(k) {
		case "reasoning_tokens":
			u.Reasoning = f.n
		case "audio_tokens":
			u.AudioOut = f.n
		case "image_tokens":
			u.ImageOut = f.n
		case "accepted_prediction_tokens":
			u.AcceptedPrediction = f.n
		case "rejected_prediction_tokens":
			u.RejectedPrediction = f.n
		}
	}
}

// boundParts leaves out parts that are larger than their whole, so that a price
// for the rest never turns negative.
func boundParts(u *tallygate.Usage) {
	for _, part := range [...]*int64{&u.Cached, &u.CacheWrite, &u.AudioIn, &u.ImageIn} {
		if *part > u.Prompt {
			*part = 0
		}
	}
	for _, part := range [...]*int64{&u.Reasoning, &u.AudioOut, &u.ImageOut, &u.AcceptedPrediction, &u.RejectedPrediction} {
		if *part > u.Completion {
			*part = 0
		}
	}
}
