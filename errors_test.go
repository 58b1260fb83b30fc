package tallygate_test

import (
	"net/http"
	"testing"

	"github.com/tallygate/tallygate"
)

// Each kind but Internal has a status of its own, save the two that have to do with room.
func TestStatusOfKinds(t *testing.T) {
	seen := make(map[int]tallygate.Kind)
	for k := tallygate.Internal; k <= tallygate.Unprocessable; k++ {
		status := k.Status()
		if was, twice := seen[status]; twice && !(was == tallygate.Throttled && k == tallygate.Exhausted) {
			t.Errorf("kinds %d and %d both have status %d", was, k, status)
		}
		if (status == http.StatusInternalServerError) != (k == tallygate.Internal) {
			t.Errorf("kind %d has status %d", k, status)
		}
		seen[status] = k
	}
	if tallygate.Kind(200).Status() != http.StatusInternalServerError {
		t.Error("a kind that is none is a failure of the gateway")
	}
}
