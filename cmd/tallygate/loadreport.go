package main

import (
	"slices"
	"strings"

	"github.com/tallygate/tallygate/internal/rehearse"
)

// sharedGuest reports whether a limit refused messages of users who are all one
// attendee, so that what is meant for each refused them together.
func sharedGuest(r *rehearse.Report) bool {
	return r.Route == rehearse.Prompt && slices.ContainsFunc(r.Kinds, func(k rehearse.Status) bool {
		return k.Status >= 400 && strings.Contains(k.Message, `limit "`)
	})
}
