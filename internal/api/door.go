package api

import "time"

// Portal is what the playground's door tells everybody: whose it is, and where to ask.
type Portal struct {
	Organisation string `json:"organisation"`
	// Help is a text, or the address of a page or a mailbox.
	Help string `json:"help"`
}

// Arrival is somebody who comes to an event by its shared code, under a name.
type Arrival struct {
	Code string `json:"code"`
	Name string `json:"name"`
	// Remember lets this browser come back under the name.
	Remember bool `json:"remember"`
}

// Admission is the key of who was let in.
type Admission struct {
	Key string `json:"key"`
}

// Ticket lets another device in with the key that it was asked for with: once, and soon.
type Ticket struct {
	// URL is the playground's address with the ticket behind the #, QR a picture of it.
	URL string `json:"url"`
	QR  string `json:"qr"`
	// Expires is when it ends, and Seconds in how many that is.
	Expires time.Time `json:"expires"`
	Seconds int       `json:"seconds"`
}

// Redemption hands a ticket in.
type Redemption struct {
	Ticket string `json:"ticket"`
}
