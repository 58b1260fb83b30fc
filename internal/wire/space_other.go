//go:build !linux && !darwin

package wire

// roomOn is not known here; writing tells.
func roomOn(string) bool { return true }
