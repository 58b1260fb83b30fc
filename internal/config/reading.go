package config

import (
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// reading is a configuration while it is read: what sections know of each other.
type reading struct {
	*tree.Decoder
	whole    *Config                   // as far as it was read
	limits   []written                 // every limit of the file
	perModel []perModel                // every max_tokens_per_minute_in_k by model
	zones    map[string]*time.Location // by name, of those looked up
}

// newReading begins to read c, from a file or beside it.
func newReading(c *Config, d *tree.Decoder) *reading {
	r := &reading{Decoder: d, whole: c}
	d.Owner, d.Nearest = r, tallygate.Nearest
	d.Later = []string{"identity", "database", "leases", "sinks"}
	return r
}

// readingOf returns what the sections know that d reads.
func readingOf(d *tree.Decoder) *reading { return d.Owner.(*reading) }
