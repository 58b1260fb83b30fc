package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// party is an event as the admin API takes it: open for an hour, and for everybody who
// knows the code. members are further members of the object.
func party(code string, members ...string) string {
	now := time.Now().UTC()
	return fmt.Sprintf(`{"name":"Party","code":%q,"start":%q,"end":%q%s}`, code,
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339),
		strings.Join(append([]string{""}, members...), ","))
}

// guest is somebody's browser: it keeps the cookies of one gateway, which may be
// started anew at another address.
type guest struct {
	client  *http.Client
	cookies map[string]string
}

func newGuest(client *http.Client) *guest { return &guest{client, make(map[string]string)} }

// do sends a request as the gateway's own page would, and follows no redirect.
func (b *guest) do(method, base, path, body string, header ...string) (answer, error) {
	req, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if method == http.MethodPost {
		req.Header.Set("Origin", base)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.client.Transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return answer{res.StatusCode, res.Header, string(text)}, nil
}

// signUp signs up at an event; an answer of 303 is that it went well.
func (b *guest) signUp(base, event, code, name string) (answer, error) {
	return b.do("POST", base, "/event/"+event+"/signup", url.Values{"code": {code}, "name": {name}}.Encode())
}

var keyOnPage = regexp.MustCompile(`<code data-key>(tge-[a-z0-9]+)</code>`)

// key is the key that the event's page shows; empty when it shows none.
func (b *guest) key(base, event string) (string, error) {
	a, err := b.do("GET", base, "/event/"+event, "")
	if err != nil {
		return "", err
	}
	if a.status != http.StatusOK {
		return "", fmt.Errorf("the page is answered %d", a.status)
	}
	if m := keyOnPage.FindStringSubmatch(a.body); m != nil {
		return m[1], nil
	}
	return "", nil
}
