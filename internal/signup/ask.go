package signup

import (
	"fmt"
	"strings"

	"github.com/tallygate/tallygate/internal/event"
)

// mostDomains are named in full.
const mostDomains = 3

// ask says what somebody signs up with.
func ask(e *event.Event) string {
	switch {
	case len(e.Domains) > 0 && len(e.Roster) > 0:
		return "E-mail address (" + named(e.Domains) + "), or the name you were invited by"
	case len(e.Domains) > 0:
		return "E-mail address (" + named(e.Domains) + ")"
	case len(e.Roster) > 0:
		return "Name or e-mail address you were invited by"
	}
	return "Your name or e-mail address"
}

// named lists domains as one says them.
func named(domains []string) string {
	var all []string
	for _, d := range domains {
		all = append(all, strings.TrimPrefix(d, "@"))
	}
	last := len(all) - 1
	switch {
	case last == 0:
		return all[0]
	case len(all) > mostDomains:
		return fmt.Sprintf("%s or %d more", strings.Join(all[:mostDomains], ", "), len(all)-mostDomains)
	}
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
