package storetest_test

import (
	"testing"

	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// The reference passes its own suite.
func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Place {
		m := &storetest.Memory{}
		return storetest.Place{Open: func(*testing.T) ledger.Store { return m }}
	})
}
