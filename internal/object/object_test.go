package object_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// What cannot be an object is refused, with the field at fault; the bounds themselves
// are allowed.
func TestCheck(t *testing.T) {
	long := strings.Repeat("é", object.MaxName)
	most := []byte(`"` + strings.Repeat("x", object.MaxData-2) + `"`)
	sound := func() object.Object { return object.Object{Kind: "limit", ID: "a b", Data: []byte("{}")} }
	tests := []struct {
		name   string
		change func(o *object.Object)
		param  string // empty: it is allowed
	}{
		{"a plain one", func(*object.Object) {}, ""},
		{"the longest names", func(o *object.Object) { o.Kind, o.ID, o.Tenant, o.By = long, long, long, long }, ""},
		{"the largest data", func(o *object.Object) { o.Data = most }, ""},
		{"null", func(o *object.Object) { o.Data = []byte("null") }, ""},
		{"no kind", func(o *object.Object) { o.Kind = "" }, "kind"},
		{"no id", func(o *object.Object) { o.ID = "" }, "id"},
		{"an id too long", func(o *object.Object) { o.ID = long + "x" }, "id"},
		{"an id of a megabyte", func(o *object.Object) { o.ID = string(most) }, "id"},
		{"a tab", func(o *object.Object) { o.ID = "a\tb" }, "id"},
		{"NUL", func(o *object.Object) { o.Kind = "a\x00" }, "kind"},
		{"a character that turns text round", func(o *object.Object) { o.Tenant = "a\u202eb" }, "tenant"},
		{"no UTF-8", func(o *object.Object) { o.By = "\xff" }, "by"},
		{"a negative version", func(o *object.Object) { o.Version = -1 }, "version"},
		{"no data", func(o *object.Object) { o.Data = nil }, "data"},
		{"data that is no JSON", func(o *object.Object) { o.Data = []byte(`{"a":}`) }, "data"},
		{"data that is no UTF-8", func(o *object.Object) { o.Data = []byte("\"\xff\"") }, "data"},
		{"data too large", func(o *object.Object) { o.Data = append(most, ' ') }, "data"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := sound()
			test.change(&o)
			err := o.Check()
			if test.param == "" && err == nil {
				return
			}
			e, ok := errors.AsType[*tallygate.Error](err)
			if !ok || e.Kind != tallygate.BadRequest || e.Param != test.param || e.Param == "" {
				t.Errorf("Check() = %v, want BadRequest of %q", err, test.param)
			}
		})
	}
}
