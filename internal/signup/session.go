package signup

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/event"
)

// sessions remember in a cookie who somebody is in an event. The cookie names the
// person and when it signed up, so that it ends with the registration and does not
// lead to whoever takes the name after it; it is signed for one event, and ends with
// that. There is nothing to remember here.
type sessions struct {
	key    []byte
	people *event.People
	base   func(*http.Request) string
	cross  *http.CrossOriginProtection
}

func newSessions(o Options) sessions {
	return sessions{subkey(o.Secret, "session"), o.People, o.Base, http.NewCrossOriginProtection()}
}

// foreign reports whether another site's page sent a request. The host that a browser
// knows may be another than the one a proxy asks for.
func (s *sessions) foreign(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == s.base(r) {
		return false
	}
	return s.cross.Check(r) != nil
}

// anyTurn is the turn of a session that stays when the person gets another key. One
// that was opened by a key ends with the key: it may have been stolen.
const anyTurn = -1

func (s *sessions) secure(r *http.Request) bool { return strings.HasPrefix(s.base(r), "https://") }

// name is that of an event's cookie. Browsers take one that begins with __Host- only
// over https, from this very host.
func (s *sessions) name(r *http.Request, e *event.Event) string {
	if s.secure(r) {
		return "__Host-tallygate-" + e.ID
	}
	return "tallygate-" + e.ID
}

// remembered is how long after the end a browser still knows its person: the key leads
// to the chats that were written with it.
const remembered = 30 * 24 * time.Hour

// open remembers a person in the browser.
func (s *sessions) open(w http.ResponseWriter, r *http.Request, e *event.Event, a *event.Attendee, turn int) {
	payload := fmt.Sprintf("%s|%d|%d", a.ID, a.SignedUp.UnixNano(), turn)
	http.SetCookie(w, s.cookie(r, e, seal(s.key, e.Scope(), payload), e.End.Add(remembered)))
}

// close forgets the person.
func (s *sessions) close(w http.ResponseWriter, r *http.Request, e *event.Event) {
	c := s.cookie(r, e, "", time.Unix(1, 0))
	c.MaxAge = -1
	http.SetCookie(w, c)
}

func (s *sessions) cookie(r *http.Request, e *event.Event, value string, until time.Time) *http.Cookie {
	return &http.Cookie{
		Name: s.name(r, e), Value: value, Path: "/", Expires: until,
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	}
}

// who returns the person whose browser sent the request, and the session's turn; nil
// for a stranger.
func (s *sessions) who(r *http.Request, e *event.Event) (*event.Attendee, int) {
	c, err := r.Cookie(s.name(r, e))
	if err != nil || time.Now().After(e.End.Add(remembered)) {
		return nil, 0
	}
	payload, ok := unseal(s.key, e.Scope(), c.Value)
	id, rest, _ := strings.Cut(payload, "|")
	since, last, _ := strings.Cut(rest, "|")
	turn, err := strconv.Atoi(last)
	if !ok || err != nil {
		return nil, 0
	}
	a, ok := s.people.Find(e, id)
	if !ok || strconv.FormatInt(a.SignedUp.UnixNano(), 10) != since || turn != anyTurn && turn != a.Turn {
		return nil, 0
	}
	return a, turn
}

// seal signs a text for one purpose.
func seal(key []byte, purpose, text string) string {
	return base64.RawURLEncoding.EncodeToString(append(mac(key, purpose, text), text...))
}

// unseal returns the text that was sealed for a purpose.
func unseal(key []byte, purpose, sealed string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < sha256.Size {
		return "", false
	}
	text := string(raw[sha256.Size:])
	return text, hmac.Equal(raw[:sha256.Size], mac(key, purpose, text))
}

func mac(key []byte, purpose, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(purpose + "\x00" + text)) // no purpose holds a NUL
	return m.Sum(nil)
}
