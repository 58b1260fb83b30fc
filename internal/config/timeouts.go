package config

import (
	"time"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Timeouts bound how long the gateway waits.
type Timeouts struct {
	// Connect bounds the connection to a resource, TLS included.
	Connect time.Duration
	// FirstByte bounds the time from sending a request to its response header.
	FirstByte time.Duration
	// Idle bounds the time between two reads of a response.
	Idle time.Duration
	// Header bounds the reading of a client's request header.
	Header time.Duration
	// Body bounds the time between two reads of a client's request body, and that a
	// client may leave a piece of an answer unread.
	Body  time.Duration
	Drain Drain
}

// Drain is how the gateway stops.
type Drain struct {
	// Delay is the time between not ready and no longer accepting, for load
	// balancers to notice.
	Delay time.Duration
	// Deadline bounds the time running requests have to finish.
	Deadline time.Duration
}

func (t *Timeouts) fields() tree.Fields {
	return tree.Fields{
		{Key: "connect", Codec: tree.Duration(&t.Connect, time.Millisecond), Doc: "Connecting to a resource, TLS included."},
		{Key: "first_byte", Codec: tree.Duration(&t.FirstByte, time.Millisecond), Doc: "From sending a request to the response header."},
		{Key: "idle", Codec: tree.Duration(&t.Idle, time.Millisecond), Doc: "Between two reads of a response."},
		{Key: "header", Codec: tree.Duration(&t.Header, time.Millisecond), Doc: "Reading a client's request header."},
		{Key: "body", Codec: tree.Duration(&t.Body, time.Millisecond), Doc: "Between two reads of a client's request body; also how long a client may leave an answer unread."},
		{Key: "drain", Codec: tree.Section(t.Drain.fields()), Doc: "Stopping."},
	}
}

func (d *Drain) fields() tree.Fields {
	return tree.Fields{
		{Key: "delay", Codec: tree.Duration(&d.Delay, 0), Doc: "Between no longer ready and no longer accepting, for load balancers to notice."},
		{Key: "deadline", Codec: tree.Duration(&d.Deadline, 0), Doc: "Time running requests have to finish."},
	}
}
