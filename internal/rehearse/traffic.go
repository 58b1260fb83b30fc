package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// Route is the way that messages take.
type Route string

// The routes.
const (
	// Chat is the SDKs' with Azure's URLs: /openai/deployments/MODEL/chat/completions.
	Chat Route = "chat"
	// V1 is the SDKs' with OpenAI's: /openai/v1/chat/completions.
	V1 Route = "v1"
	// Prompt is the event proxy's playground's: /api/oai_prompt with an event code. It
	// does not stream.
	Prompt Route = "oai_prompt"
)

// The published load test's messages.
const (
	DefaultPrompt = "Write me a short poem about a indian elephants"
	DefaultSystem = "You are an AI assistant that writes poems"
	// DefaultCap is what it asks for at most.
	DefaultCap = 2048
)

// Traffic is what each message is and where it goes. Key and Code are credentials:
// they go into headers and nowhere else.
type Traffic struct {
	// URL is the endpoint, without the route's path.
	URL   string
	Route Route
	// Model is the deployment that the chat is for; Prompt has none.
	Model string
	// Key is the API key of all users. Code is an event's code: on the SDKs' routes
	// each user's key is CODE/user-001 and so on.
	Key, Code string
	// System may be empty, User not.
	System, User string
	MaxTokens    int64
	Stream       bool
}

// String says where it goes, without credentials.
func (t Traffic) String() string { return string(t.Route) + " " + t.Model + " at " + t.URL }

// apiVersion is what the SDKs' URLs name.
const apiVersion = "2024-10-21"

// Check says what makes no sense.
func (t Traffic) Check() error {
	if _, err := t.endpoint(); err != nil {
		return err
	}
	switch {
	case t.Route != Chat && t.Route != V1 && t.Route != Prompt:
		return fmt.Errorf("there is no route %q: use chat, v1 or oai_prompt", t.Route)
	case t.Route == Prompt && t.Code == "":
		return fmt.Errorf("the route oai_prompt needs an event code")
	case t.Route == Prompt && t.Stream:
		return fmt.Errorf("the route oai_prompt does not stream: use chat or v1")
	case t.Route != Prompt && t.Key == "" && t.Code == "":
		return fmt.Errorf("the route %s needs an API key or an event code", t.Route)
	case t.Route != Prompt && t.Model == "":
		return fmt.Errorf("the route %s needs a model", t.Route)
	case !sendable(t.Key) || !sendable(t.Code):
		return fmt.Errorf("the key or the event code has characters that no header can carry")
	case t.User == "":
		return fmt.Errorf("the prompt is empty")
	case t.MaxTokens < 1 || t.MaxTokens > maxTokens:
		return fmt.Errorf("max_tokens %d is not from 1 to %d", t.MaxTokens, maxTokens)
	}
	return nil
}

func sendable(credential string) bool {
	return strings.IndexFunc(credential, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// endpoint reads the URL. One with a credential in it would be shown somewhere.
func (t Traffic) endpoint() (*url.URL, error) {
	u, err := url.Parse(t.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the URL is none: use one such as https://host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the URL of %s has more than a scheme, a host and a path", u.Host)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("%q is not a URL such as https://host", t.URL)
	}
	return u, nil
}

// Local reports whether the endpoint is on this machine, by its name alone: nobody's
// bill grows by a load on it.
func (t Traffic) Local() bool {
	u, err := t.endpoint()
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// sender makes requests of one traffic. It is safe for concurrent use.
type sender struct {
	Traffic
	target string
	body   []byte
}

func (t Traffic) sender() (*sender, error) {
	u, err := t.endpoint()
	if err != nil {
		return nil, err
	}
	s := &sender{Traffic: t}
	switch t.Route {
	case Prompt:
		s.target = u.JoinPath("api/oai_prompt").String()
	case V1:
		s.target = u.JoinPath("openai/v1/chat/completions").String()
	default:
		u = u.JoinPath("openai/deployments", url.PathEscape(t.Model), "chat/completions")
		u.RawQuery = "api-version=" + apiVersion
		s.target = u.String()
	}
	s.body, err = json.Marshal(t.message())
	return s, err
}

// reasons is the names of models that take max_completion_tokens only.
var reasons = regexp.MustCompile(`(?i)^(o[0-9]|gpt-5)`)

// message is the body: on the route of the published load test exactly that test's.
func (t Traffic) message() map[string]any {
	messages := []map[string]string{{"role": "user", "content": t.User}}
	if t.System != "" {
		messages = append(messages, map[string]string{"role": "system", "content": t.System})
	}
	if t.Route == Prompt {
		return map[string]any{
			"messages": messages, "max_tokens": t.MaxTokens, "temperature": 1, "top_p": 0,
			"stop_sequence": "string", "frequency_penalty": 0, "presence_penalty": 0,
		}
	}
	if len(messages) == 2 { // where SDKs put it
		messages[0], messages[1] = messages[1], messages[0]
	}
	limit := "max_tokens"
	if reasons.MatchString(t.Model) {
		limit = "max_completion_tokens"
	}
	m := map[string]any{"model": t.Model, "messages": messages, limit: t.MaxTokens}
	if t.Stream {
		m["stream"] = true
		m["stream_options"] = map[string]bool{"include_usage": true}
	}
	return m
}

// request makes one user's request.
func (s *sender) request(ctx context.Context, user int) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.target, bytes.NewReader(s.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	switch {
	case s.Route == Prompt:
		r.Header.Set("openai-event-code", s.Code)
	case s.Code != "":
		r.Header.Set("api-key", fmt.Sprintf("%s/user-%03d", s.Code, user+1))
	default:
		r.Header.Set("api-key", s.Key)
	}
	return r, nil
}

// hide takes the credentials out of what a server said.
func (t Traffic) hide(text string) string {
	for _, secret := range []string{t.Key, t.Code} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[hidden]")
		}
	}
	return text
}
