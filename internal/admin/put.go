package admin

import (
	"context"
	"net/http"

	"github.com/tallygate/tallygate/internal/object"
)

// put is what a PUT asks for: that the object of an id be made, or replaced.
type put struct {
	id   string
	data []byte
	// version is that of the object to be replaced, 0 when there must be none, or Any.
	version int64
}

func readPut(w http.ResponseWriter, r *http.Request) (*put, error) {
	version, err := ifMatch(r, 0)
	if err != nil {
		return nil, err
	}
	data, err := body(w, r)
	if err != nil {
		return nil, err
	}
	return &put{r.PathValue("id"), data, version}, nil
}

// status is that of the answer when it was done.
func (p *put) status() int {
	if p.version == 0 {
		return http.StatusCreated
	}
	return http.StatusOK
}

// remove answers a DELETE, which speaks of whichever version there is unless it says
// of one.
func remove(do func(ctx context.Context, id string, version int64) error) action {
	return func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		version, err := ifMatch(r, object.Any)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, do(r.Context(), r.PathValue("id"), version)
	}
}
