// Package api has the words of the admin API: what its requests and answers hold. The
// admin side writes them, the client reads them, and the types of the pages and the
// OpenAPI description are made from them.
package api

// Failure is the answer to a request that was not done.
type Failure struct {
	Error Error `json:"error"`
}

// Error is why a request was not done: a code for the machine, a message for people,
// and, of what was sent, everything that is wrong with it.
type Error struct {
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	Problems []string `json:"problems,omitempty"`
}

// Realm is what the admin side calls itself in WWW-Authenticate, so that a client can
// tell a key that is wrong from a side that is.
const Realm = "tallygate admin"
