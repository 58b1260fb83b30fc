package event

import (
	"errors"
	"fmt"
	"time"

	"github.com/tallygate/tallygate"
)

// The codes of refusals, for programs that tell people.
const (
	CodeNotStarted = "EventNotStarted"
	CodeEnded      = "EventEnded"
	CodeInactive   = "EventInactive"
	CodeRevoked    = "EventKeyRevoked"
	CodeSignUp     = "EventSignUpNeeded"
	CodeGuesses    = "TooManyGuesses"
	CodeNames      = "TooManyNames"
	CodeName       = "NameInvalid"
	CodeTaken      = "NameTaken"
)

func refuse(code, format string, args ...any) error {
	return &tallygate.Error{Kind: tallygate.Unauthenticated, Code: code, Message: fmt.Sprintf(format, args...)}
}

// closed says why the event cannot be used now; nil when it can.
func (e *Event) closed(now time.Time) error {
	zone := e.Zone
	if zone == nil {
		zone = time.UTC
	}
	at := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04 MST") }
	switch e.At(now) {
	case NotStarted:
		return refuse(CodeNotStarted, "The event %q has not started yet. It begins at %s.", e.Name, at(e.Start))
	case Ended:
		return refuse(CodeEnded, "The event %q has ended, at %s.", e.Name, at(e.End))
	case Closed:
		return refuse(CodeInactive, "The event %q is not active. Ask its organiser.", e.Name)
	}
	return nil
}

func revoked() error {
	return refuse(CodeRevoked, "This key has been taken back. Ask the event's organiser.")
}

func signUpFirst(e *Event) error {
	return refuse(CodeSignUp, "The event %q is for those who signed up. Sign up at /event/%s with this code, and use the key you get there.", e.Name, e.ID)
}

// tooManyGuesses is a 401 where keys are shown: a wrong key is no guess of a code, and
// clients that get another answer for it retry for ever. See Throttled.
func tooManyGuesses() error {
	return &tallygate.Error{
		Kind: tallygate.Unauthenticated, Code: CodeGuesses, RetryAfter: penalty,
		Message: fmt.Sprintf("This is no key that is known here. Too many wrong event codes came from your address: if it is one, retry after %d seconds.", int(penalty.Seconds())),
	}
}

// Throttled returns the refusal of who guesses codes as the routes tell it on which
// codes are shown and keys are not, and any other error as it is.
func Throttled(err error) error {
	if why, ok := errors.AsType[*tallygate.Error](err); ok && why.Code == CodeGuesses {
		return &tallygate.Error{
			Kind: tallygate.Throttled, Code: CodeGuesses, RetryAfter: why.RetryAfter,
			Message: fmt.Sprintf("Too many wrong codes came from your address. Please retry after %d seconds.", int(why.RetryAfter.Seconds())),
		}
	}
	return err
}

func tooManyNames(e *Event, wait time.Duration) error {
	return &tallygate.Error{
		Kind: tallygate.Throttled, Code: CodeNames, RetryAfter: wait,
		Message: fmt.Sprintf("Too many names came from your address to the event %q: %d an hour may. Use the name that you had, retry after %d seconds, or ask the organiser to let more people come from one address.",
			e.Name, e.crowd(), int(wait.Seconds())),
	}
}
