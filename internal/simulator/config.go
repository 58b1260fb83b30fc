package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config says what to simulate. The zero values of its optional fields are usable;
// New refuses what makes no sense.
type Config struct {
	// Seed varies answers, ids and latencies. The same seed gives the same ones.
	Seed uint64 `json:"seed,omitempty"`
	// Pace scales all latencies: 1 is lifelike, 0.1 ten times as fast, 0 none.
	// Waits that a fault or a marker asks for are not scaled.
	Pace float64 `json:"pace,omitempty"`
	// AdminKey opens the routes below /_simulator/; they are closed without one.
	AdminKey string `json:"admin_key,omitempty"`
	// Remember is how many of the last requests are kept for inspection: 0 is 256,
	// and a negative number is none.
	Remember int `json:"remember,omitempty"`
	// Resources are the Azure OpenAI resources; at least one.
	Resources []Resource `json:"resources"`
	// Now is the clock for windows and timestamps; nil is time.Now. Waiting always
	// uses the time package's timers.
	Now func() time.Time `json:"-"`
}

// Resource is one Azure OpenAI resource.
type Resource struct {
	// Name is the first label of its host name; matched without regard to case.
	Name string `json:"name"`
	// Region is where it stands, such as "swedencentral".
	Region string `json:"region,omitempty"`
	// Key and Keys are its accepted API keys.
	Key  string   `json:"key,omitempty"`
	Keys []string `json:"keys,omitempty"`
	// Tokens are accepted as bearer access tokens in every style of URL; they stand
	// for Entra ID tokens. A resource needs a key or a token.
	Tokens []string `json:"tokens,omitempty"`
	// KeysDisabled answers 403 to every key: only Tokens open the resource.
	KeysDisabled bool `json:"keys_disabled,omitempty"`
	// AnyModel lets every deployment name work: unknown ones come into being when
	// first asked for, without limits, with the model of the same name.
	AnyModel bool `json:"any_model,omitempty"`
	// Deployments are the resource's model deployments.
	Deployments []Deployment `json:"deployments,omitempty"`
}

// Deployment is a model deployed in a resource.
//
// A standard deployment counts in fixed windows of a minute that open with the first
// request. Every request adds to the count, refused ones too, with an estimate made
// at arrival: a quarter of the prompt's characters plus the completion tokens it asks
// for, times its choices. Once a count has reached the limit, requests are refused
// until the window ends; the request that crosses the limit is still served.
//
// A provisioned deployment has a leaky bucket in place of windows: a request adds its
// estimated tokens (cached ones free, output weighted by the model's ratio), the
// estimate is corrected when the request ends, and the bucket drains all the time at
// PTU times the model's tokens a minute. Above 100 % requests are refused.
type Deployment struct {
	// Name is the deployment's name; matched without regard to case.
	Name string `json:"name"`
	// Model is the model's name, such as "gpt-4o"; empty is Name. Models that the
	// simulator does not know behave like gpt-4o.
	Model string `json:"model"`
	// SKU is "Standard" (the default), "GlobalStandard", "DataZoneStandard", or for
	// a PTU above 0 "ProvisionedManaged" (then the default), "GlobalProvisionedManaged"
	// or "DataZoneProvisionedManaged".
	SKU string `json:"sku,omitempty"`

	// TPM is tokens a minute; 0 is without limit.
	TPM int64 `json:"tpm"`
	// RPM is requests a minute. 0 follows from TPM by the model's ratio (and is
	// without limit where TPM is); negative is without limit.
	RPM int64 `json:"rpm"`
	// PTU is provisioned throughput units; above 0 the deployment is provisioned
	// and TPM and RPM do not apply.
	PTU int64 `json:"ptu"`
	// RPMWindow also holds requests to their share of RPM in each window of so many
	// seconds: Azure uses 1 or 10. 0 counts by the minute only.
	RPMWindow int64 `json:"rpm_window_seconds,omitempty"`
	// LegacyEstimate is the rule of the first years: a chat counts as the completion
	// tokens it asks for, or 16, whatever its prompt.
	LegacyEstimate bool `json:"legacy_estimate,omitempty"`
	// Latency is how fast it answers.
	Latency Latency `json:"latency,omitzero"`
	// Throttle is the generation of 429 bodies it speaks; empty takes Typed on the
	// v1 routes and Classic elsewhere.
	Throttle Generation `json:"throttle,omitempty"`
	// Burst is how many chunks leave together, as a buffering content filter makes
	// them; 0 is 1.
	Burst int `json:"burst,omitempty"`
	// AsyncFilter lets the content filter run beside the stream: its annotations
	// come in chunks of their own, at the end.
	AsyncFilter bool `json:"async_filter,omitempty"`
	// Spillover names a standard deployment of the same resource that serves what
	// this provisioned one has no room for.
	Spillover string `json:"spillover,omitempty"`
}

// Limits is a deployment's quota, as SetLimits changes it; the fields are those of
// Deployment.
type Limits struct {
	TPM int64 `json:"tpm"`
	RPM int64 `json:"rpm"`
	PTU int64 `json:"ptu"`
}

// Latency is how fast a deployment answers. Each value is the median of a log-normal
// distribution.
type Latency struct {
	// FirstToken is the time to the first token; 0 is 300 ms.
	FirstToken time.Duration
	// PerToken is the time between tokens; 0 is 14 ms, about 70 tokens a second.
	PerToken time.Duration
	// Jitter is the distribution's sigma; 0 is 0.25, negative is none.
	Jitter float64
}

// ParseConfig reads a scenario: Config as JSON, durations as strings ("300ms").
// Unknown fields are errors.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	if err := decodeStrict(data, &c); err != nil {
		return Config{}, fmt.Errorf("simulator: read scenario: %w", err)
	}
	return c, nil
}

// Spelled returns the configuration with the models said that go without saying, for a
// file that is to be edited.
func (c Config) Spelled() Config {
	c.Resources = slices.Clone(c.Resources)
	for i := range c.Resources {
		d := slices.Clone(c.Resources[i].Deployments)
		for j := range d {
			d[j].Model = cmp.Or(d[j].Model, d[j].Name)
		}
		c.Resources[i].Deployments = d
	}
	return c
}

// check returns what is wrong with the configuration, in the words of its author.
func (c Config) check() error {
	if len(c.Resources) == 0 {
		return fmt.Errorf("simulator: no resources: add at least one with a name, a key and deployments")
	}
	if c.Pace < 0 {
		return fmt.Errorf("simulator: pace %v is negative: use 1 for lifelike, 0 for no delays", c.Pace)
	}
	seen := map[string]bool{}
	for _, r := range c.Resources {
		if r.Name == "" || strings.ContainsAny(r.Name, "/.:_ ") {
			return fmt.Errorf("simulator: resource name %q: use letters, digits and hyphens, as in a host name", r.Name)
		}
		if seen[strings.ToLower(r.Name)] {
			return fmt.Errorf("simulator: resource %s is there twice", r.Name)
		}
		seen[strings.ToLower(r.Name)] = true
		if err := r.check(); err != nil {
			return fmt.Errorf("simulator: resource %s: %w", r.Name, err)
		}
	}
	return nil
}

func (r Resource) check() error {
	if r.Key == "" && len(r.Keys) == 0 && len(r.Tokens) == 0 {
		return fmt.Errorf("no key: set key, keys or tokens, since a resource never answers strangers")
	}
	seen := map[string]bool{}
	for _, d := range r.Deployments {
		if d.Name == "" {
			return fmt.Errorf("a deployment has no name")
		}
		if seen[strings.ToLower(d.Name)] {
			return fmt.Errorf("deployment %s is there twice", d.Name)
		}
		seen[strings.ToLower(d.Name)] = true
		if err := d.check(); err != nil {
			return fmt.Errorf("deployment %s: %w", d.Name, err)
		}
	}
	return nil
}

func (d Deployment) check() error {
	switch provisioned := strings.Contains(d.SKU, "Provisioned"); {
	case provisioned && d.PTU <= 0:
		return fmt.Errorf("SKU %s needs ptu", d.SKU)
	case !provisioned && d.SKU != "" && d.PTU > 0:
		return fmt.Errorf("SKU %s has no ptu: use tpm and rpm, or a provisioned SKU", d.SKU)
	case !d.Throttle.known():
		return fmt.Errorf("throttle %q: use classic, named, typed or no_capacity", d.Throttle)
	case d.Latency.FirstToken < 0 || d.Latency.PerToken < 0:
		return fmt.Errorf("latency is negative")
	case d.Burst < 0:
		return fmt.Errorf("burst is negative")
	case d.RPMWindow < 0 || d.RPMWindow > 60:
		return fmt.Errorf("rpm_window_seconds is %d: use 0 (none), 1 or 10", d.RPMWindow)
	}
	return Limits{TPM: d.TPM, RPM: d.RPM, PTU: d.PTU}.check()
}

func (l Limits) check() error {
	if l.TPM < 0 || l.PTU < 0 {
		return fmt.Errorf("tpm and ptu must not be negative")
	}
	return nil
}
