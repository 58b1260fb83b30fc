package world

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// FuzzNonce: whatever is sent as an event, it has the gateway's nonce and no other, is
// JSON if it was, and is else as it was written.
func FuzzNonce(f *testing.F) {
	for _, s := range []string{
		`{}`, ` { "a" : 1 , "nonce":"x" } `, `{"nonce":1,"nonce":{"nonce":2},"b":[1,{"nonce":3}]}`, `[]`, `{`, `null`, ``, `{"a":1}}`,
		`{"\u006eonce":"x"}`, `{"Nonce":"x"}`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, nonce := range []string{"", newNonce(time.Now())} {
			got := withNonce(data, nonce)
			var was, is map[string]json.RawMessage
			if json.Unmarshal(data, &was) != nil || was == nil {
				if !bytes.Equal(got, data) {
					t.Errorf("%q became %q", data, got)
				}
				continue
			}
			if err := json.Unmarshal(got, &is); err != nil {
				t.Fatalf("%q became %q: %v", data, got, err)
			}
			if want := `"` + nonce + `"`; nonce != "" && string(is["nonce"]) != want || nonce == "" && is["nonce"] != nil {
				t.Errorf("%q became %q", data, got)
			}
			delete(was, "nonce")
			if delete(is, "nonce"); len(was) != len(is) {
				t.Errorf("%q became %q", data, got)
			}
		}
	})
}

// A nonce of ours tells when it was made; another tells nothing.
func TestMadeAt(t *testing.T) {
	now := time.UnixMilli(1_795_000_000_123).UTC()
	if got := madeAt(newNonce(now)); !got.Equal(now) {
		t.Errorf("made at %v, want %v", got, now)
	}
	for _, s := range []string{"", "x", "mine", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"} {
		if !madeAt(s).IsZero() {
			t.Errorf("%q was made at %v", s, madeAt(s))
		}
	}
}
