package client

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

	"github.com/tallygate/tallygate/internal/console"
)

// call is one request to the admin side.
type call struct {
	method string
	// path begins with a slash, and name, if any, is its last part, whatever is in it.
	path, name string
	query      url.Values
	// version is that of the object to be replaced, 0 for none.
	version int64
	accept  string
	body    []byte
	// slow calls take as long as they need; others half a minute.
	slow bool
}

// maxAnswer is the largest answer that is read, in bytes.
const maxAnswer = 256 << 20

// ask makes a call, and reads the JSON of its answer into v unless that is nil.
func (a *Client) ask(ctx context.Context, c call, v any) error {
	text, err := a.text(ctx, c)
	if err != nil || v == nil || len(text) == 0 {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("what answers at %s is not a gateway's admin side: %w", a.base.Redacted(), err)
	}
	return nil
}

// text makes a call and returns its answer.
func (a *Client) text(ctx context.Context, c call) ([]byte, error) {
	if !c.slow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
	}
	req, err := a.request(ctx, c)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		// A redirect is no answer, and the key goes nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, a.unreachable(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, a.unreachable(err)
	}
	if res.StatusCode >= 300 {
		return nil, a.refused(res, text)
	}
	return text, nil
}

func (a *Client) request(ctx context.Context, c call) (*http.Request, error) {
	u := *a.base
	root := strings.TrimSuffix(u.EscapedPath(), "/") + "/admin/v1" + c.path
	if c.name != "" {
		root += "/" + url.PathEscape(c.name)
	}
	var err error
	if u.Path, err = url.PathUnescape(root); err != nil {
		return nil, console.Usagef("--admin: %w", err)
	}
	u.RawPath, u.RawQuery = root, c.query.Encode()
	req, err := http.NewRequestWithContext(ctx, c.method, u.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, console.Usagef("--admin: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	if c.version > 0 {
		req.Header.Set("If-Match", fmt.Sprintf("%q", fmt.Sprint(c.version)))
	}
	if c.accept != "" {
		req.Header.Set("Accept", c.accept)
	}
	return req, nil
}
