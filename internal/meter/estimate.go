package meter

import (
	"encoding/json"
	"net/http"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/tokenizer"
)

// settle says what an answer used. The upstream's own figure counts; where there is
// none, tokens are counted from the texts of the request and of the answer, as far
// as it came. Where these do not tell, nobody knows: the source is Held.
//
// Nothing is used by what only reads, by an error, and by a response that
// failed: Azure OpenAI does not charge for its tokens. But a prompt that the
// content filter turned down was read, and is billed.
func (m *Meter) settle(r *reading, a *Answer, out *Result, res *http.Response) tallygate.Usage {
	if r.bad && !r.known && out.Code == "" {
		out.Code = "usage_invalid"
	}
	source := tallygate.Estimated
	if out.Outcome != tallygate.Answered {
		source = tallygate.Partial
	}
	switch {
	case a.Object || !billable(res):
		return tallygate.Usage{}
	case r.known:
		u := r.usage
		if source == tallygate.Partial && r.streamed && !r.ended {
			u.Source = source // a running figure, not the last one
		}
		return u
	case promptFiltered(r.code):
		return m.estimate(a, tallygate.Estimated, 0)
	case res.StatusCode >= 300, r.failed && r.unanswered():
		return tallygate.Usage{}
	case r.length > 0:
		return tallygate.Usage{Source: tallygate.Estimated, Seconds: r.length}
	case !r.countable(a, out):
		return tallygate.Usage{Source: tallygate.Held}
	}
	u := m.estimate(a, source, m.completion(r, a))
	if !u.Known() {
		u.Source = tallygate.Held
	}
	return u
}

// countable reports whether the texts of request and answer tell what was used: both
// could be read, and text is what the operation makes. A body that broke off was made
// whole all the same.
func (r *reading) countable(a *Answer, out *Result) bool {
	switch {
	case r.unread || !r.streamed && out.Outcome != tallygate.Answered:
		return false
	case a.API == Vectors:
		return true
	}
	return a.API.counted() && !r.words.empty()
}

// unanswered reports whether a stream that told of an error is free of charge:
// responses are, and chat of which no word had come.
func (r *reading) unanswered() bool {
	return r.verdict == refused || !r.chunked || r.words.empty()
}

// promptFiltered reports whether an error's code says that the prompt was turned
// down by the content filter.
func promptFiltered(code string) bool {
	switch code {
	case "content_filter", "contentFilter", "content_policy_violation":
		return true
	}
	return false
}

// estimate returns a usage of the request's prompt and so many tokens of
// completion; none when there is neither.
func (m *Meter) estimate(a *Answer, source tallygate.Source, completion int64) tallygate.Usage {
	prompt := m.Prompt(a.API, a.Base, a.Request)
	if prompt+completion == 0 {
		return tallygate.Usage{}
	}
	return tallygate.Usage{Source: source, Prompt: prompt, Completion: completion, Total: prompt + completion}
}

// Unseen reports whether a model may use tokens that its answers do not show: it
// reasons, or nobody knows it.
func (m *Meter) Unseen(base string) bool {
	model, known := m.catalog.Lookup(base)
	return !known || model.Reasoning
}

// completion counts the answer's text. Where only the beginning of a long body was
// kept, the rest is taken to be like it; of several candidates for a completion
// (best_of) all are generated and some are shown.
func (m *Meter) completion(r *reading, a *Answer) int64 {
	n := r.words.count()
	if r.read > 0 && r.total > r.read {
		n = int64(float64(n) * float64(r.total) / float64(r.read))
	}
	if a.API == Text && n > 0 {
		var body struct {
			N      int64 `json:"n"`
			BestOf int64 `json:"best_of"`
		}
		_ = json.Unmarshal(a.Request, &body) // what is not there is 0
		if shown := max(1, body.N); body.BestOf > shown && body.BestOf <= 128 {
			n = n * body.BestOf / shown
		}
	}
	return n
}

// encoding returns the encoding of a model, nil when none can be had; then text is
// counted roughly.
func (m *Meter) encoding(base string) *tokenizer.Encoding {
	model, _ := m.catalog.Lookup(base)
	e, err := m.tokens.Encoding(model.Encoding)
	if err != nil {
		fallback, _ := m.catalog.Lookup("")
		e, _ = m.tokens.Encoding(fallback.Encoding)
	}
	return e
}
