package ledger

import (
	"os"
	"path/filepath"
	"strings"
)

// Held reports whether a gateway has its ledger in dir, and which process it is, as far
// as that is known. It writes nothing, and nothing need be there.
func Held(dir string) (held bool, who string, err error) {
	path := filepath.Join(dir, lockName)
	if held, err = lockHeld(path); !held || err != nil {
		return false, "", err
	}
	if b, err := os.ReadFile(path); err == nil && len(b) > 0 && len(b) < 32 {
		return true, "process " + strings.TrimSpace(string(b)), nil
	}
	return true, "another process", nil
}
