package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
	"github.com/tallygate/tallygate/internal/ledger"
)

// examineProxies says which proxies the environment names, without their credentials.
func examineProxies(lookup func(string) (string, bool)) []doctor.Finding {
	var out []doctor.Finding
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		value, _ := lookup(name)
		if value == "" {
			continue
		}
		if fault := proxyFault(value); fault != "" {
			out = append(out, finding(doctor.Fail, "proxy", "%s %s", name, fault))
			continue
		}
		out = append(out, finding(doctor.OK, "proxy", "%s is %s", name, withoutCredentials(value)))
	}
	if len(out) == 0 {
		return []doctor.Finding{finding(doctor.OK, "proxy", "none in the environment")}
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if value, _ := lookup(name); value != "" && !strings.Contains(value, "@") {
			out = append(out, finding(doctor.OK, "proxy", "%s is %s", name, console.Printable(value, 200)))
		}
	}
	return out
}

// withoutCredentials is the address of a proxy without its user and password.
func withoutCredentials(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		u, err = url.Parse("http://" + address)
	}
	if err != nil {
		return "no address"
	}
	shown := u.Scheme + "://" + console.Printable(u.Host, 200)
	if u.User != nil {
		shown += ", with credentials"
	}
	return shown
}

// endsSoon is how long before its end a certificate is worth a word.
const endsSoon = 14 * 24 * time.Hour

// examineCertificate looks at the gateway's own certificate.
func examineCertificate(cert, key string, now time.Time) doctor.Finding {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return finding(doctor.Fail, "tls", "%s and %s cannot be used: %v", cert, key, err)
	}
	until, from := pair.Leaf.NotAfter.UTC(), pair.Leaf.NotBefore.UTC()
	switch {
	case now.After(until):
		return finding(doctor.Fail, "tls", "%s has not been valid since %s: renew it", cert, until.Format(time.DateOnly))
	case now.Before(from):
		return finding(doctor.Fail, "tls", "%s is not valid before %s: set this machine's clock, or take another", cert, from.Format(time.DateOnly))
	case until.Sub(now) < endsSoon:
		return finding(doctor.Warn, "tls", "%s is valid until %s: renew it", cert, until.Format(time.DateOnly))
	}
	return finding(doctor.OK, "tls", "%s is valid until %s", cert, until.Format(time.DateOnly))
}

// What must be free on the disk of the data directory, in bytes.
const (
	littleRoom = 1 << 30
	noRoom     = 64 << 20
)

// examineData looks at the data directory, and whether a gateway runs on it.
func examineData(dir string) (out []doctor.Finding, running bool) {
	held, who, err := ledger.Held(dir)
	switch {
	case err != nil:
		out = append(out, finding(doctor.Fail, "data", "cannot look whether a gateway runs on %s: %v: run this as its user", dir, err))
	case held:
		out = append(out, finding(doctor.OK, "data", "a gateway runs on %s (%s)", dir, console.Printable(who, 60)))
	}
	there := dir
	for {
		info, err := os.Stat(there)
		if err == nil && !info.IsDir() {
			return append(out, finding(doctor.Fail, "data", "%s is a file: name a directory in data", there)), held
		}
		up := filepath.Dir(there)
		if err == nil || up == there {
			break
		}
		there = up
	}
	f, err := os.CreateTemp(there, ".tallygate-doctor-*")
	if err != nil {
		why, ok := errors.AsType[*os.PathError](err)
		if ok {
			err = why.Err
		}
		return append(out, finding(doctor.Fail, "data", "%s cannot be written: %v: give it to the gateway's user, or change data", there, err)), held
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	words := dir + " can be written"
	if there != dir {
		words = dir + " can be made"
	}
	level := doctor.OK
	if free, ok := freeSpace(there); ok && err == nil {
		words += ", " + gigabytes(free) + " free"
		switch {
		case free < noRoom:
			level, words = doctor.Fail, words+": make room, else requests are refused"
		case free < littleRoom:
			level, words = doctor.Warn, words+": make room"
		}
	}
	return append(out, finding(level, "data", "%s", words)), held
}

// gigabytes writes a size as people read it.
func gigabytes(n uint64) string {
	if n < 1<<30 {
		return console.Grouped(int64(n>>20)) + " MB"
	}
	return console.Grouped(int64(min(n>>30, 1<<40))) + " GB"
}

// examineListen looks whether an address is free, or who has it.
func examineListen(ctx context.Context, about, addr string, secure, running bool) doctor.Finding {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		l.Close()
		if running {
			return finding(doctor.Warn, about, "%s is free, although a gateway runs: it has another configuration", addr)
		}
		return finding(doctor.OK, about, "%s is free", addr)
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return examineTaken(ctx, about, addr, secure, running)
	case errors.Is(err, syscall.EACCES):
		return finding(doctor.Fail, about, "this user may not listen on %s: take a port from 1024 on, or allow it", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return finding(doctor.Fail, about, "this machine has no address %s: change %s", addr, about)
	}
	return finding(doctor.Fail, about, "nobody can listen on %s: %v", addr, err)
}

// examineTaken finds out who listens on an address.
func examineTaken(ctx context.Context, about, addr string, secure, running bool) doctor.Finding {
	alive, _ := localProbe(ctx, addr, secure, "/livez")
	ready, words := localProbe(ctx, addr, secure, "/readyz")
	switch {
	case alive != http.StatusOK || ready == 0:
		return finding(doctor.Fail, about, "something that is no gateway listens on %s: stop it, or change %s", addr, about)
	case !running:
		return finding(doctor.Fail, about, "a gateway with another data directory listens on %s: stop it, or change %s", addr, about)
	case ready != http.StatusOK:
		return finding(doctor.Warn, about, "a gateway answers on %s and is not ready: %s", addr, words)
	}
	return finding(doctor.OK, about, "a gateway answers on %s and is ready", addr)
}

// localProbe asks what listens on an address of this machine; 0 when nothing answers.
func localProbe(ctx context.Context, addr string, secure bool, path string) (status int, words string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, ""
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = ""
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(cmp.Or(host, "localhost"), port), Path: path}
	if secure {
		u.Scheme = "https"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, ""
	}
	// The certificate is for the name that callers use, and nothing secret is sent.
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 400)) // the status alone says enough
	return res.StatusCode, strings.TrimSpace(console.Printable(strings.TrimSpace(string(text)), 300))
}
