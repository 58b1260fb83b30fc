package world

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// nonceKey is the member of a stored event that tells it from others of its id. The
// gateway alone writes it: an event that is made has a new one, one that is changed
// keeps its own, or none if it is from before there were any.
const nonceKey = "nonce"

// newNonce makes a nonce: a UUID version 7, whose time is when the event was made.
func newNonce(now time.Time) string { return tallygate.NewID(now).String() }

// madeAt is when an event of a nonce was made; zero for what is no nonce of ours.
func madeAt(nonce string) time.Time {
	ms, err := strconv.ParseInt(strings.ReplaceAll(nonce[:min(len(nonce), 13)], "-", ""), 16, 64)
	if err != nil || len(nonce) != 36 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// nonceOf is the nonce of an event that is stored; empty for none.
func nonceOf(o *object.Object) string {
	var data struct {
		Nonce string `json:"nonce"`
	}
	if json.Unmarshal(o.Data, &data) != nil {
		return ""
	}
	return data.Nonce
}

// withNonce returns the JSON of an event with this nonce, and with none if it is empty,
// whatever nonce it came with. The rest stays as it is written, also what is wrong with
// it.
func withNonce(data []byte, nonce string) []byte {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') || !json.Valid(data) {
		return data
	}
	begin := d.InputOffset()
	var members [][]byte
	if nonce != "" {
		members = append(members, []byte(`"`+nonceKey+`":"`+nonce+`"`))
	}
	for d.More() {
		from := d.InputOffset()
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return data
		}
		if key != nonceKey {
			members = append(members, bytes.TrimLeft(data[from:d.InputOffset()], ", \t\r\n"))
		}
	}
	end := d.InputOffset()
	out := append(bytes.Clone(data[:begin]), bytes.Join(members, []byte(","))...)
	return append(out, bytes.TrimLeft(data[end:], ", \t\r\n")...)
}
