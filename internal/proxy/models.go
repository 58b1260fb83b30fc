package proxy

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/tallygate/tallygate"
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
