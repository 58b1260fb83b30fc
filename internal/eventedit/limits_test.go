package eventedit

import (
	"encoding/json"
	"testing"
)

// A flag replaces the limits of its kind, keeps what else they said about the same
// period, and leaves those of other kinds alone.
func TestSetLimits(t *testing.T) {
	const was = `[{"tokens":"5M","per":"event","warn":"50%"},{"tokens":1000,"per":"minute","each":"attendee"},` +
		`{"tokens":1000,"per":"day","models":["gpt-4o"]},{"requests":9,"per":"day"}]`
	const others = `{"each":"attendee","per":"minute","tokens":1000},{"models":["gpt-4o"],"per":"day","tokens":1000},{"per":"day","requests":9}`
	for _, test := range []struct{ name, value, want string }{
		{"tokens", "6M", `[` + others + `,{"per":"event","tokens":"6M","warn":"50%"}]`},
		{"tokens", "6M, 100/ hour ", `[` + others + `,{"per":"event","tokens":"6M","warn":"50%"},{"per":"hour","tokens":100}]`},
		{"tokens", "", `[` + others + `]`},
		{"tokens-per-attendee", "7/day", `[{"per":"event","tokens":"5M","warn":"50%"},{"models":["gpt-4o"],"per":"day","tokens":1000},{"per":"day","requests":9},{"each":"attendee","per":"day","tokens":7}]`},
		{"tokens", "6M,7M", ""}, {"tokens", "/day", ""}, {"tokens", "5/", ""},
	} {
		d, err := Read([]byte(`{"limits":` + was + `}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range LimitFlags {
			if f.Name == test.name {
				err = f.Set(d, test.value)
			}
		}
		got, _ := json.Marshal(d["limits"])
		if (err != nil) != (test.want == "") || err == nil && string(got) != test.want {
			t.Errorf("--%s %q: %v\n%s, want\n%s", test.name, test.value, err, got, test.want)
		}
	}
}
