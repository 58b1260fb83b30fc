// Package storetest holds the suite that every ledger.Store and object.Store passes, and the
// reference whose answers are right by being simple.
package storetest

import (
	"testing"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Place is where one store lives, for one test.
type Place struct {
	// Open opens the store, also again after it was closed.
	Open func(t *testing.T) ledger.Store
	// Exec runs SQL behind the store's back, while it is closed; nil when the
	// store has no tables. The tables are those of store/sqlite.
	Exec func(t *testing.T, statement string)
}

// Run holds a kind of store against what ledger.Store promises. fresh returns an
// empty place.
func Run(t *testing.T, fresh func(t *testing.T) Place) {
	tests := []struct {
		name string
		run  func(t *testing.T, p Place)
	}{
		{"every field of an entry comes back", everyField},
		{"sequence numbers are dense and pages join up", pages},
		{"the numbers of the last, and of the first since a time", places},
		{"a batch is taken once, where the cursor is", cursor},
		{"two journals do not mix", journals},
		{"what was appended is there after reopening", reopen},
		{"a cancelled append changes nothing", cancelled},
		{"readers beside the writer see whole batches", beside},
		{"usage of nothing is an empty table", nothing},
		{"usage by every dimension equals the reference", everyDimension},
		{"any query equals the reference", anyQuery},
		{"a limited table says so and still sums up all", limited},
		{"a query that makes no sense is refused with a hint", senseless},
		{"the largest figures overflow no sum", largest},
		{"what counts since a time comes in the order it began", since},
		{"more at the same time than a page holds", sinceAtOnce},
		{"repricing changes cost and pricing and nothing else", reprice},
		{"any repricings add up", anyReprice},
		{"prices that cannot be are held within bounds", repriceOdd},
		{"repricing beside the writer leaves every report sound", repriceBeside},
		{"a sound store verifies", sound},
		{"what was done behind its back is found and named", tampered},
		{"so is what was done to corrections", tamperedPrices},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, fresh(t)) })
	}
}
