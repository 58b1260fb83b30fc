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

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Config is the configuration with every default filled in and every rule
// checked. It does not change after Parse and may be shared.
type Config struct {
	// Listen is the address of the data listener, host:port.
	Listen string
	// PublicURL is the address clients use, without a slash at its end; empty is that
	// of each request.
	PublicURL string
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
	Files map[string]tree.Digest

	// Notes are remarks on a file that is right, such as an endpoint that was
	// shortened to its host.
	Notes []tree.Problem
}

// Admin is the admin listener.
type Admin struct {
	// Listen is its address; empty is off.
	Listen string
	// Key is the admin key; it may be empty on a loopback address only.
	Key tree.Secret
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
	// Body bounds the time between two reads of a client's request body, and that a
	// client may leave a piece of an answer unread.
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

// Prices is what tokens cost beyond the built-in list.
type Prices struct {
	// File is the path of a price list that overrides the built-in one; empty is
	// none. It has not been read.
	File string
	// Unknown is what is counted for a model without a price; nil is nothing, so
	// that limits of money refuse it.
	Unknown *Price
	// Rates are what one unit of another currency is worth in Currency, by ISO 4217
	// code, as decimal digits with at most one point.
	Rates map[string]string
	// PTU is what an hour of one provisioned throughput unit costs; 0 is unsaid, so that
	// what these serve costs nothing.
	PTU tallygate.Money
}

// Price is what a million tokens cost, in Currency.
type Price struct {
	Prompt, Completion tallygate.Money
}

// SignIn is an identity provider: OpenID Connect, or GitHub's OAuth.
type SignIn struct {
	// Name stands in addresses, Title on the button.
	Name, Title string
	// Issuer is where discovery starts; GitHub's server when GitHub.
	Issuer       string
	ClientID     string
	ClientSecret tree.Secret
	GitHub       bool
	// Trusted takes addresses as proved that the issuer does not call verified.
	Trusted bool
}

// AzureTables is a storage account with the event proxy's two tables.
type AzureTables struct {
	// Connection is its connection string; empty is none.
	Connection tree.Secret
	// Every is how often they are read.
	Every time.Duration
}

// Alerts is where warnings go.
type Alerts struct {
	// Webhook is the URL they are posted to; empty is none. It is https, or http to
	// a loopback address.
	Webhook tree.Secret
	// Headers go with each of them, by canonical name.
	Headers map[string]tree.Secret
}

// Resource is one Azure OpenAI resource.
type Resource struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
	// Endpoint is scheme, host and base path, without a trailing slash and
	// without /openai.
	Endpoint *url.URL
	Key      tree.Secret
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
	// Description is for people; nothing depends on it.
	Description string
	// Model is the pool it serves, what callers ask for; Name unless said.
	Model string
	// Base is the underlying model; Model unless said.
	Base string
	// TPM and RPM are its quota in tokens and requests a minute, PTU its
	// provisioned throughput units; 0 is unsaid.
	TPM, RPM, PTU int64
	// PTUPrice is what an hour of one of its units costs, where that is not Prices.PTU.
	PTUPrice tallygate.Money
	// Priority is its tier, lower is first; at least 1.
	Priority int
	// Weight is its share within the tier; at least 1.
	Weight int
	// SKU is the deployment type at Azure, such as GlobalStandard; may be empty.
	SKU    string
	Limits []tallygate.Limit
	// Line is where in the file it stands, the first time if that repeats it.
	Line int
}

// Model is how the deployments of one model share its requests.
type Model struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
	// Kind is what it does, one of Kinds; empty where the underlying model tells.
	Kind string
	// Aliases are other names that callers may use for it. No two models share one, and
	// none is the name of a model.
	Aliases []string
	// Strategy is headroom, priority, weight, round_robin, least_busy, latency
	// or random.
	Strategy string
	// Affinity sends prompts that begin alike to the same deployment.
	Affinity bool
	// Wait is how long a request may wait for room; 0 is not at all.
	Wait time.Duration
	// Fallback are the models to try, in order, when this one has no room.
	Fallback []string
	// MaxTokens caps what requests for it may ask for.
	MaxTokens tallygate.Cap
	// Reserve is the share of its room that is kept for a group, in percent, by the
	// group's name. The shares add up to at most 100.
	Reserve map[string]int
	// BatchShare is the most of its room that callers who can wait may take, in
	// percent: 1 to 100.
	BatchShare int
	Limits     []tallygate.Limit
}

// Group is a team, product or cost centre: what its callers share.
type Group struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
	// MaxTokens caps what its callers' requests may ask for; a caller's own cap can
	// only be tighter.
	MaxTokens tallygate.Cap
	// Weight and Batch are those of its callers that do not say otherwise.
	Weight int
	Batch  bool
	// TellDeployment says, for its callers that do not say otherwise, that answers name
	// the deployment.
	TellDeployment bool
	// Limits bound what its callers use together.
	Limits []tallygate.Limit
}

// Caller is who may ask.
type Caller struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
	// Keys are its API keys, at least one; no other caller has one of them.
	Keys []Key
	// Group is spelt as the groups section has it.
	Group string
	// Models are globs over model names; none means all.
	Models []string
	// MaxTokens is its own cap; that of its group holds as well.
	MaxTokens tallygate.Cap
	// Weight is its share of the room when several wait for it: its own, else its
	// group's, else 1.
	Weight int
	// Batch says that it can wait: others go first. It is its own, else its group's.
	Batch bool
	// TellDeployment says that its answers name the deployment that served them. It is
	// its own, else its group's.
	TellDeployment bool
	Limits         []tallygate.Limit
	// Line is where in the file it stands.
	Line int
}

// Key is an API key of a caller, or its digest: sha256: and 64 hex digits, which stand
// for the key that they are of.
type Key struct {
	// Name tells it from the caller's others in reports; may be empty.
	Name string
	tree.Secret
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
