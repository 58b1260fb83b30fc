package app_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"
)

// A connection on which nothing was ever sent, or only a part of a header, does not keep
// the gateway from stopping: on either listener, with TLS before and after its handshake.
func TestStopWithUnusedConnections(t *testing.T) {
	for name, extra := range map[string]string{"plain": "", "TLS": overTLS} {
		t.Run(name, func(t *testing.T) {
			g := startGateway(t, three(), extra+"timeouts: {drain: {deadline: 30s}}\n")
			for _, addr := range []string{g.app.Addr().String(), g.app.AdminAddr().String()} {
				for _, begin := range []string{"", "GET /livez HTTP/1.1\r\nHo"} {
					c, err := net.Dial("tcp", addr)
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					if name == "TLS" && begin != "" && !strings.HasPrefix(g.admin, "http://"+addr) {
						c = tls.Client(c, &tls.Config{InsecureSkipVerify: true}) // the test's own gateway
					}
					if _, err := c.Write([]byte(begin)); err != nil {
						t.Fatal(err)
					}
				}
			}
			began := time.Now()
			g.stop()
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("it took %v to stop", took)
			}
		})
	}
}
