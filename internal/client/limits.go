package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tallygate/tallygate/internal/api"
)

// LimitQuery picks limits: by a name and a subject, which may be globs, and so many of the
// subjects of each. Zero values pick all limits, and the usual number of subjects.
type LimitQuery struct {
	Name, Subject string
	Subjects      int
}

// Limits returns limits and how they stand.
func (a *Client) Limits(ctx context.Context, o LimitQuery) (*api.LimitList, error) {
	q := make(url.Values)
	for name, value := range map[string]string{"name": o.Name, "subject": o.Subject} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if o.Subjects != 0 {
		q.Set("subjects", strconv.Itoa(o.Subjects))
	}
	list := new(api.LimitList)
	return list, a.ask(ctx, call{method: http.MethodGet, path: "/limits", query: q}, list)
}

// SetLimit replaces the limit of the name as it is now, or makes it, and reports which.
func (a *Client) SetLimit(ctx context.Context, name string, body []byte) (replaced bool, err error) {
	list, err := a.Limits(ctx, LimitQuery{})
	if err != nil {
		return false, err
	}
	put := call{method: http.MethodPut, path: "/limits", name: name, body: body}
	for _, l := range list.Limits {
		if l.Name == name && l.Origin == "stored" {
			put.version = l.Version
		}
	}
	return put.version > 0, a.ask(ctx, put, nil)
}

// DeleteLimit deletes the stored limit of the name.
func (a *Client) DeleteLimit(ctx context.Context, name string) error {
	return a.ask(ctx, call{method: http.MethodDelete, path: "/limits", name: name}, nil)
}
