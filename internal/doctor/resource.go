package doctor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Level is how a finding is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "FAIL"
)

// Finding is what was found out about something, in words that say what to do.
type Finding struct {
	Level Level  `json:"level"`
	About string `json:"about"`
	Words string `json:"words"`
}

// Resource is an Azure OpenAI resource, as the gateway asks it.
type Resource struct {
	Name string
	// Endpoint is its address without /openai.
	Endpoint *url.URL
	// Key goes into a header and nowhere else.
	Key string
	// Deployments are the names to ask for.
	Deployments []string
}

// Reply is what a resource and its deployments say.
type Reply struct {
	Resource *Resource
	Key      Finding
	// Deployments are those of the resource in its order; none were asked unless Key is
	// not Fail.
	Deployments []Finding
	// Ahead is how far the resource's clock is before this machine's; Told says that it
	// told the time.
	Ahead time.Duration
	Told  bool
}

// Asker asks resources.
type Asker struct {
	// Client sends, by the proxy that the gateway would take; it should follow no
	// redirect.
	Client *http.Client
	// Timeout bounds each question.
	Timeout time.Duration
}

// Ask asks resources at the same time, and the deployments of each one after the other
// if that is wanted. The replies are in the order of the resources.
func (a *Asker) Ask(ctx context.Context, all []Resource, deployments bool) []Reply {
	replies := make([]Reply, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			r := &replies[i]
			r.Resource = &all[i]
			a.key(ctx, r)
			if !deployments || r.Key.Level == Fail {
				return
			}
			for _, name := range all[i].Deployments {
				r.Deployments = append(r.Deployments, a.deployment(ctx, &all[i], name))
			}
		})
	}
	wg.Wait()
	return replies
}

// soon is how long before its end a certificate is worth a word.
const soon = 14 * 24 * time.Hour

// key asks for the list of models, which every key may see and which costs nothing.
func (a *Asker) key(ctx context.Context, r *Reply) {
	began := time.Now()
	res, text, err := a.send(ctx, r.Resource, http.MethodGet, "/openai/models?api-version="+apiVersion, "")
	r.Key.About = r.Resource.Name
	if err != nil {
		r.Key.Level, r.Key.Words = Fail, Unreachable(err, r.Resource.Endpoint.Host)
		return
	}
	took := time.Since(began)
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		r.Ahead, r.Told = at.Sub(began.Add(took/2)), true
	}
	r.Key.Level, r.Key.Words = keyed(res, text, r.Resource)
	if r.Key.Level != OK {
		return
	}
	r.Key.Words = fmt.Sprintf("the key is accepted, %d ms", took.Milliseconds())
	if res.TLS == nil || len(res.TLS.PeerCertificates) == 0 {
		return
	}
	until := res.TLS.PeerCertificates[0].NotAfter
	r.Key.Words += ", TLS until " + until.UTC().Format(time.DateOnly)
	if until.Sub(began) < soon {
		r.Key.Level = Warn
		r.Key.Words += ": the certificate ends soon"
	}
}

// keyed judges an answer by what it says of the key and of the address.
func keyed(res *http.Response, text []byte, r *Resource) (Level, string) {
	code, message := said(text)
	switch status := res.StatusCode; {
	case status == http.StatusOK:
		return OK, ""
	case status == http.StatusUnauthorized:
		return Fail, "401: the key is refused: correct resources[" + r.Name + "].key, or the endpoint: a key is of one resource"
	case status == http.StatusForbidden && strings.EqualFold(code, "AuthenticationTypeDisabled"):
		return Fail, "403: the resource takes no keys: allow local authentication there"
	case status == http.StatusForbidden:
		return Fail, joined("403", message, "let this machine's address through the resource's firewall, or correct the key")
	case status == http.StatusTooManyRequests:
		return OK, ""
	case status == http.StatusNotFound:
		return Fail, "404: what answers at " + r.Endpoint.Host + " is no Azure OpenAI resource: correct the endpoint"
	case status >= 300 && status < 400:
		return Fail, fmt.Sprintf("%d: it leads elsewhere: correct the endpoint", status)
	case status >= 500:
		return Warn, joined(fmt.Sprint(status), message, "the resource does not work now, or a proxy answers for it")
	default:
		return Warn, joined(fmt.Sprint(status), message, "nobody can say whether the key works")
	}
}

// deployment sends a chat without messages: nothing can serve it, so it costs nothing,
// and the refusal tells whether the deployment is there.
func (a *Asker) deployment(ctx context.Context, r *Resource, name string) Finding {
	f := Finding{About: r.Name + "/" + name}
	path := "/openai/deployments/" + url.PathEscape(name) + "/chat/completions?api-version=" + apiVersion
	res, text, err := a.send(ctx, r, http.MethodPost, path, `{"messages":[]}`)
	if err != nil {
		f.Level, f.Words = Fail, Unreachable(err, r.Endpoint.Host)
		return f
	}
	code, message := said(text)
	switch status := res.StatusCode; {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity, status == http.StatusOK, status == http.StatusTooManyRequests:
		f.Level, f.Words = OK, "is there"
	case status == http.StatusNotFound && strings.EqualFold(code, "DeploymentNotFound"):
		f.Level, f.Words = Fail, "404: the resource has no such deployment: make it there, or correct its name; a new one takes some minutes"
	case status == http.StatusNotFound:
		f.Level, f.Words = Warn, joined("404", message, "it does not chat, so nobody can say whether it is there")
	case status == http.StatusGone:
		f.Level, f.Words = Fail, joined("410", message, "its model is retired: deploy another")
	default:
		f.Level, f.Words = keyed(res, text, r)
	}
	return f
}

func joined(words ...string) string {
	var some []string
	for _, w := range words {
		if w = strings.TrimRight(w, ". "); w != "" {
			some = append(some, w)
		}
	}
	return strings.Join(some, ": ")
}

func (a *Asker) send(ctx context.Context, r *Resource, method, path, body string) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, a.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, r.Endpoint.String()+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("api-key", r.Key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := a.Client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res, text, err
}
