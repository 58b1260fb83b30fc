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

// Refusal is why the admin side does not do what it was asked to: an HTTP status, a
// code for the machine, a message for people, and, of what was sent, everything that
// is wrong with it.
type Refusal struct {
	Status        int
	Code, Message string
	Problems      []string
}

// Error returns the message and the problems, one a line.
func (r *Refusal) Error() string {
	return strings.Join(append([]string{r.Message}, r.Problems...), "\n")
}

// Conflict refuses what does not fit to what there is.
func Conflict(code, format string, args ...any) error {
	return &Refusal{Status: http.StatusConflict, Code: code, Message: fmt.Sprintf(format, args...)}
}

// maxBody is the largest body that is read, in bytes.
const maxBody = 1 << 20

// retryAfter is after how many seconds to try again what could not be done now.
const retryAfter = "10"

// Any stands for whichever version of an object there is.
const Any int64 = -1

// Match reports why an object that is at version now, 0 when there is none, may not be
// changed by someone who expects it at version want: 0 for none, or Any.
func Match(now, want int64) error {
	switch {
	case want == now || want == Any && now > 0:
		return nil
	case want == 0:
		return Conflict("Exists", "It is there already, at version %d. Send If-Match: \"%d\" to replace that one, or If-Match: * whichever there is.", now, now)
	case now == 0:
		return &Refusal{Status: http.StatusPreconditionFailed, Code: "VersionMismatch", Message: "There is none to be replaced. Send no If-Match to make it."}
	}
	return &Refusal{Status: http.StatusPreconditionFailed, Code: "VersionMismatch",
		Message: fmt.Sprintf("It is at version %d, not %d: somebody changed it meanwhile. Look at it again.", now, want)}
}

// ifMatch returns the version that If-Match speaks of; absent when it does not.
func ifMatch(r *http.Request, absent int64) (int64, error) {
	switch s := strings.TrimSpace(r.Header.Get("If-Match")); s {
	case "":
		return absent, nil
	case "*":
		return Any, nil
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
	return &Refusal{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// body reads the body of a request.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &Refusal{Status: http.StatusRequestEntityTooLarge, Code: "BodyTooLarge", Message: fmt.Sprintf("The body has more than %d bytes.", maxBody)}
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

// handle makes a handler of an action. An error that is no refusal is a failure of the
// gateway, and told in full: whoever bears the admin key is its operator.
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

func refuse(w http.ResponseWriter, err error) {
	no, ok := errors.AsType[*Refusal](err)
	if wrong := tallygate.AsError(err); !ok {
		no = &Refusal{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
		switch {
		case errors.Is(err, object.ErrNotFound):
			no.Status, no.Code = http.StatusNotFound, "NotFound"
		case errors.Is(err, object.ErrConflict):
			no.Status, no.Code = http.StatusPreconditionFailed, "VersionMismatch"
		case wrong.Kind == tallygate.BadRequest:
			no.Status, no.Code, no.Message = http.StatusBadRequest, wrong.Code, wrong.Message
		case wrong.Kind == tallygate.Unavailable:
			no.Status, no.Code, no.Message = http.StatusServiceUnavailable, wrong.Code, wrong.Message
			w.Header().Set("Retry-After", retryAfter)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(no.Status)
	json.NewEncoder(w).Encode(api.Failure{Error: api.Error{Code: no.Code, Message: no.Message, Problems: no.Problems}})
}
