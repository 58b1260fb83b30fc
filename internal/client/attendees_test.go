package client

import (
	"testing"

	"github.com/tallygate/tallygate/internal/api"
)

// An attendee is found by id before name; of two with one name neither is meant.
func TestFindAttendee(t *testing.T) {
	all := []*api.Attendee{{ID: "p-1", Name: "ann"}, {ID: "p-2", Name: "Bob"}, {ID: "p-3", Name: "bob"}, {ID: "p-4", Name: "p-1"}, {ID: "p-5"}}
	for who, want := range map[string]string{"p-1": "p-1", "ANN ": "p-1", "p-3": "p-3", "bob": "", "": "", "cy": ""} {
		a, err := FindAttendee(all, who)
		if want == "" != (err != nil) || err == nil && a.ID != want {
			t.Errorf("%q: %+v, %v", who, a, err)
		}
	}
}
