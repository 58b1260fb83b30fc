package proxy

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/wire"
	"github.com/tallygate/tallygate/policy"
)

// models answers GET …/models with the models this caller may use, in the shape
// of OpenAI's list with the members that Azure adds. GET …/models/{id} passes
// through to a resource.
func (p *Proxy) models(w http.ResponseWriter, who *tallygate.Identity, e *tallygate.Entry) error {
	type item struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
		Status  string `json:"status"`
	}
	list := struct {
		Object string `json:"object"`
		Data   []item `json:"data"`
	}{"list", []item{}}
	for _, name := range p.Pool.Models() {
		if name != "" && policy.MayUse(who.Caller, name) {
			list.Data = append(list.Data, item{name, "model", 0, "azure-openai", "succeeded"})
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	e.Status, e.Outcome, e.AnswerBytes = http.StatusOK, tallygate.Answered, int64(len(text))
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.Write(text)
	return nil
}

// need is what a request may use: as Azure estimates it at arrival, for the pool,
// and at the worst, for the limits.
type need struct {
	pool.Need
	worst int64
}

// Bounds are the most tokens a model can use: of a prompt (its context window), of
// one picture in it, and of a completion. 0 is not known.
type Bounds struct{ Context, Picture, Output int64 }

// need bounds what the request can use, in tokens.
func (p *Proxy) need(ask *wire.Request) need {
	bounds := p.Bounds[strings.ToLower(ask.Model)]
	out := ask.MaxTokens
	if out == 0 && ask.Operation != tallygate.Embeddings {
		out = bounds.Output
	}
	choices := max(ask.Choices, 1)
	return need{
		Need:  pool.Need{Prompt: (ask.PromptChars() + 3) / 4, Output: ask.MaxTokens * choices},
		worst: bounds.prompt(ask) + out*choices,
	}
}

// prompt bounds the prompt's tokens. No tokenizer makes more tokens of a text than
// it has bytes, so the body's length bounds a text without counting it. A picture
// has its own bound, and a prompt that is partly elsewhere only the model's window,
// which bounds every prompt.
func (b Bounds) prompt(ask *wire.Request) int64 {
	const absurd = 1 << 40 // keeps sums of what clients claim within an int64
	files, binary, refers := ask.Beyond()
	n := min(ask.BodyBytes-binary, absurd)
	if b.Picture > 0 {
		n += files * b.Picture
	} else {
		n += binary
	}
	switch {
	case b.Context == 0:
		return n
	case refers:
		return b.Context
	}
	return min(n, b.Context)
}

// usageOption remembers which deployments and API versions do not take
// stream_options.include_usage. The zero value remembers nothing. Safe for
// concurrent use.
type usageOption struct{ no sync.Map }

func (u *usageOption) key(d *tallygate.Deployment, version string) string {
	return d.ID() + "?" + version
}

func (u *usageOption) taken(d *tallygate.Deployment, version string) bool {
	_, refused := u.no.Load(u.key(d, version))
	return !refused
}

func (u *usageOption) refused(d *tallygate.Deployment, version string) {
	u.no.Store(u.key(d, version), true)
}
