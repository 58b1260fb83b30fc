package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Gateway is an endpoint shaped like Azure OpenAI that a caller would use.
type Gateway struct {
	// Base is its address, without /openai.
	Base *url.URL
	// Key is the caller's. It goes into a header and nowhere else.
	Key string
	// Client sends; it should follow no redirect.
	Client *http.Client
	// Timeout bounds each question, its answer included.
	Timeout time.Duration
	// Run is what the ids of all requests begin with.
	Run string

	sent int
}

// Fault is why a question got no good answer, in words that say what to do.
type Fault struct {
	// Status is the HTTP status, 0 when nothing answered.
	Status int
	// Code is the error's code, may be empty.
	Code  string
	Words string
}

// Error returns the words.
func (f *Fault) Error() string { return f.Words }

// Models returns the names that the key may use, as GET models lists them. The error is
// a *Fault.
func (g *Gateway) Models(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	res, err := g.send(ctx, http.MethodGet, "/openai/v1/models", nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, &Fault{Words: Unreachable(err, g.Base.Host)}
	}
	if res.StatusCode != http.StatusOK {
		return nil, refused(res, text, nil)
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if json.Unmarshal(text, &list) != nil || list.Data == nil {
		return nil, &Fault{Status: res.StatusCode, Words: "what answers at " + g.Base.Host + " is no gateway: GET /openai/v1/models is no list of models"}
	}
	var names []string
	for _, m := range list.Data {
		names = append(names, m.ID)
	}
	return names, nil
}

// send makes a request under an id of its own.
func (g *Gateway) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, &Fault{Words: err.Error()}
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, g.Base.String()+path, bytes.NewReader(text))
	if err != nil {
		return nil, &Fault{Words: "the address is none: use one such as https://host"}
	}
	g.sent++
	req.Header.Set("api-key", g.Key)
	req.Header.Set("x-request-id", fmt.Sprintf("%s-%d", g.Run, g.sent))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := g.Client.Do(req)
	if err != nil {
		return nil, &Fault{Words: Unreachable(err, g.Base.Host)}
	}
	return res, nil
}

// refused says why an answer is no good one. models are those that there are, if known.
func refused(res *http.Response, text []byte, models []string) *Fault {
	code, message := said(text)
	f := &Fault{Status: res.StatusCode, Code: code}
	do := ""
	switch {
	case res.StatusCode == http.StatusUnauthorized && code == adminSide:
		do = "that is the admin side: use the address of listen, where callers connect"
	case res.StatusCode == http.StatusBadRequest && bytes.Contains(text, []byte(plainToTLS)):
		do = "it speaks TLS: begin the address with https://"
	case res.StatusCode == http.StatusUnauthorized:
		do = "the key is not one of the gateway's: use one that its operator gave out"
	case res.StatusCode == http.StatusForbidden:
		do = "this key may not do that"
	case res.StatusCode == http.StatusNotFound && message == "":
		do = "there is nothing at that path: is the address a gateway's, without a path?"
	case res.StatusCode == http.StatusNotFound && len(models) > 0:
		do = "there are: " + clean(strings.Join(models, ", "), maxSaid)
	case res.StatusCode == http.StatusTooManyRequests:
		do = "a limit or quota is used up"
		if after := res.Header.Get("Retry-After"); after != "" {
			do += "; again in " + clean(after, 30) + " s"
		}
	case res.StatusCode >= 300 && res.StatusCode < 400:
		do = "it leads to " + clean(res.Header.Get("Location"), 120) + ": use the address of the gateway itself"
	case res.StatusCode >= 500 && message == "":
		do = "something before the gateway answers for it"
	}
	f.Words = joined(fmt.Sprint(res.StatusCode), message, do)
	return f
}

const (
	// adminSide is the code with which the admin side refuses a key.
	adminSide = "Unauthorized"
	// plainToTLS is what Go's server says to plain HTTP where it has TLS.
	plainToTLS = "HTTP request to an HTTPS server"
)
