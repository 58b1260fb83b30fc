// Package upstream goes there and back: it sends a request to one deployment with
// that resource's own credential, and tells an answer for the caller from a
// refusal that another deployment may not give. It never retries by itself: which
// deployment is next is the pool's to say.
package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/tallygate/tallygate"
)

// Credential is comparable: two that are equal give the same. It sets what a resource demands of its callers on each attempt. It
// returns an error when it has none to give; that is never the caller's fault.
type Credential interface {
	Apply(ctx context.Context, h http.Header) error
}

// Key is a resource's own API key as a Credential.
type Key string

// Apply implements Credential.
func (k Key) Apply(_ context.Context, h http.Header) error {
	h["Api-Key"] = []string{string(k)}
	return nil
}

// Resource is one Azure OpenAI resource: where it is and how to be let in.
type Resource struct {
	Name string
	// Base is scheme, host and, before a resource behind another gateway, a path
	// prefix. Requests can never leave it.
	Base       *url.URL
	Credential Credential
}

// Call is one request to send, ready for any deployment.
type Call struct {
	Method string
	// Path and Query are the escaped target behind the resource's base.
	Path, Query string
	// Header is the client's; only what may go upstream does.
	Header http.Header
	// Length is the body's bytes, -1 when unknown. Body gives the body anew for
	// each attempt; nil means none.
	Length int64
	Body   func() io.ReadCloser
}

// Upstream sends calls to resources. Safe for concurrent use.
type Upstream struct {
	resources map[string]*Resource
	transport http.RoundTripper
	also      []string
}

// New returns an Upstream for the resources. The transport belongs to the caller,
// so that a reload keeps its connections. also are globs of request headers that go
// upstream besides those that do anyhow; see tallygate.Withheld for those that never do.
func New(resources []*Resource, transport http.RoundTripper, also ...string) *Upstream {
	u := &Upstream{resources: make(map[string]*Resource, len(resources)), transport: transport, also: also}
	for _, r := range resources {
		u.resources[r.Name] = r
	}
	return u
}

// Changed returns the names of the resources that were there before with another address
// or credential.
func (u *Upstream) Changed(was *Upstream) []string {
	var names []string
	for name, r := range u.resources {
		before := was.resources[name]
		if before != nil && (before.Base.String() != r.Base.String() || before.Credential != r.Credential) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Send sends the call to the deployment's resource and returns the answer once
// its header is there, whatever its status. The error is a *Failure when there was
// no answer, also when ctx ended, or the *tallygate.Error that the call's body
// returned.
func (u *Upstream) Send(ctx context.Context, d *tallygate.Deployment, call *Call) (*http.Response, error) {
	r, ok := u.resources[d.Resource]
	if !ok {
		return nil, fmt.Errorf("send to %s: no such resource", d.ID())
	}
	req := (&http.Request{
		Method: call.Method,
		URL: &url.URL{
			Scheme: r.Base.Scheme, Host: r.Base.Host,
			// Opaque carries the escaped path as it is: nothing is decoded and
			// encoded again on its way.
			Opaque: r.Base.EscapedPath() + call.Path, RawQuery: call.Query,
		},
		Host: r.Base.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: u.requestHeader(call.Header),
	}).WithContext(ctx)
	if call.Body != nil {
		req.Body, req.ContentLength = call.Body(), call.Length
	}
	if err := r.Credential.Apply(ctx, req.Header); err != nil {
		return nil, &Failure{Sent: false, Err: fmt.Errorf("credential for resource %s: %w", r.Name, err)}
	}
	res, err := u.transport.RoundTrip(req)
	if err != nil {
		if client, ok := errors.AsType[*tallygate.Error](err); ok {
			return nil, client // its body did not come whole: no fault of the deployment
		}
		return nil, &Failure{Sent: !unsent(err), Err: fmt.Errorf("send to %s: %w", d.ID(), err)}
	}
	res.Request = req // its method and context tell the meter what the answer means
	return res, nil
}

// Failure is an attempt that brought no answer: the connection, TLS, a reset, a
// time-out.
type Failure struct {
	// Sent says that the request may have reached the resource.
	Sent bool
	Err  error
}

// Error implements error. The text is for the operator.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// unsent reports whether the request cannot have reached the server: the transport
// says so itself, or no connection came about.
func unsent(err error) bool {
	var transport interface{ Sent() bool }
	if errors.As(err, &transport) {
		return !transport.Sent()
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
