// Package storetest holds the suite that every ledger.Store passes, and the
// reference whose answers are right by being simple.
package storetest
