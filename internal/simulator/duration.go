package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// duration is a time.Duration whose JSON is a string like "1.5s".
type duration time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (d *duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("duration %s: write it as a string such as \"300ms\"", b)
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = duration(v)
	return nil
}

// MarshalJSON implements json.Marshaler.
func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// latencyJSON is Latency as a scenario writes it.
type latencyJSON struct {
	FirstToken duration `json:"first_token,omitempty"`
	PerToken   duration `json:"per_token,omitempty"`
	Jitter     float64  `json:"jitter,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler; durations are strings.
func (l *Latency) UnmarshalJSON(b []byte) error {
	var j latencyJSON
	if err := decodeStrict(b, &j); err != nil {
		return err
	}
	*l = Latency{time.Duration(j.FirstToken), time.Duration(j.PerToken), j.Jitter}
	return nil
}

// MarshalJSON implements json.Marshaler; durations are strings.
func (l Latency) MarshalJSON() ([]byte, error) {
	return json.Marshal(latencyJSON{duration(l.FirstToken), duration(l.PerToken), l.Jitter})
}

// decodeStrict decodes one JSON value and refuses unknown fields and anything behind.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("something follows the first JSON value")
	}
	return nil
}
