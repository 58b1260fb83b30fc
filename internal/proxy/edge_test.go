package proxy

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/tallygate/tallygate"
)

func TestTrace(t *testing.T) {
	f := func(parent, want string) {
		t.Helper()
		if got := trace(parent); got != want {
			t.Errorf("trace(%q) = %q, want %q", parent, got, want)
		}
	}
	f("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")
	f("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", "0af7651916cd43dd8448eb211c80319c") // a later version
	f("00-00000000000000000000000000000000-b7ad6b7169203331-01", "")                                      // all zero is invalid
	f("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "")                                      // upper case is invalid
	f("00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", "")
	f("", "")
}

// Every kind of error has a shape, and an error of no kind tells nothing of itself.
func TestRefuse(t *testing.T) {
	for kind := tallygate.Internal; kind <= tallygate.Canceled; kind++ {
		w, e := httptest.NewRecorder(), new(tallygate.Entry)
		refuse(w, e, &tallygate.Error{Kind: kind, Message: "what is wrong"})
		if w.Code < 400 || e.Status != w.Code || e.Code == "" {
			t.Errorf("kind %d: status %d, entry %+v", kind, w.Code, e)
		}
	}
	w, e := httptest.NewRecorder(), new(tallygate.Entry)
	refuse(w, e, http.ErrBodyNotAllowed)
	if body := w.Body.String(); w.Code != 500 || body != `{"error":{"code":"InternalServerError","message":"The gateway failed to process the request.","type":"server_error","param":null}}` {
		t.Errorf("a foreign error: %d %s", w.Code, body)
	}
	if e.Cause != http.ErrBodyNotAllowed.Error() || e.Outcome != tallygate.Failed {
		t.Errorf("entry %+v", e)
	}
}

// Whatever the header says, the source is the peer or an address somebody trusted wrote.
func FuzzSource(f *testing.F) {
	f.Add("203.0.113.7, 10.0.0.1", "10.0.0.2:1")
	f.Add("[2001:db8::1]:80,,nonsense", "[::ffff:10.0.0.1]:443")
	trusted := Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, forwarded, peer string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		if got := (Proxies)(nil).Source(r); got != parseAddr(peer) {
			t.Errorf("nobody is trusted, and the source of %q is %s", peer, got)
		}
		if got := trusted.Source(r); !trusted.trust(parseAddr(peer)) && got != parseAddr(peer) {
			t.Errorf("the peer %q is not trusted, and the source is %s", peer, got)
		}
	})
}
