//go:build linux || darwin

package main

import "syscall"

// freeSpace returns the bytes that are free for this user where path lies.
func freeSpace(path string) (uint64, bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(path, &s) != nil || s.Bsize <= 0 {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
