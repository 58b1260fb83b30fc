//go:build !race

package app_test

// racing says that the race detector is on.
const racing = false
