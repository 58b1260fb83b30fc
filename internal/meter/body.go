package meter

import (
	"fmt"
	"io"
	"net/http"

	"github.com/tallygate/tallygate"
)

// copyBody copies an answer that is not a stream of events.
func (m *Meter) copyBody(w http.ResponseWriter, res *http.Response, a *Answer) (Result, error) {
	var out Result
	if a.Before != nil {
		if err := a.Before(); err != nil {
			return out, err
		}
	}
	out.Committed = true
	w.WriteHeader(res.StatusCode)
	n, err := io.Copy(w, res.Body)
	out.Bytes, out.Outcome = n, tallygate.Answered
	if err != nil {
		out.Outcome = tallygate.Failed
		return out, fmt.Errorf("copy answer: %w", err)
	}
	return out, nil
}
