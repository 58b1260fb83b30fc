// Package doctor asks what an operator asks first: does an answer come (Gateway), is a
// resource there and does it take its key, and is a deployment there (Resource). It
// sends plain HTTP as any client would and shares nothing with the gateway's own path,
// so that both cannot be wrong in the same way. Every question has a deadline, costs no
// more than a few tokens, and its answer is a sentence that says what to do. No answer
// holds a key.
package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/tallygate/tallygate/internal/console"
)

// apiVersion is the one that questions name: a version that stays.
const apiVersion = "2024-10-21"

// maxAnswer is the most that is read of an answer, in bytes.
const maxAnswer = 4 << 20

// maxSaid is the most that is repeated of what a server says, in runes.
const maxSaid = 300

// said is what an error's body says: its code, and its message in one line that is safe
// for a terminal.
func said(body []byte) (code, message string) {
	var w struct {
		Error struct {
			Code    any    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
		Code    any    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &w) != nil {
		return "", ""
	}
	if message = w.Error.Message; message == "" {
		message = w.Message
	}
	for _, v := range []any{w.Error.Code, w.Code} {
		if s, ok := v.(string); ok && code == "" {
			code = s
		}
	}
	return clean(code, 60), clean(message, maxSaid)
}

// clean makes text one line of at most so many runes that cannot steer a terminal.
func clean(s string, most int) string {
	return console.Printable(strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " "), most)
}

// Unreachable says in words why host could not be reached, and what to do.
func Unreachable(err error, host string) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // its URL may be long
	}
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "DNS knows no " + host + ": correct the name, or the DNS zone of a private endpoint"
	case errors.As(err, &dns):
		return "DNS does not answer for " + host + ": mend the name server or the network"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer from " + host + " in time: a firewall, a wrong address or a network that is down"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens at " + host + ": start it, or correct the address"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return host + " does not speak TLS: use http://, or the port that does"
	case errors.As(err, &unknown):
		return "the certificate of " + host + " is of an authority that this machine does not trust: a TLS-inspecting proxy? add its CA to the system's"
	case errors.As(err, &name):
		return "the certificate of " + host + " is for other names: correct the address"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of " + host + " is not valid now: renew it, or set this machine's clock"
	}
	return fmt.Sprintf("cannot reach %s: %s", host, clean(err.Error(), maxSaid))
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}
