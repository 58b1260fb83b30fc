package h1_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// Whatever is wrong with a proxy, no error shows its user or its password, or a part of
// an address that was meant to be one: errors stand in logs and in the ledger.
func TestProxySecrets(t *testing.T) {
	const user, password = "proxyuser", "s3cr3t"
	answering := func(answer string) string {
		s := startServer(t, func(nc net.Conn, br *bufio.Reader) {
			_, _ = http.ReadRequest(br)
			_, _ = io.WriteString(nc, answer)
		})
		return s.Addr().String()
	}
	gone := startServer(t, func(net.Conn, *bufio.Reader) {})
	gone.Close()
	at := func(scheme, host string) string { return scheme + "://" + user + ":" + password + "@" + host }
	for name, proxy := range map[string]string{
		"https":               at("https", gone.Addr().String()),
		"socks5":              at("socks5", gone.Addr().String()),
		"nobody listens":      at("http", gone.Addr().String()),
		"a host nobody knows": at("http", "proxy.invalid"),
		"a bad port":          at("http", "proxy.invalid:x"),
		"no host":             at("http", ""),
		"407":                 at("http", answering("HTTP/1.1 407 "+user+", who are you\r\nContent-Length: 0\r\n\r\n")),
		"hangs up":            at("http", answering("")),
		"no HTTP":             at("http", answering("SSH-2.0\r\n\r\n")),
		"a slash in it":       "http://" + user + ":12/" + password + "@proxy.invalid:3128",
		"a question mark":     "http://" + user + ":12?" + password + "@proxy.invalid:3128",
		"a hash":              "http://" + user + "#" + password + "@proxy.invalid:3128",
	} {
		for _, target := range []string{"https://server.example/", "http://server.example/"} {
			tr := newTransport(t)
			tr.Proxy = func(*http.Request) (*url.URL, error) {
				u, err := url.Parse(proxy)
				if err != nil {
					err = fmt.Errorf("invalid proxy address %q: %w", proxy, err) // as net/http has it
				}
				return u, err
			}
			res, err := tr.RoundTrip(get(t, target))
			if err == nil {
				if name != "407" || strings.HasPrefix(target, "https") {
					t.Errorf("%s, %s: answered %s", name, target, res.Status)
				}
				res.Body.Close()
				continue
			}
			if e, ok := errors.AsType[*h1.Error](err); !ok || strings.Contains(err.Error(), user) || strings.Contains(err.Error(), password) {
				t.Errorf("%s, %s: %v (%#v)", name, target, err, e)
			}
		}
	}
}
