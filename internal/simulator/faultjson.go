package simulator

import (
	"encoding/json"
	"time"
)

// faultJSON is Fault as the admin routes write it.
type faultJSON struct {
	ID          string            `json:"id,omitempty"`
	Resource    string            `json:"resource,omitempty"`
	Deployment  string            `json:"deployment,omitempty"`
	Operation   string            `json:"operation,omitempty"`
	Method      string            `json:"method,omitempty"`
	InHeader    map[string]string `json:"request_header,omitempty"`
	InBody      string            `json:"request_body,omitempty"`
	After       int               `json:"after,omitempty"`
	Count       int               `json:"count,omitempty"`
	Probability float64           `json:"probability,omitempty"`
	Kind        FaultKind         `json:"kind"`
	Status      int               `json:"status,omitempty"`
	Code        string            `json:"code,omitempty"`
	Message     string            `json:"message,omitempty"`
	Param       string            `json:"param,omitempty"`
	Body        Generation        `json:"body,omitempty"`
	Raw         string            `json:"raw,omitempty"`
	ContentType string            `json:"content_type,omitempty"`
	RetryAfter  string            `json:"retry_after,omitempty"`
	RetryIn     duration          `json:"retry_in,omitempty"`
	Encoding    string            `json:"encoding,omitempty"`
	Gzip        bool              `json:"gzip,omitempty"`
	Usage       json.RawMessage   `json:"usage,omitempty"`
	Header      map[string]string `json:"header,omitempty"`
	Chunks      int               `json:"chunks,omitempty"`
	Delay       duration          `json:"delay,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler; durations are strings.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var j faultJSON
	if err := decodeStrict(b, &j); err != nil {
		return err
	}
	*f = Fault{
		ID: j.ID, Resource: j.Resource, Deployment: j.Deployment, Operation: j.Operation,
		Method: j.Method, RequestHeader: j.InHeader, RequestBody: j.InBody,
		After: j.After, Count: j.Count, Probability: j.Probability, Kind: j.Kind, Status: j.Status,
		Code: j.Code, Message: j.Message, Param: j.Param, Encoding: j.Encoding, Usage: j.Usage,
		Body: j.Body, Raw: j.Raw, ContentType: j.ContentType, RetryAfter: j.RetryAfter,
		RetryIn: time.Duration(j.RetryIn), Gzip: j.Gzip, Header: j.Header, Chunks: j.Chunks,
		Delay: time.Duration(j.Delay),
	}
	return nil
}

// MarshalJSON implements json.Marshaler; durations are strings.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{
		ID: f.ID, Resource: f.Resource, Deployment: f.Deployment, Operation: f.Operation,
		Method: f.Method, InHeader: f.RequestHeader, InBody: f.RequestBody,
		After: f.After, Count: f.Count, Probability: f.Probability, Kind: f.Kind, Status: f.Status,
		Code: f.Code, Message: f.Message, Param: f.Param, Encoding: f.Encoding, Usage: f.Usage,
		Body: f.Body, Raw: f.Raw, ContentType: f.ContentType, RetryAfter: f.RetryAfter,
		RetryIn: duration(f.RetryIn), Gzip: f.Gzip, Header: f.Header, Chunks: f.Chunks,
		Delay: duration(f.Delay),
	})
}
