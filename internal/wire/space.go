//go:build linux || darwin

package wire

import "syscall"

// mostSpare is what is left free of a disk at most, in bytes.
const mostSpare = 1 << 30

// roomOn reports whether bodies may take more of the disk that dir is on: the ledger is
// there as well, and has to be written whatever is uploaded. So a quarter of the disk, of a
// large one mostSpare, is left to it.
func roomOn(dir string) bool {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil || s.Bsize <= 0 {
		return true // writing will tell
	}
	block := uint64(s.Bsize)
	return s.Bavail*block > min(s.Blocks*block/4, mostSpare)
}
