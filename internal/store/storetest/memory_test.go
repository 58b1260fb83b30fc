package storetest_test

import (
	"testing"

	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// The reference passes its own suite.
func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Place {
		m := &storetest.Memory{}
		return storetest.Place{Open: func(*testing.T) ledger.Store { return m }}
	})
}

// So does that of objects.
func TestMemoryObjects(t *testing.T) {
	storetest.RunObjects(t, func(*testing.T) func(*testing.T) object.Store {
		m := &object.Memory{}
		return func(*testing.T) object.Store { return m }
	})
}
