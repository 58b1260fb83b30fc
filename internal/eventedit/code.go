package eventedit

import (
	"crypto/rand"
	"strings"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// codeLetters are those that nobody mistakes for another one: 32, so that a random
// byte picks each as often.
const codeLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// NewCode makes up a code that is easy to type and cannot be guessed: 60 bits.
func NewCode() string {
	b := make([]byte, 12)
	rand.Read(b) // never fails (crypto/rand)
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:])
}

// CodeTooNear refuses a new code that another event has but for upper and lower case:
// who mistypes it would be in the other event. The gateway refuses the very same code.
func CodeTooNear(all []api.Event, id string, d Definition) error {
	code, _ := d["code"].(string)
	for i := range all {
		if all[i].ID == id && all[i].Code == code {
			return nil // it is not new
		}
	}
	for i := range all {
		if e := &all[i]; code != "" && e.ID != id && e.Code != code && strings.EqualFold(e.Code, code) {
			return console.Usagef("--code: the event %q has this code but for upper and lower case, so people would mix them up: choose another", e.ID)
		}
	}
	return nil
}
