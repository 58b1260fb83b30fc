package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// network is a network in CIDR notation, or a single address.
func network(p *netip.Prefix) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "a network or an address", false)
			if !ok {
				return
			}
			got, err := parseNetwork(s)
			if err != nil {
				d.Fail(v, err)
				return
			}
			*p = got
			if got.Bits() == 0 {
				d.Note(v.Path, "believes X-Forwarded-For from everyone, so anyone can claim any address", "")
			}
		},
		Encode: func(*tree.Printer) *yaml.Node {
			if p.IsSingleIP() {
				return tree.TextNode(p.Addr().String())
			}
			return tree.TextNode(p.String())
		},
		Schema: func() tree.Schema { return tree.Schema{"type": "string"} },
	}
}

func parseNetwork(s string) (netip.Prefix, error) {
	fault := tree.Faultf("", "is not a network such as 10.0.0.0/8 or an address")
	if !strings.Contains(s, "/") {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, fault
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fault
	}
	if p != p.Masked() {
		return netip.Prefix{}, tree.Faultf("clear the host bits, or leave out the / for one address", "is an address with a network's length")
	}
	return p, nil
}

// addressFault says what is wrong with an address to listen on; empty when
// nothing is.
func addressFault(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "is not an address such as :8080 or 127.0.0.1:8080"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "has no port from 0 to 65535"
	}
	if host != "" && strings.TrimSpace(host) != host {
		return "holds a space"
	}
	return ""
}

// loopback says whether a host is this machine by its name alone.
func loopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
