// Package archtest holds the architecture as a test: which package may import
// which, how long files and functions may be, and that every package says what it
// is for. The import table is the one of ARCHITECTURE.md, which it reads.
package archtest
