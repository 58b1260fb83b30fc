package signup

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// providerTime bounds one question to a provider.
const providerTime = 10 * time.Second

// Provider is where people may sign in: an OpenID Connect issuer, or GitHub.
type Provider struct {
	// Name stands in addresses and with the attendees it proved: lower-case letters,
	// digits and dashes. Title is what its button says.
	Name, Title string
	// Issuer is the address that OpenID Connect discovery starts from. For GitHub it is
	// that of the server, https://github.com when empty.
	Issuer                 string
	ClientID, ClientSecret string
	// GitHub speaks OAuth as GitHub does, which is no OpenID Connect issuer.
	GitHub bool
	// Trusted takes e-mail addresses and user names as proved although the issuer does
	// not say that it verified them. It is for an issuer that gives them out itself, as
	// a tenant of Entra ID does, and never for one where people choose them.
	Trusted bool
}

// person is whom a provider proved. Email is empty unless verified.
type person struct{ Email, Login string }

// provider asks a Provider. Safe for concurrent use.
type provider struct {
	Provider
	client *http.Client

	mu     sync.Mutex
	issuer *oidc.Provider // once it was discovered
}

// context returns one in which both libraries speak through our client.
func (p *provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client) // the same key as oauth2's
}

// discover returns the issuer's description. It is asked for when first needed, and
// again until it was there.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.issuer != nil {
		return p.issuer, nil
	}
	issuer, err := oidc.NewProvider(p.context(ctx), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its configuration: %w", p.Issuer, err)
	}
	p.issuer = issuer
	return issuer, nil
}

// config returns how to sign in, coming back to an address.
func (p *provider) config(ctx context.Context, callback string) (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: callback}
	if p.GitHub {
		c.Scopes = []string{"read:user", "user:email"}
		c.Endpoint = oauth2.Endpoint{AuthURL: p.github() + "/login/oauth/authorize", TokenURL: p.github() + "/login/oauth/access_token"}
		return c, nil
	}
	issuer, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	c.Scopes, c.Endpoint = []string{oidc.ScopeOpenID, "email", "profile"}, issuer.Endpoint()
	return c, nil
}

// prove exchanges a code for the person it stands for.
func (p *provider) prove(ctx context.Context, c *oauth2.Config, code string, t *ticket) (person, error) {
	ctx = p.context(ctx)
	token, err := c.Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return person{}, fmt.Errorf("exchange the code: %w", err)
	}
	if p.GitHub {
		return p.githubUser(ctx, token.AccessToken)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return person{}, errors.New("the answer has no id_token")
	}
	issuer, err := p.discover(ctx)
	if err != nil {
		return person{}, err
	}
	id, err := issuer.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return person{}, err
	}
	if !equal(id.Nonce, t.Nonce) {
		return person{}, errors.New("the id_token was made for another sign-in")
	}
	return p.claims(id)
}

// claims reads the person out of an ID token. A name that people choose proves nothing:
// it gives way to one made of what the issuer calls them by for ever.
func (p *provider) claims(id *oidc.IDToken) (person, error) {
	var c struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some issuers send a string
		Username string `json:"preferred_username"`
	}
	if err := id.Claims(&c); err != nil {
		return person{}, err
	}
	sum := sha256.Sum256([]byte(id.Subject))
	out := person{Login: p.Name + "-" + hex.EncodeToString(sum[:8])}
	if p.Trusted {
		out.Login = cmp.Or(c.Username, out.Login)
	}
	if p.Trusted || c.Verified == true || c.Verified == "true" {
		out.Email = c.Email
	}
	return out, nil
}

func (p *provider) github() string {
	return strings.TrimSuffix(cmp.Or(p.Issuer, "https://github.com"), "/")
}

// githubUser asks GitHub's API whose token it is.
func (p *provider) githubUser(ctx context.Context, token string) (person, error) {
	api := p.github() + "/api/v3" // of a server of one's own
	if p.github() == "https://github.com" {
		api = "https://api.github.com"
	}
	var user struct {
		Login string `json:"login"`
	}
	if err := p.ask(ctx, api+"/user", token, &user); err != nil {
		return person{}, err
	}
	var emails []struct {
		Email             string `json:"email"`
		Primary, Verified bool
	}
	if err := p.ask(ctx, api+"/user/emails", token, &emails); err != nil {
		return person{}, err
	}
	out := person{Login: user.Login}
	for _, e := range emails {
		if e.Primary && e.Verified {
			out.Email = e.Email
		}
	}
	return out, nil
}

func (p *provider) ask(ctx context.Context, url, token string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/vnd.github+json")
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, res.Status)
	}
	return json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(into)
}
