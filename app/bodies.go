package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/wire"
)

// newBodies makes the budget of the bodies of requests on their way, and an empty
// directory for those that go to the disk.
func newBodies(cfg *config.Config) (*wire.Memory, error) {
	if cfg.Spill == "off" {
		return wire.NewMemory(cfg.BodyMemory, ""), nil
	}
	dir := filepath.Join(cfg.Data, "bodies")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of bodies: %w", err)
	}
	// A process that was killed in the wrong moment has left the name of a file there.
	left, err := filepath.Glob(filepath.Join(dir, wire.SpillPattern+"*"))
	if err != nil {
		return nil, fmt.Errorf("look for files left in %s: %w", dir, err)
	}
	for _, file := range left {
		if err := os.Remove(file); err != nil {
			return nil, fmt.Errorf("remove what an earlier run left: %w", err)
		}
	}
	return wire.NewMemory(cfg.BodyMemory, dir), nil
}
