package object_test

import (
	"net/http"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// Who expects another version than there is, is told which way it is wrong.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		now, want int64
		status    int
	}{
		{0, 0, 0}, {5, 5, 0}, {5, object.Any, 0},
		{5, 0, http.StatusConflict}, {5, 4, http.StatusPreconditionFailed},
		{0, 4, http.StatusPreconditionFailed}, {0, object.Any, http.StatusPreconditionFailed},
	} {
		status := 0
		if err := object.Match(c.now, c.want); err != nil {
			status = tallygate.AsError(err).Kind.Status()
		}
		if status != c.status {
			t.Errorf("Match(%d, %d) refuses with %d, want %d", c.now, c.want, status, c.status)
		}
	}
}
