package event

import (
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

func tooManyGuesses() error {
	return &tallygate.Error{
		Kind: tallygate.Throttled, Code: CodeGuesses, RetryAfter: penalty,
		Message: fmt.Sprintf("Too many wrong codes came from your address. Please retry after %d seconds.", int(penalty.Seconds())),
	}
}
