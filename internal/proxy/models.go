package proxy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
)

// model is a model as OpenAI's list has it, with the members that Azure adds.
type model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
	Status  string `json:"status"`
}

// models answers GET …/models with the models this caller may use, and GET
// …/models/{id} with one of them, whose escaped id is given. Which others there are
// nobody is told.
func (p *Proxy) models(w http.ResponseWriter, r *http.Request, who *tallygate.Identity, id string, e *tallygate.Entry) error {
	asked, err := url.PathUnescape(id)
	if err != nil {
		asked = id
	}
	all := []model{}
	for _, name := range p.Pool.Models() {
		if name == "" || !p.Policies.Lists(r.Context(), who, name) {
			continue
		}
		for _, id := range append([]string{name}, p.aliasesOf(name)...) {
			m := model{id, "model", 0, "azure-openai", "succeeded"}
			if asked != "" && strings.EqualFold(id, asked) {
				return show(w, e, &m)
			}
			all = append(all, m)
		}
	}
	if asked != "" {
		return &tallygate.Error{
			Kind: tallygate.NotFound, Code: "model_not_found", Param: "model",
			Message: fmt.Sprintf("The model %q does not exist or this key may not use it. GET …/models lists those that it may use.", clip(asked, 256)),
		}
	}
	return show(w, e, &struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}{"list", all})
}

// aliasesOf returns the other names of a model, sorted.
func (p *Proxy) aliasesOf(name string) []string {
	var out []string
	for alias, own := range p.Aliases {
		if strings.EqualFold(own, name) {
			out = append(out, alias)
		}
	}
	slices.Sort(out)
	return out
}

// show answers with JSON of the gateway's own.
func show(w http.ResponseWriter, e *tallygate.Entry, v any) error {
	text, err := json.Marshal(v)
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
