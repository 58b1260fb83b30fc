package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// UnreachableError says that no admin side answers.
type UnreachableError struct{ err error }

// Error says what went wrong, and what to do.
func (u *UnreachableError) Error() string { return u.err.Error() }

// Unwrap returns what went wrong.
func (u *UnreachableError) Unwrap() error { return u.err }

// unreachable says that nothing answers, and what to do.
func (a *Client) unreachable(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // its URL is in the message already
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer within half a minute")
	}
	return &UnreachableError{fmt.Errorf("cannot reach the admin side of a gateway at %s: %w\n"+
		"Start the gateway, or name its address with --admin or TALLYGATE_ADMIN", a.base.Redacted(), err)}
}

// refused says why the gateway did not do what it was asked.
func (a *Client) refused(res *http.Response, text []byte) error {
	var body api.Failure
	_ = json.Unmarshal(text, &body) // what is no JSON has no message
	why := Rejection{Code: body.Error.Code, Wrong: res.StatusCode == http.StatusBadRequest}
	for i, line := range append(strings.Split(body.Error.Message, "\n"), body.Error.Problems...) {
		if line = console.Printable(line, 500); i == 0 {
			why.Message = line
		} else {
			why.Problems = append(why.Problems, line)
		}
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized && !strings.Contains(res.Header.Get("WWW-Authenticate"), api.Realm):
		return fmt.Errorf("what answers at %s is not a gateway's admin side: it may be the side that callers use\n"+
			"Name the address of admin.listen with --admin or TALLYGATE_ADMIN", a.base.Redacted())
	case res.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("the gateway at %s does not take this admin key\nSet %s or --key-file to its admin.key", a.base.Redacted(), KeyVariable)
	case body.Error.Message == "":
		return fmt.Errorf("what answers at %s is not a gateway's admin side: it says %s", a.base.Redacted(), res.Status)
	}
	return &why
}

// Rejection is why a gateway cannot use what it was sent: a message, and of what was
// sent everything that is wrong, each with the key it is about before it.
type Rejection struct {
	// Code is for the machine, Message for people.
	Code, Message string
	Problems      []string
	// Wrong says that the request itself made no sense.
	Wrong bool
}

// Error returns the message, and the problems below it.
func (r *Rejection) Error() string {
	return strings.Join(append([]string{r.Message}, r.Problems...), "\n  ")
}
