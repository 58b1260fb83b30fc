package doctor

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/catalog"
)

// Kind is what a model is asked for.
type Kind string

// The kinds, in the order in which they are asked.
const (
	Completions Kind = "completions"
	Chat        Kind = "chat"
	Embeddings  Kind = "embeddings"
)

// Question is one request.
type Question struct {
	Kind   Kind
	Model  string
	Stream bool
	// V1 asks by /openai/v1, else by /openai/deployments/MODEL.
	V1 bool
}

// Answer is what became of a question.
type Answer struct {
	Question
	// Skipped says why it was not asked; empty when it was.
	Skipped string
	// Status is the HTTP status, 0 when nothing answered.
	Status int
	// Latency is the time to the last byte, FirstByte that to the first of a stream.
	Latency, FirstByte time.Duration
	// Prompt and Completion are tokens, 0 when nobody told.
	Prompt, Completion int64
	// Told are the x-tallygate-* headers of the answer, as name=value.
	Told []string
	// RequestID is the answer's x-request-id, else the request's.
	RequestID string
	// Fault is nil when the answer was good.
	Fault *Fault
}

// maxTries is how many models of unknown kind are tried for one kind.
const maxTries = 3

// Smoke asks for completions, chats, each whole and as a stream, and for embeddings,
// each by both forms of URL, one after the other. listed are the names that GET models
// lists; only are those to be used, nil for all that are listed. Each answer is told when it
// is there.
func (g *Gateway) Smoke(ctx context.Context, listed, only []string, tell func(*Answer)) {
	from := only
	if only == nil {
		from = listed
	}
	known, err := catalog.Default()
	if err != nil {
		known = &catalog.Catalog{}
	}
	for _, kind := range []Kind{Completions, Chat, Embeddings} {
		models := candidates(known, kind, from)
		g.kind(ctx, kind, models, listed, tell)
	}
}

// kind asks for all of a kind with the first of models that can do it.
func (g *Gateway) kind(ctx context.Context, kind Kind, models []string, listed []string, tell func(*Answer)) {
	for _, model := range models {
		first := g.Ask(ctx, Question{Kind: kind, Model: model}, listed)
		if first.Fault.unable() {
			continue
		}
		tell(first)
		for _, q := range []Question{{Stream: true}, {V1: true}, {Stream: true, V1: true}} {
			if q.Stream && kind == Embeddings || ctx.Err() != nil {
				continue
			}
			q.Kind, q.Model = kind, model
			tell(g.Ask(ctx, q, listed))
		}
		return
	}
	tell(&Answer{Question: Question{Kind: kind}, Skipped: "no model does that"})
}

// candidates are the models to ask for a kind: those that are known to do it, then a few
// of which nobody knows.
func candidates(known *catalog.Catalog, kind Kind, models []string) []string {
	of := map[Kind]string{Completions: "completion", Chat: "chat", Embeddings: "embedding"}[kind]
	var sure, unsure []string
	for _, name := range models {
		switch m, ok := known.Lookup(name); {
		case !ok && len(unsure) < maxTries && (m.Kind == of || m.Kind == "chat"): // a chat is no guess
			unsure = append(unsure, name)
		case ok && (m.Kind == of || m.Kind == "" && kind == Chat):
			sure = append(sure, name)
		}
	}
	return append(sure, unsure...)
}

// unable reports whether the answer says that the model does not do what was asked.
func (f *Fault) unable() bool {
	return f != nil && (f.Status == http.StatusBadRequest || f.Status == http.StatusNotFound) &&
		(strings.EqualFold(f.Code, "OperationNotSupported") || strings.Contains(f.Words, "does not work with the specified model"))
}

// Ask sends a question.
func (g *Gateway) Ask(ctx context.Context, q Question, listed []string) *Answer {
	a := g.ask(ctx, q, "max_tokens", listed)
	if a.Fault != nil && a.Status == http.StatusBadRequest && strings.Contains(a.Fault.Words, thinking) {
		a = g.ask(ctx, q, thinking, listed)
	}
	return a
}

// thinking is the name that models which think have for the most tokens.
const thinking = "max_completion_tokens"

func (g *Gateway) ask(ctx context.Context, q Question, limit string, listed []string) *Answer {
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	a := &Answer{Question: q}
	began := time.Now()
	res, err := g.send(ctx, http.MethodPost, q.path(), q.body(limit))
	a.RequestID = g.Run + "-" + strconv.Itoa(g.sent)
	if err != nil {
		a.Latency, a.Fault = time.Since(began), err.(*Fault)
		return a
	}
	defer res.Body.Close()
	a.Status, a.FirstByte = res.StatusCode, time.Since(began)
	if id := res.Header.Get("X-Request-Id"); id != "" {
		a.RequestID = clean(id, 128)
	}
	a.Told = told(res.Header)
	a.read(res, listed)
	a.Latency = time.Since(began)
	return a
}

func (q Question) path() string {
	op := map[Kind]string{Completions: "completions", Chat: "chat/completions", Embeddings: "embeddings"}[q.Kind]
	if q.V1 {
		return "/openai/v1/" + op
	}
	return "/openai/deployments/" + url.PathEscape(q.Model) + "/" + op + "?api-version=" + apiVersion
}

// The most completion tokens of a question, and of one to a model that thinks before it
// says anything.
const (
	enough      = 64
	enoughThink = 512
)

// body is a cheap request. It sets no temperature, which some models refuse.
func (q Question) body(limit string) map[string]any {
	const text = "Say hello in one word."
	b := map[string]any{"model": q.Model}
	switch q.Kind {
	case Embeddings:
		b["input"] = "hello"
		return b
	case Completions:
		b["prompt"] = text
	default:
		b["messages"] = []map[string]string{{"role": "user", "content": text}}
	}
	if b[limit] = enough; limit == thinking {
		b[limit] = enoughThink
	}
	if q.Stream {
		b["stream"] = true
		b["stream_options"] = map[string]bool{"include_usage": true}
	}
	return b
}

// told are the headers in which a gateway tells how an answer came about.
func told(h http.Header) (out []string) {
	for name, values := range h {
		if rest, ok := strings.CutPrefix(strings.ToLower(name), "x-tallygate-"); ok && len(values) > 0 {
			out = append(out, clean(rest, 40)+"="+clean(values[0], 120))
		}
	}
	slices.Sort(out)
	return out
}
