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
	"net/url"
	"time"
)

// Config is the configuration with every default filled in and every rule
// checked. It does not change after Parse and may be shared.
type Config struct {
	// Listen is the address of the data listener, host:port.
	Listen string
	Admin  Admin
	// Data is the directory of the ledger and all other state, relative to the
	// working directory.
	Data string
	// TLS is nil when the data listener speaks plain HTTP.
	TLS *TLS
	Log Log
	// MaxBody is the largest request body taken, in bytes.
	MaxBody int64
	// TrustedProxies are the networks from which X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Passthrough    Passthrough
	Timeouts       Timeouts
	// KeepAlive is the interval of SSE comments on a stream that waits for its
	// first byte; 0 sends none.
	KeepAlive time.Duration
	Cooldown  Cooldown
	Ledger    Ledger
	Resources []Resource
	// Models are the models of the file in its order, then every other model
	// that a deployment serves, with default settings.
	Models  []Model
	Callers []Caller

	// Notes are remarks on a file that is right, such as an endpoint that was
	// shortened to its host.
	Notes []Problem
}

// Admin is the admin listener.
type Admin struct {
	// Listen is its address; empty is off.
	Listen string
	// Key is the admin key; it may be empty on a loopback address only.
	Key Secret
}

// TLS is how the data listener proves itself: with files, or self-signed.
type TLS struct {
	// Cert and Key are paths of PEM files; both empty when SelfSigned.
	Cert, Key string
	// SelfSigned makes a certificate at start, for development.
	SelfSigned bool
	// Hosts are the names and addresses of the self-signed certificate.
	Hosts []string
}

// Log is what is logged and how.
type Log struct {
	// Level is debug, info, warn or error.
	Level string
	// Format is json, text or auto: text on a terminal and json elsewhere.
	Format string
}

// Passthrough is where requests go that name no model, such as GET /files.
type Passthrough struct {
	// Resource is the name of the resource that serves them.
	Resource string
	// Off refuses them.
	Off bool
}

// Timeouts bound how long the gateway waits.
type Timeouts struct {
	// Connect bounds the connection to a resource, TLS included.
	Connect time.Duration
	// FirstByte bounds the time from sending a request to its response header.
	FirstByte time.Duration
	// Idle bounds the time between two reads of a response.
	Idle time.Duration
	// Header bounds the reading of a client's request header.
	Header time.Duration
	// Body bounds the time between two reads of a client's request body.
	Body  time.Duration
	Drain Drain
}

// Drain is how the gateway stops.
type Drain struct {
	// Delay is the time between not ready and no longer accepting, for load
	// balancers to notice.
	Delay time.Duration
	// Deadline bounds the time running requests have to finish.
	Deadline time.Duration
}

// Cooldown is how long a deployment rests after it refused.
type Cooldown struct {
	// Default counts when the refusal does not say how long.
	Default time.Duration
	// Max caps what a refusal may ask for.
	Max time.Duration
}

// Ledger is how requests are recorded.
type Ledger struct {
	// OnError is what happens to requests while the ledger cannot write:
	// "refuse" or "serve".
	OnError string
}

// Resource is one Azure OpenAI resource.
type Resource struct {
	Name string
	// Endpoint is scheme, host and base path, without a trailing slash and
	// without /openai.
	Endpoint *url.URL
	Key      Secret
	// AllowHTTP permits plain http to a host that is not loopback.
	AllowHTTP   bool
	Region      string
	Deployments []Deployment
	// Line is where in the file it stands.
	Line int
}

// Deployment is one deployment of a resource. An entry that the file repeats
// stands here once, with the weights added up.
type Deployment struct {
	Name string
	// Model is the pool it serves, what callers ask for; Name unless said.
	Model string
	// Base is the underlying model; Model unless said.
	Base string
	// TPM and RPM are its quota in tokens and requests a minute, PTU its
	// provisioned throughput units; 0 is unsaid.
	TPM, RPM, PTU int64
	// Priority is its tier, lower is first; at least 1.
	Priority int
	// Weight is its share within the tier; at least 1.
	Weight int
}

// Model is how the deployments of one model share its requests.
type Model struct {
	Name string
	// Strategy is headroom, priority, weight, round_robin, least_busy, latency
	// or random.
	Strategy string
	// Affinity sends prompts that begin alike to the same deployment.
	Affinity bool
	// Wait is how long a request may wait for room; 0 is not at all.
	Wait time.Duration
	// Fallback are the models to try, in order, when this one has no room.
	Fallback []string
}

// Caller is who may ask.
type Caller struct {
	Name string
	// Keys are its API keys, at least one; no other caller has one of them.
	Keys  []Secret
	Group string
	// Models are globs over model names; none means all.
	Models []string
	Limits []Limit
	// Line is where in the file it stands.
	Line int
}

// Limit bounds what a caller may use: one of Requests and Tokens, in each Per.
type Limit struct {
	Requests, Tokens int64
	// Per is the period: "minute".
	Per string
}

// Default returns the configuration of a file that says nothing.
func Default() *Config {
	return &Config{
		Listen:  ":8080",
		Admin:   Admin{Listen: "127.0.0.1:8081"},
		Data:    "data",
		Log:     Log{Level: "info", Format: "auto"},
		MaxBody: 100_000_000,
		Timeouts: Timeouts{
			Connect: 10 * time.Second, FirstByte: 10 * time.Minute, Idle: 10 * time.Minute,
			Header: 10 * time.Second, Body: time.Minute,
			Drain: Drain{Deadline: 30 * time.Second},
		},
		KeepAlive: 15 * time.Second,
		Cooldown:  Cooldown{Default: 10 * time.Second, Max: time.Minute},
		Ledger:    Ledger{OnError: "refuse"},
	}
}
