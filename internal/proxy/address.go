package proxy

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// Source returns the address a request truly came from: the peer's, or, when the
// peer is a trusted proxy, the nearest address in X-Forwarded-For that is not one.
// Only trusted hops are believed, so that no client can write its own address.
func (p Proxies) Source(r *http.Request) netip.Addr {
	peer := parseAddr(r.RemoteAddr)
	if len(p) == 0 || !p.trust(peer) {
		return peer
	}
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		hops := strings.Split(lines[i], ",")
		for j := len(hops) - 1; j >= 0; j-- {
			hop := parseAddr(strings.TrimSpace(hops[j]))
			if !hop.IsValid() {
				return peer // what a trusted proxy did not write tells nothing
			}
			if peer = hop; !p.trust(hop) {
				return hop
			}
		}
	}
	return peer
}

func (p Proxies) trust(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// parseAddr reads an address with or without a port or brackets; IPv4 in IPv6 is
// shown as IPv4. It returns the zero Addr for anything else.
func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().WithZone("")
	}
	return netip.Addr{}
}
