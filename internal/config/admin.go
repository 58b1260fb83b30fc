package config

import (
	"net"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Admin is the admin listener.
type Admin struct {
	// Listen is its address; empty is off.
	Listen string
	// Key is the admin key; it may be empty on a loopback address only.
	Key Secret
}

func (a *Admin) fields() tree.Fields {
	return tree.Fields{
		{Key: "listen", Codec: tree.Text(&a.Listen), Doc: "Address of the admin listener, host:port; empty turns it off."},
		{Key: "key", Codec: tree.Key(&a.Key), Doc: "Admin key. Needed when the listener can be reached from other machines."},
	}
}

func (d *reading) checkAdmin(a *Admin) {
	if a.Listen == "" {
		return
	}
	if fault := addressFault(a.Listen); fault != "" {
		d.WrongAt("admin.listen", "leave it empty to turn it off", "%s", fault)
		return
	}
	host, _, _ := net.SplitHostPort(a.Listen)
	if a.Key == "" && !loopback(host) && d.Sound("admin") {
		d.WrongAt("admin.listen", "set admin.key, or listen on 127.0.0.1", "can be reached from other machines without a key")
	}
}
