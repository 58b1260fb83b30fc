// Package rehearse tries an event out before its people come: on paper (Sum), in
// virtual time on the simulator's limits (Simulate), and in earnest against an
// endpoint (Load.Run). All three speak of the same Crowd: people who each write so
// many messages a minute.
//
// Nothing here knows the gateway: a rehearsal sends what attendees send, and what it
// foretells follows from the limits that Azure documents.
package rehearse
