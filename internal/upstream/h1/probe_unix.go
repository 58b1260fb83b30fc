//go:build unix

package h1

import "syscall"

// prepareProbe lets quiet look at the socket. The closure is made once for each
// connection, not for each look.
func (c *conn) prepareProbe(rc syscall.RawConn) {
	var one [1]byte
	silent := false
	look := func(fd uintptr) bool {
		for {
			n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			if err == syscall.EINTR {
				continue
			}
			silent = n < 0 && (err == syscall.EAGAIN || err == syscall.EWOULDBLOCK)
			return true // never wait
		}
	}
	c.probe = func() bool { return rc.Read(look) == nil && silent }
}
