package alert

import (
	"errors"
	"net/url"
)

// withoutURL takes the address out of an error of net/http.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
