//go:build !unix

package h1

import "syscall"

// prepareProbe leaves the connection without a probe: there is no portable way to
// look at a socket without reading from it.
func (c *conn) prepareProbe(syscall.RawConn) {}
