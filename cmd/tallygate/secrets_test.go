//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/simulator"
)

// A secret that is rotated, in place or as Kubernetes swaps it, is used without a signal;
// one that is empty or gone leaves the old one in use and an error in the log.
func TestSecretsAreWatched(t *testing.T) {
	t.Parallel()
	mount := func(dir, version, key string) error {
		at := filepath.Join(dir, "secrets", version)
		return errors.Join(os.MkdirAll(at, 0o700), os.WriteFile(filepath.Join(at, "key"), []byte(key), 0o600),
			os.Symlink(version, filepath.Join(dir, "secrets", "..new")),
			os.Rename(filepath.Join(dir, "secrets", "..new"), filepath.Join(dir, "secrets", "..data")))
	}
	p := serveProcess(t, simulator.Latency{FirstToken: time.Nanosecond, PerToken: time.Nanosecond}, "tallygate.yaml", func(dir, text string) {
		err := errors.Join(mount(dir, "..1", "first-key-0123"), os.Symlink("..data/key", filepath.Join(dir, "secrets", "key")))
		if err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(dir, "tallygate.yaml"), strings.Replace(text, "first-key-0123", `"${file:secrets/key}"`, 1))
	})
	p.answers("first-key-0123", http.StatusOK)
	if err := mount(p.dir, "..2", "second-key-0123"); err != nil {
		t.Fatal(err)
	}
	p.logged(reloaded, 1)
	p.answers("second-key-0123", http.StatusOK)
	p.answers("first-key-0123", http.StatusUnauthorized)

	key := filepath.Join(p.dir, "secrets", "..2", "key")
	if err := os.WriteFile(key, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if line := p.logged(notReloaded, 1); line["level"] != "ERROR" || !strings.Contains(fmt.Sprint(line["err"]), "is empty") {
		t.Errorf("an empty secret: %v", line)
	}
	p.answers("second-key-0123", http.StatusOK)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	p.logged(notReloaded, 2)
	p.answers("second-key-0123", http.StatusOK)
	replace(t, key, "third-key-0123")
	p.logged(reloaded, 2)
	p.answers("third-key-0123", http.StatusOK)
	p.signal(syscall.SIGINT)
	p.ends(exitOK, 20*time.Second)
}

// certificate returns a certificate with a serial number and its key, as PEM.
func certificate(t *testing.T, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return text("CERTIFICATE", der), text("PRIVATE KEY", secret)
}

// A renewed certificate is used without a restart; while half of the pair is new the old
// one is.
func TestCertificatesAreWatched(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t, 1)
	p := serveProcess(t, simulator.Latency{}, "tallygate.yaml", func(dir, text string) {
		replace(t, filepath.Join(dir, "tls.crt"), cert)
		replace(t, filepath.Join(dir, "tls.key"), key)
		replace(t, filepath.Join(dir, "tallygate.yaml"), "tls: {cert: tls.crt, key: tls.key}\n"+text)
	})
	serial := func(want int64) {
		t.Helper()
		c, err := tls.Dial("tcp", p.addr, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := c.ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != want {
			t.Errorf("the certificate is number %d, want %d", got, want)
		}
	}
	serial(1)
	cert, key = certificate(t, 2)
	replace(t, filepath.Join(p.dir, "tls.crt"), cert)
	p.logged(notReloaded, 1)
	serial(1)
	replace(t, filepath.Join(p.dir, "tls.key"), key)
	p.logged(reloaded, 1)
	serial(2)
	p.signal(syscall.SIGINT)
	p.ends(exitOK, 20*time.Second)
}
