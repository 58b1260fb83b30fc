package config

import "github.com/tallygate/tallygate/internal/config/tree"

// Ledger is how requests are recorded.
type Ledger struct {
	// OnError is what happens to requests while the ledger cannot write:
	// "refuse" or "serve".
	OnError string
}

func (l *Ledger) fields() tree.Fields {
	return tree.Fields{
		{Key: "on_error", Codec: tree.Choice(&l.OnError, "refuse", "serve"), Doc: "What happens to requests while the ledger cannot write."},
	}
}
