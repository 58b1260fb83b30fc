package keyfile_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"github.com/tallygate/tallygate/internal/keyfile"
)

// A secret is made once, only its owner can read it, and what is no whole secret is not
// taken for one.
func TestSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	one, err := keyfile.Secret(path)
	if err != nil || len(one) != 32 {
		t.Fatal(one, err)
	}
	if again, err := keyfile.Secret(path); err != nil || !bytes.Equal(one, again) {
		t.Errorf("another secret: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, one[:31], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyfile.Secret(path); err == nil {
		t.Error("half a secret is taken")
	}
	if _, err := keyfile.Secret(filepath.Join(t.TempDir(), "no", "secret")); err == nil {
		t.Error("no error without a directory")
	}
}

// A certificate is good for its hosts under a CA that stays the same.
func TestSelfSigned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	roots := x509.NewCertPool()
	for i, host := range []string{"gateway.example", "10.0.0.7"} {
		cert, ca, err := keyfile.SelfSigned(dir, []string{host})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			pem, err := os.ReadFile(ca)
			if err != nil || !roots.AppendCertsFromPEM(pem) {
				t.Fatal(err)
			}
		}
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{host, "localhost", "127.0.0.1"} {
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
