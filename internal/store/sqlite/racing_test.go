//go:build race

package sqlite_test

// racing says that the race detector is on: everything takes ten times as long, so
// tests that repeat themselves do so less often.
const racing = true
