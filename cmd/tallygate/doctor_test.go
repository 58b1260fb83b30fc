package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
)

// The lines of a diagnosis fit a terminal, however long names and words are.
func TestFindingsFit(t *testing.T) {
	var out bytes.Buffer
	err := writeFindings(&out, "table", []doctor.Finding{
		finding(doctor.OK, "clock", "right"),
		finding(doctor.Fail, "resource "+strings.Repeat("contoso-sweden-", 8), "%s", strings.Repeat("many words about it ", 12)),
		finding(doctor.Warn, "data", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > console.Columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A clock that differs from a resource's is told; one that is right, or of which nobody
// knows, is not.
func TestExamineClock(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	of := func(ahead time.Duration, told bool) []doctor.Reply {
		return []doctor.Reply{{Resource: &doctor.Resource{Name: "east"}, Ahead: ahead, Told: told}}
	}
	for _, c := range []struct {
		now     time.Time
		replies []doctor.Reply
		want    doctor.Level
	}{
		{now, nil, doctor.OK}, {now, of(3*time.Second, true), doctor.OK}, {now, of(-2*time.Hour, false), doctor.OK},
		{now, of(-2*time.Hour, true), doctor.Warn}, {now, of(5*time.Minute, true), doctor.Warn}, {time.Unix(0, 0), nil, doctor.Fail},
	} {
		if got := examineClock(c.now, c.replies); got.Level != c.want {
			t.Errorf("%v: %+v, want %s", c.replies, got, c.want)
		}
	}
}

// Proxies are named without their passwords, and one that cannot be used fails.
func TestExamineProxies(t *testing.T) {
	for value, want := range map[string]doctor.Level{
		"http://me:hunter2@proxy.example:3128": doctor.OK, "me:hunter2@proxy.example:3128": doctor.OK,
		"socks5://me:hunter2@proxy.example": doctor.Fail, "http://me:hunter2%2@x": doctor.Fail, "http://me:hunter2/x@proxy.example:3128": doctor.Fail,
	} {
		got := examineProxies(func(name string) (string, bool) {
			return map[string]string{"HTTPS_PROXY": value, "NO_PROXY": "a:hunter2@b"}[name], true
		})
		if len(got) != 1 || got[0].Level != want || strings.Contains(got[0].Words, "hunter2") {
			t.Errorf("%s: %+v, want %s", value, got, want)
		}
	}
}

// The gateway's own certificate is looked at as on a day: before, in, near the end of and
// after its time, and beside a key that is not its own.
func TestExamineCertificate(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	cert, key := certificateOf(t, begin, begin.AddDate(1, 0, 0))
	_, other := certificateOf(t, begin, begin.AddDate(1, 0, 0))
	for _, c := range []struct {
		key  string
		now  time.Time
		want doctor.Level
		says string
	}{
		{key, begin.AddDate(0, 1, 0), doctor.OK, "valid until 2027-01-01"},
		{key, begin.AddDate(1, 0, -5), doctor.Warn, "renew it"},
		{key, begin.AddDate(1, 0, 1), doctor.Fail, "has not been valid since 2027-01-01"},
		{key, begin.AddDate(0, 0, -1), doctor.Fail, "not valid before 2026-01-01"},
		{other, begin.AddDate(0, 1, 0), doctor.Fail, "cannot be used"},
		{key + "x", begin, doctor.Fail, "cannot be used"},
	} {
		if got := examineCertificate(cert, c.key, c.now); got.Level != c.want || !strings.Contains(got.Words, c.says) {
			t.Errorf("on %v: %+v, want %s %q", c.now, got, c.want, c.says)
		}
	}
}

// certificateOf makes a certificate and its key, as PEM files.
func certificateOf(t *testing.T, from, until time.Time) (cert, key string) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, of, of, pair.Public(), pair)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "c.pem"), filepath.Join(t.TempDir(), "k.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: text}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// What check only remarks on is nothing that a diagnosis fails for.
func TestANoteIsNoFailure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.yaml")
	text := "resources:\n  - {name: r, endpoint: http://127.0.0.1:9, key: key-of-r, deployments: [{name: gpt-4o, tpm: 1k}]}\n" +
		"callers:\n  - {name: c, key: key-of-c-1, limits: [{tokens: 5k, per: minute}]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, found := examineConfig(file)
	if cfg == nil || len(cfg.CannotStart()) == 0 {
		t.Fatalf("nothing to remark on: %v", found)
	}
	for _, f := range found {
		if f.Level == doctor.Fail {
			t.Errorf("fails for a note: %s", f.Words)
		}
	}
}
