package meter

import (
	"fmt"
	"net/http"
)

// Refusal is a stream that came with status 200 and refuses in its first event.
// Nothing has been sent: another deployment may be tried.
type Refusal struct {
	// Status is what the answer should have had: 429, 403 or 500.
	Status int
	// Header is the answer's header; Retry-After and retry-after-ms may be there.
	Header http.Header
	// Code is the error's code, or its type when it has none.
	Code string
	// Body is the error as the JSON body {"error":…} of an answer with Status.
	Body []byte
}

// Error implements error; the text is for the operator.
func (r *Refusal) Error() string {
	return fmt.Sprintf("the stream refused with %d %s", r.Status, r.Code)
}
