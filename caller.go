package tallygate

// Caller is who asks: the owner of the credential a request came with. A Caller
// is shared by all its requests and never changes after it was made.
type Caller struct {
	// ID names the caller for ever: in the ledger, in limits, in reports.
	ID string
	// Group is the caller's group (team, product, cost centre); may be empty.
	Group string
	// Models are globs over model names the caller may use; none means all.
	Models []string
}

// Identity is a caller together with the credential it was recognised by.
type Identity struct {
	*Caller
	// Key identifies the credential without revealing it: the first 12 hex
	// digits of its SHA-256.
	Key string
}
