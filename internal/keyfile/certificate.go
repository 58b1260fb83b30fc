package keyfile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// SelfSigned returns a certificate for the hosts, signed by a development CA that
// is kept in dir, so that a client which trusts the CA once trusts it after a
// restart too. It returns the path of the CA's certificate beside.
func SelfSigned(dir string, hosts []string) (tls.Certificate, string, error) {
	ca, err := developmentCA(dir)
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("development CA in %s: %w", dir, err)
	}
	leaf := certificate("tallygate")
	leaf.NotAfter = time.Now().AddDate(0, 3, 0)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, h := range append([]string{"localhost", "127.0.0.1", "::1"}, hosts...) {
		if ip := net.ParseIP(h); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, h)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	return tls.Certificate{Certificate: [][]byte{der, ca.Certificate[0]}, PrivateKey: key}, filepath.Join(dir, "ca.pem"), nil
}

// developmentCA reads the CA of dir, or makes one there.
func developmentCA(dir string) (tls.Certificate, error) {
	certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key")
	ca, err := tls.LoadX509KeyPair(certFile, keyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return ca, err
	}
	template := certificate("Tallygate development CA")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage, template.NotAfter = x509.KeyUsageCertSign, time.Now().AddDate(2, 0, 0)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ca, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return ca, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return ca, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ca, err
	}
	if err := writePEM(keyFile, "PRIVATE KEY", secret, 0o600); err != nil {
		return ca, err
	}
	if err := writePEM(certFile, "CERTIFICATE", der, 0o644); err != nil {
		return ca, err
	}
	return tls.LoadX509KeyPair(certFile, keyFile)
}

func certificate(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		serial = big.NewInt(time.Now().UnixNano())
	}
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour)}
}

func writePEM(file, kind string, der []byte, mode os.FileMode) error {
	return writeWhole(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
