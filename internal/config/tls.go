package config

import (
	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// TLS is how the data listener proves itself: with files, or self-signed.
type TLS struct {
	// Cert and Key are paths of PEM files; both empty when SelfSigned.
	Cert, Key string
	// SelfSigned makes a certificate at start, for development.
	SelfSigned bool
	// Hosts are the names and addresses of the self-signed certificate.
	Hosts []string
}

func (t *TLS) fields() tree.Fields {
	return tree.Fields{
		{Key: "cert", Codec: tree.Path(&t.Cert), Doc: "PEM file of the certificate chain, relative to this file."},
		{Key: "key", Codec: tree.Path(&t.Key), Doc: "PEM file of the private key, relative to this file."},
		{Key: "self_signed", Codec: tree.Flag(&t.SelfSigned), Doc: "Make a certificate at start, for development."},
		{Key: "hosts", Codec: tree.List(&t.Hosts, "", tree.Name), Doc: "Names and addresses of the self-signed certificate."},
	}
}

// tlsCodec reads a section that need not be there.
func tlsCodec(p **TLS) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			if tree.IsNull(v.Node) {
				d.Wrong(v, "give cert and key, or self_signed: true, or remove it", "says nothing")
				return
			}
			t := new(TLS)
			d.Section(v, t.fields())
			*p = t
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if *p == nil {
				return nil
			}
			return pr.Section((*p).fields())
		},
		Schema: func() tree.Schema { return tree.SectionSchema(new(TLS).fields()) },
	}
}

// checkTLS checks that there is one way to prove ourselves, and that its files
// can be read.
func (d *reading) checkTLS(t *TLS) {
	files := d.Has("tls.cert") || d.Has("tls.key")
	switch {
	case t.SelfSigned && files:
		d.WrongAt("tls.self_signed", "keep one of them", "there are both a certificate and self_signed")
	case !t.SelfSigned && d.Has("tls.hosts"):
		d.WrongAt("tls.hosts", "", "hosts are for self_signed: true; a certificate of your own names its hosts itself")
	case !t.SelfSigned && !(d.Has("tls.cert") && d.Has("tls.key")) && d.Sound("tls"):
		d.WrongAt("tls", "or self_signed: true for development", "needs both cert and key")
	}
	for _, f := range []struct{ path, file string }{{"tls.cert", t.Cert}, {"tls.key", t.Key}} {
		if f.file == "" {
			continue
		}
		if _, err := d.Open(f.file); err != nil {
			d.WrongAt(f.path, "", "the file %s %s", d.Quote(f.path, f.file), tree.FileFault(err))
		}
	}
}
