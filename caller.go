package tallygate

// Caller is who asks: the owner of the credential a request came with. A Caller
// is shared by all its requests and never changes after it was made.
type Caller struct {
	// ID names the caller for ever: in the ledger, in limits, in reports.
	ID string
	// Group is the caller's group (team, product, cost centre); may be empty.
	Group string
	// Event is the event the caller takes part in, and Attendee who it is there;
	// empty for callers of the configuration.
	Event, Attendee string
	// Models are globs over model names the caller may use; none means all.
	Models []string
	// Allow is what its requests may reach beyond their prompts. It binds those of
	// events; callers of the configuration may reach everything.
	Allow Reach
	// MaxTokens caps what its requests may ask for: the tightest of its own, its
	// group's and its event's.
	MaxTokens Cap
	// Weight is its share of the room when several wait for it; 0 counts as 1.
	Weight int
	// Batch says that it can wait: others go first.
	Batch bool
	// TellDeployment says that its answers name the deployment that served them.
	TellDeployment bool
}

// Restricted reports whether the caller may use named models only: who takes part in
// an event, and whoever has globs, be they "*". The objects that resources keep have no
// owners, so restricted callers reach none of them.
func (c *Caller) Restricted() bool { return c.Event != "" || len(c.Models) > 0 }

// Identity is a caller together with the credential it was recognised by.
type Identity struct {
	*Caller
	// Key identifies the credential without revealing it: the first 12 hex
	// digits of its SHA-256.
	Key string
	// Enter lets somebody in who is new, before the first request that a model reads; its
	// error refuses that. Until then nothing is kept of who only looks around. nil for
	// whoever is known. It may be called again, and from any goroutine.
	Enter func() error
	// Typed is the name that somebody new has typed, where Attendee is a pseudonym of it.
	Typed string
}
