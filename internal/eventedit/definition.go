// Package eventedit makes and changes the definitions of events: from flags as people type
// them, from a file, and from what a gateway tells of an event that it does not keep. What
// is wrong is a *console.UsageError that names the flag.
package eventedit

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Definition is an event as an entry of events in the configuration has it: what is
// stored of it.
type Definition map[string]any

// Read reads JSON. Numbers stay as they are written.
func Read(data []byte) (Definition, error) {
	d := make(Definition)
	r := json.NewDecoder(bytes.NewReader(data))
	r.UseNumber()
	if err := r.Decode(&d); err != nil {
		return nil, fmt.Errorf("the event's definition cannot be read: %w", err)
	}
	return d, nil
}

// RenewLink gives the event another link for its organisers.
func (d Definition) RenewLink() error {
	var n int64
	if had, ok := d["link"].(json.Number); ok {
		var err error
		if n, err = had.Int64(); err != nil {
			return fmt.Errorf("the event's link is no number: %w", err)
		}
	}
	d["link"] = n + 1
	return nil
}
