package signup_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/signup"
)

// issuer is an OpenID Connect issuer, and GitHub besides. Who signs in there is claims.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu     sync.Mutex
	claims map[string]any         // of whoever signs in
	codes  map[string]asked       // what is to be exchanged
	forge  func(c map[string]any) // spoils an ID token before it is signed
	refuse bool
}

type asked struct{ nonce, challenge, redirect string }

func newIssuer(t *testing.T, claims map[string]any) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, claims: claims, codes: map[string]asked{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		show(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/login/oauth/authorize", "token_endpoint": i.URL + "/login/oauth/access_token",
			"jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		show(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig",
			"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("GET /login/oauth/authorize", i.authorize)
	mux.HandleFunc("POST /login/oauth/access_token", i.token)
	mux.HandleFunc("GET /api/v3/user", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			w.WriteHeader(401)
			return
		}
		show(w, map[string]any{"login": i.claims["login"]})
	})
	mux.HandleFunc("GET /api/v3/user/emails", func(w http.ResponseWriter, _ *http.Request) { show(w, i.claims["emails"]) })
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func show(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// authorize signs in whoever comes, and sends it back.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back := url.Values{"state": {q.Get("state")}}
	if i.refuse {
		back.Set("error", "access_denied")
	} else {
		code := rand.Text()
		i.mu.Lock()
		i.codes[code] = asked{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
		i.mu.Unlock()
		back.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token exchanges a code, once, for who has its verifier.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	i.mu.Lock()
	a, ok := i.codes[r.PostForm.Get("code")]
	delete(i.codes, r.PostForm.Get("code"))
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !ok || a.challenge != b64(sum[:]) || a.redirect != r.PostForm.Get("redirect_uri") {
		w.WriteHeader(400)
		show(w, map[string]any{"error": "invalid_grant"})
		return
	}
	c := map[string]any{"iss": i.URL, "aud": "client", "sub": "subject-1", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "nonce": a.nonce}
	maps.Copy(c, i.claims)
	if i.forge != nil {
		i.forge(c)
	}
	body, _ := json.Marshal(c)
	text := b64([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64(body)
	digest := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	show(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 3600, "id_token": text + "." + b64(sig)})
}

// with lets people sign in at an issuer.
func with(p ...signup.Provider) func(*signup.Options) {
	return func(o *signup.Options) { o.Providers = p }
}

func (i *issuer) provider(name string) signup.Provider {
	return signup.Provider{Name: name, Title: "Contoso", Issuer: i.URL, ClientID: "client", ClientSecret: "secret"}
}

// Somebody signs in at a provider and gets a key: the same on return and in another
// browser. The name is the verified e-mail address; what is not verified proves nothing.
func TestSignIn(t *testing.T) {
	for name, c := range map[string]struct {
		claims  map[string]any
		trusted bool
		github  bool
		want    string // a prefix
	}{
		"verified e-mail":     {map[string]any{"email": "ann@contoso.com", "email_verified": true, "preferred_username": "ann"}, false, false, "ann@contoso.com"},
		"verified, as string": {map[string]any{"email": "ann@contoso.com", "email_verified": "true"}, false, false, "ann@contoso.com"},
		"not verified":        {map[string]any{"email": "boss@contoso.com", "email_verified": false, "preferred_username": "boss@contoso.com"}, false, false, "one-"},
		"nothing said":        {map[string]any{"email": "boss@contoso.com"}, false, false, "one-"},
		"trusted issuer":      {map[string]any{"email": "ann@contoso.com"}, true, false, "ann@contoso.com"},
		"trusted user name":   {map[string]any{"preferred_username": "ann.contoso"}, true, false, "ann.contoso"},
		"GitHub":              {map[string]any{"login": "octocat", "emails": []any{map[string]any{"email": "o@x.org", "verified": true}, map[string]any{"email": "octo@cat.org", "primary": true, "verified": true}}}, false, true, "octo@cat.org"},
		"GitHub, unverified":  {map[string]any{"login": "octocat", "emails": []any{map[string]any{"email": "boss@contoso.com", "primary": true, "verified": false}}}, false, true, "octocat"},
	} {
		t.Run(name, func(t *testing.T) {
			e := workshop()
			e.Code = ""
			i := newIssuer(t, c.claims)
			p := i.provider("one")
			p.Trusted, p.GitHub = c.trusted, c.github
			v := open(t, with(p), e)
			b := v.browser(t)
			first := b.get("/event/workshop")
			first.has(t, "Continue with Contoso", `href="/event/workshop/signin/one"`)
			page := b.get("/event/workshop/signin/one")
			if page.status != 200 || page.path != "/event/workshop" || page.key() == "" {
				t.Fatalf("signed in: %d %s\n%s", page.status, page.path, page.body)
			}
			people := v.people.List(&event.Event{ID: "workshop"})
			if len(people) != 1 || !strings.HasPrefix(people[0].Name, c.want) || people[0].Via != "one" {
				t.Errorf("signed up: %+v", people[0])
			}
			if again := v.browser(t).get("/event/workshop/signin/one"); again.key() != page.key() {
				t.Error("another browser of the same person has another key")
			}
		})
	}
}

// Nobody gets in with what was not made for this very sign-in.
func TestForgedSignIn(t *testing.T) {
	for name, forge := range map[string]func(map[string]any){
		"another nonce":    func(c map[string]any) { c["nonce"] = "another" },
		"no nonce":         func(c map[string]any) { delete(c, "nonce") },
		"another audience": func(c map[string]any) { c["aud"] = "somebody else" },
		"another issuer":   func(c map[string]any) { c["iss"] = "https://evil.example" },
		"too old":          func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
	} {
		i := newIssuer(t, map[string]any{"email": "ann@contoso.com", "email_verified": true})
		i.forge = forge
		v := open(t, with(i.provider("one")), workshop())
		got := v.browser(t).get("/event/workshop/signin/one")
		if got.status != 502 || len(v.people.List(&event.Event{ID: "workshop"})) != 0 {
			t.Errorf("%s: %d, %d people", name, got.status, len(v.people.List(&event.Event{ID: "workshop"})))
		}
	}
	i := newIssuer(t, map[string]any{"email": "ann@contoso.com", "email_verified": true})
	v := open(t, with(i.provider("one")), workshop())
	victim, eve := v.browser(t), v.browser(t)
	stop := func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.Path, "/event/callback/") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	eve.CheckRedirect = stop
	link, _ := url.Parse(eve.get("/event/workshop/signin/one").header.Get("Location"))
	for what, b := range map[string]*browser{"without a ticket": v.browser(t), "with another ticket": victim} {
		if b == victim {
			b.CheckRedirect = stop
			b.get("/event/workshop/signin/one")
			b.CheckRedirect = nil
		}
		if got := b.get(link.RequestURI()); got.status != 400 || got.key() != "" {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	if got := eve.get(link.RequestURI() + "&event=other&next=//evil.example"); got.path != "/event/workshop" || got.key() == "" {
		t.Errorf("with her own ticket: %d %s", got.status, got.path)
	}
	if got := eve.get(link.RequestURI()); got.status != 400 {
		t.Errorf("the same ticket a second time: %d", got.status)
	}
	i.refuse = true
	if got := victim.get("/event/workshop/signin/one"); got.status != 403 || !strings.Contains(got.body, "did not confirm") {
		t.Errorf("refused there: %d", got.status)
	}
	if got := victim.get("/event/workshop/signin/none"); got.status != 404 {
		t.Errorf("an unknown provider: %d", got.status)
	}
}

// A name that was proved in one way is not given to who comes in another: neither a
// user name of two providers, nor one that was only typed. A verified e-mail address is
// the same person everywhere.
func TestNamesOfProviders(t *testing.T) {
	mail := newIssuer(t, map[string]any{"email": "ann@contoso.com", "email_verified": true})
	hub := newIssuer(t, map[string]any{"login": "octocat", "emails": []any{}})
	other := newIssuer(t, map[string]any{"preferred_username": "octocat"})
	github, trusted, second := hub.provider("github"), other.provider("other"), mail.provider("second")
	github.GitHub, trusted.Trusted = true, true
	v := open(t, with(mail.provider("mail"), second, github, trusted), workshop())
	sign := func(provider string) answer {
		t.Helper()
		return v.browser(t).get("/event/workshop/signin/" + provider)
	}
	octocat := sign("github")
	if got := sign("other"); got.status != 403 || got.key() != "" || octocat.key() == "" {
		t.Errorf("octocat of another provider: %d", got.status)
	}
	if got := v.browser(t).join("open-sesame", "octocat"); got.status != 400 || got.key() != "" {
		t.Errorf("octocat by the code: %d", got.status)
	}
	ann := sign("mail")
	if got := sign("second"); got.key() != ann.key() || ann.key() == "" {
		t.Errorf("Ann's address at a second provider: %d", got.status)
	}
	if got := v.browser(t).join("open-sesame", "Ann@Contoso.com"); got.key() != "" {
		t.Error("an address that is only typed gives Ann's key")
	}
	mail.claims = map[string]any{"email": "bob@contoso.com", "email_verified": true}
	squatter := v.browser(t).join("open-sesame", "bob@contoso.com")
	if got := sign("mail"); got.status != 403 || got.key() != "" || squatter.key() == "" {
		t.Errorf("Bob, after somebody typed his address: %d", got.status)
	}
}

// A provider that does not answer is told so, and asked again later.
func TestProviderDown(t *testing.T) {
	i := newIssuer(t, map[string]any{"email": "ann@contoso.com", "email_verified": true})
	p := i.provider("one")
	up := false
	i.Config.Handler = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !up {
				w.WriteHeader(500)
				return
			}
			next.ServeHTTP(w, r)
		})
	}(i.Config.Handler)
	v := open(t, with(p), workshop())
	b := v.browser(t)
	if got := b.get("/event/workshop/signin/one"); got.status != 502 {
		t.Errorf("while it is down: %d", got.status)
	}
	up = true
	if got := b.get("/event/workshop/signin/one"); got.key() == "" {
		t.Errorf("when it is up: %s", fmt.Sprint(got.status))
	}
}
