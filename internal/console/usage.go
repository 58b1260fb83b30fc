package console

import (
	"errors"
	"fmt"
)

// UsageError is an error of whoever typed a command: its words or flags are wrong.
type UsageError struct{ err error }

// Error says what is wrong.
func (u *UsageError) Error() string { return u.err.Error() }

// Unwrap returns the error that Usagef was given, if any.
func (u *UsageError) Unwrap() error { return errors.Unwrap(u.err) }

// Usagef makes an error of whoever typed a command.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}
