// Package wire reads what a request asks for, and says what goes upstream for it:
// the URL in all its dialects, the few fields of the body that anyone on the way
// relies on, and the bytes to send to a deployment.
//
// Bodies are not decoded. A JSON body is read whole and looked at in one pass,
// which checks all of it (RFC 8259, UTF-8, no key twice in an object) and notes
// where the fields are that matter here. So what was looked at is what is sent:
// there is no second reading that another parser could take differently. What
// has to differ upstream is spliced in at those places (the model's name,
// stream_options.include_usage, a cap on completion tokens); every other byte goes
// out as it came in.
//
// Targets are built from parts: a known prefix, the configured deployment, and
// path segments that were decoded once, checked, and encoded again. No request
// can aim outside /openai/ of the host that the resource is configured with.
package wire
