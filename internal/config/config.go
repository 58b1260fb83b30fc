// Package config reads the gateway's YAML file into a typed Config. It is strict,
// because a setting that is silently ignored is worse than none: unknown and
// repeated keys, wrong types and rules that can match nothing are problems, each
// with its place in the file, and all of them are said at once. No message ever
// shows the value of a key, nor the value a ${…} reference stands for.
//
// What a section may hold is one table (see fields): the decoder, Print and
// Schema all work from it, so they cannot disagree.
package config

import (
	"net/netip"
	"time"

	"github.com/tallygate/tallygate"
)

// Config is the configuration with every default filled in and every rule
// checked. It does not change after Parse and may be shared.
type Config struct {
	// Listen is the address of the data listener, host:port.
	Listen string
	// PublicURL is the address clients use, without a slash at its end; empty is that
	// of each request.
	PublicURL string
	// Portal is what the playground's door says.
	Portal Portal
	// QueryKeys takes the keys of callers in the query, as api-key and subscription-key.
	QueryKeys bool
	Admin     Admin
	// Data is the directory of the ledger and all other state, relative to the
	// working directory.
	Data string
	// TLS is nil when the data listener speaks plain HTTP.
	TLS *TLS
	Log Log
	// MaxBody is the largest JSON body taken, MaxUpload the largest of any other kind, and
	// BodyMemory what the bodies of all requests on their way may take of the memory, in
	// bytes.
	MaxBody, MaxUpload, BodyMemory int64
	// Spill is "on" where uploads that are larger than their part of the memory are kept in
	// files below Data, else "off".
	Spill string
	// TrustedProxies are the networks from which X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// CORS is about web pages of other origins.
	CORS        CORS
	Passthrough Passthrough
	// UpstreamHeaders are globs of request headers that go to the resources besides
	// those that do anyhow.
	UpstreamHeaders []string
	// Unbounded is what happens to requests that start work whose cost nobody can
	// bound, of callers under a limit of tokens or money: "refuse" or "allow".
	Unbounded string
	Timeouts  Timeouts
	// KeepAlive is the interval of SSE comments on a stream that waits for its
	// first byte; 0 sends none.
	KeepAlive time.Duration
	// KeepAliveEarly sends them before a deployment has answered, too.
	KeepAliveEarly bool
	Cooldown       Cooldown
	Ledger         Ledger
	// Unsaid is what happens to a request that names no bound for its answer and could
	// never fit into its limits with the largest one: "cap" or "refuse".
	Unsaid string
	// Currency is the gateway's one currency, by its ISO 4217 code.
	Currency string
	// Zone is where calendar periods begin unless a limit says otherwise.
	Zone   *time.Location
	Prices Prices
	Alerts Alerts
	// Limits are those of the whole organisation, or of what they match. Like the
	// limits of the sections below, they lack the match that follows from where
	// they stand; AllLimits has them with it.
	Limits    []tallygate.Limit
	Resources []Resource
	// Models are the models of the file in its order, then every other model
	// that a deployment serves, with default settings.
	Models  []Model
	Groups  []Group
	Callers []Caller
	Events  []Event
	// SignIn are the identity providers of attendees.
	SignIn []SignIn
	// AzureTables is the event proxy's storage.
	AzureTables AzureTables

	// Files are the files that it was read from, by path, with digests of what they held:
	// its own, those of ${file:…} and those of tls and prices. When one of them is not
	// what it was, the configuration may be another.
	Files map[string]Digest

	// Notes are remarks on a file that is right, such as an endpoint that was
	// shortened to its host.
	Notes []Problem
}

// Default returns the configuration of a file that says nothing.
func Default() *Config {
	return &Config{
		Listen:  ":8080",
		Admin:   Admin{Listen: "127.0.0.1:8081"},
		Data:    "data",
		Log:     Log{Level: "info", Format: "auto"},
		CORS:    CORS{Events: []string{"*"}},
		MaxBody: 100_000_000, MaxUpload: 512 << 20, BodyMemory: 256 << 20, Spill: "on",
		Timeouts: Timeouts{
			Connect: 10 * time.Second, FirstByte: 10 * time.Minute, Idle: 10 * time.Minute,
			Header: 10 * time.Second, Body: time.Minute,
			Drain: Drain{Deadline: 30 * time.Second},
		},
		Unbounded:   "refuse",
		KeepAlive:   15 * time.Second,
		Cooldown:    Cooldown{Default: 10 * time.Second, Max: time.Minute},
		Ledger:      Ledger{OnError: "refuse"},
		Unsaid:      "cap",
		AzureTables: AzureTables{Every: time.Minute},
		Currency:    "USD",
		Zone:        time.UTC,
	}
}
