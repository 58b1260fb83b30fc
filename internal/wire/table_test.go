package wire_test

import "github.com/tallygate/tallygate/internal/op"

// allRoutes is the table that requests are read with in these tests: the gateway's own.
var allRoutes = op.New()
