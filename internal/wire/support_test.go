package wire_test

import (
	"io"
	"strings"
)

// newBody returns text as a request's body.
func newBody(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
