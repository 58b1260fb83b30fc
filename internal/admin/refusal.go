package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/object"
)

// maxBody is the largest body that is read, in bytes.
const maxBody = 1 << 20

// retryAfter is after how many seconds to try again what could not be done now.
const retryAfter = "10"

// ifMatch returns the version that If-Match speaks of; absent when it does not.
func ifMatch(r *http.Request, absent int64) (int64, error) {
	switch s := strings.TrimSpace(r.Header.Get("If-Match")); s {
	case "":
		return absent, nil
	case "*":
		return object.Any, nil
	default:
		n, err := strconv.ParseInt(strings.Trim(s, `"`), 10, 64)
		if err != nil || n < 1 {
			return 0, bad("InvalidIfMatch", `If-Match is a version such as "12", or *.`)
		}
		return n, nil
	}
}

func etag(version int64) string { return fmt.Sprintf(`"%d"`, version) }

func bad(code, format string, args ...any) error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// body reads the body of a request.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &tallygate.Error{Kind: tallygate.TooLarge, Code: "BodyTooLarge", Message: fmt.Sprintf("The body has more than %d bytes.", maxBody)}
	}
	if err != nil {
		return nil, bad("BodyUnreadable", "The body could not be read.")
	}
	return data, nil
}

// query returns the parameters of a request, of which only those that are known may
// be there, each once.
func query(r *http.Request, known ...string) (map[string]string, error) {
	values := make(map[string]string)
	for name, all := range r.URL.Query() {
		switch {
		case !slices.Contains(known, name):
			return nil, bad("UnknownParameter", "There is no parameter %.80q. Known are: %s.", name, strings.Join(known, ", "))
		case len(all) > 1:
			return nil, bad("RepeatedParameter", "The parameter %q is there %d times.", name, len(all))
		}
		values[name] = all[0]
	}
	return values, nil
}

// truth reads a parameter that is true or false; absent is false.
func truth(values map[string]string, name string) (bool, error) {
	switch values[name] {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, bad("InvalidParameter", "%s is true or false.", name)
}

// action is what a route does. It says what to answer, with which status; nil is no
// body.
type action func(http.ResponseWriter, *http.Request) (status int, answer any, err error)

// handle makes a handler of an action.
func handle(f action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, v, err := f(w, r)
		switch {
		case err != nil:
			refuse(w, err)
		case v == nil:
			w.WriteHeader(status)
		default:
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(v)
		}
	}
}

// refuse says why the admin side does not do what it was asked to. A failure of the
// gateway is told in full: whoever bears the admin key is its operator.
func refuse(w http.ResponseWriter, err error) {
	why := asRefusal(err)
	if why.Kind == tallygate.Unavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(why.Kind.Status())
	json.NewEncoder(w).Encode(api.Failure{Error: api.Error{Code: why.Code, Message: why.Message, Problems: why.Problems}})
}

func asRefusal(err error) *tallygate.Error {
	why, ok := errors.AsType[*tallygate.Error](err)
	switch {
	case ok && why.Kind != tallygate.Internal:
		return why
	case errors.Is(err, object.ErrNotFound):
		return &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: err.Error()}
	case errors.Is(err, object.ErrConflict):
		return &tallygate.Error{Kind: tallygate.Stale, Code: "VersionMismatch", Message: err.Error()}
	}
	return &tallygate.Error{Code: "InternalServerError", Message: err.Error()}
}
