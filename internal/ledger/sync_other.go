//go:build !linux

package ledger

import "os"

// syncData makes the file's content safe on disk.
func syncData(f *os.File) error { return f.Sync() }
