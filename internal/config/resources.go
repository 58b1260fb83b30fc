package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Resource is one Azure OpenAI resource.
type Resource struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
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

func (r *Resource) codec() tree.Codec {
	c := tree.Section(tree.Fields{
		{Key: "name", Required: true, Codec: tree.ID(&r.Name), Doc: "Name of the resource in logs, metrics and the ledger; your choice."},
		{Key: "description", Codec: tree.Description(&r.Description), Doc: "What people should know of it; nothing depends on it."},
		{Key: "endpoint", Required: true, Codec: endpoint(&r.Endpoint), Doc: "https://NAME.openai.azure.com, .cognitiveservices.azure.com or .services.ai.azure.com."},
		{Key: "key", Required: true, Codec: tree.Key(&r.Key), Doc: "API key of the resource, best as ${env:…} or ${file:…}."},
		{Key: "allow_http", Codec: tree.Flag(&r.AllowHTTP), Doc: "Permit plain http to a host that is not loopback."},
		{Key: "region", Codec: tree.Name(&r.Region), Doc: "Azure region, such as swedencentral."},
		{Key: "deployments", Required: true, Codec: tree.List(&r.Deployments, Deployment{Priority: 1, Weight: 1}, r.deployment), Doc: "Its deployments."},
	})
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		r.Line = v.Node.Line
		decode(d, v)
	}
	return c
}

// deployment reads and prints m, a deployment of r.
func (r *Resource) deployment(m *Deployment) tree.Codec {
	c := tree.Section(tree.Fields{
		{Key: "name", Required: true, Codec: tree.ID(&m.Name), Doc: "Name of the deployment at Azure."},
		{Key: "description", Codec: tree.Description(&m.Description), Doc: "What people should know of it; nothing depends on it."},
		{Key: "model", Codec: tree.ID(&m.Model), Doc: "Model it serves, what callers ask for; the name unless said."},
		{Key: "base", Codec: tree.Name(&m.Base), Doc: "Underlying model, such as gpt-4o; the model unless said."},
		{Key: "tpm", Codec: tree.Tokens(&m.TPM), Doc: "Quota in tokens a minute: 600k, 1M."},
		{Key: "rpm", Codec: tree.Tokens(&m.RPM), Doc: "Quota in requests a minute."},
		{Key: "ptu", Codec: tree.Small(&m.PTU), Doc: "Provisioned throughput units."},
		{Key: "ptu_price", Codec: hourly(&m.PTUPrice), Doc: "What an hour of one of its units costs, where that is not prices.ptu."},
		{Key: "priority", Codec: tree.Small(&m.Priority), Doc: "Tier: 1 is tried first."},
		{Key: "weight", Codec: tree.Small(&m.Weight), Doc: "Share within the tier."},
		{Key: "sku", Codec: sku(&m.SKU), Doc: "Deployment type at Azure, such as GlobalStandard; prices differ by it."},
		{Key: "limits", Codec: limits(&m.Limits, tallygate.ByDeployment, func() string { return deploymentID(r, m) }), Doc: "What may be used of it."},
	})
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		m.Line = v.Node.Line
		decode(d, v)
		if m.Model == "" && !d.Has(tree.Join(v.Path, "model")) {
			m.Model = m.Name
		}
		if m.Base == "" {
			m.Base = m.Model
		}
		if m.PTUPrice > 0 && m.PTU == 0 && d.Sound(tree.Join(v.Path, "ptu")) {
			d.WrongAt(tree.Join(v.Path, "ptu_price"), "say how many units there are with ptu", "means nothing without ptu")
		}
	}
	return tree.Inline(c)
}

// deploymentID is what limits know the deployment by; empty when it is unknown.
func deploymentID(r *Resource, m *Deployment) string {
	if r.Name == "" || m.Name == "" {
		return ""
	}
	return (&tallygate.Deployment{Resource: r.Name, Name: m.Name}).ID()
}

// sku is a deployment type. Azure adds some, so an unknown one is no problem, but
// likely a mistake when it is nearly a known one.
func sku(p *string) tree.Codec {
	c := tree.Name(p)
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		decode(d, v)
		if *p == "" || slices.Contains(skus, *p) {
			return
		}
		if near := tallygate.Nearest(*p, skus); near != "" {
			d.Note(v.Path, "is no deployment type that is known, so prices may not be found", tree.DidYouMean(near))
		}
	}
	return c
}

var skus = []string{
	"Standard", "GlobalStandard", "DataZoneStandard", "ProvisionedManaged", "GlobalProvisionedManaged",
	"DataZoneProvisionedManaged", "GlobalBatch", "DataZoneBatch", "DeveloperTier",
}

// checkResources checks what holds between and within the resources.
func (d *reading) checkResources(list []Resource) {
	switch {
	case len(list) > 0 || !d.Sound("resources"):
	case d.Has("resources"):
		d.WrongAt("resources", "name at least one", "there are no resources")
	case !d.Has("azure_tables"):
		d.WrongAt("", "", "has no resources")
	}
	lines := make(map[string]int)
	for i, r := range list {
		path := tree.Index("resources", i)
		d.Unique(lines, tree.Join(path, "name"), r.Name)
		if r.Endpoint != nil && r.Endpoint.Scheme == "http" && !r.AllowHTTP && !loopback(r.Endpoint.Hostname()) {
			d.WrongAt(tree.Join(path, "endpoint"), "use https, or set allow_http: true on the resource to send them in the clear",
				"would send keys and prompts over plain http")
		}
		if strings.Contains(r.Name, "/") {
			d.WrongAt(tree.Join(path, "name"), "", "must not hold a /")
		}
		at := tree.Join(path, "deployments")
		if len(r.Deployments) == 0 && d.Has(at) && d.Sound(at) {
			d.WrongAt(at, "name at least one", "there are no deployments")
		}
		d.checkDeployments(at, r.Deployments)
	}
}

// checkDeployments checks that entries of one name are the same entry.
func (d *reading) checkDeployments(path string, list []Deployment) {
	first := make(map[string]int)
	for i, m := range list {
		key := strings.ToLower(m.Name)
		if m.Name == "" {
			continue
		}
		j, ok := first[key]
		if !ok {
			first[key] = i
			continue
		}
		at := tree.Join(tree.Index(path, i), "name")
		line := d.Mark(tree.Join(tree.Index(path, j), "name")).Line
		if same := list[j]; !strings.EqualFold(same.Model, m.Model) {
			d.WrongAt(at, "a deployment serves one model", "the deployment %s is already on line %d, for another model", d.Quote(at, m.Name), line)
		} else if same.Name, same.Line = m.Name, m.Line; !reflect.DeepEqual(same, m) {
			d.WrongAt(at, "repeat an entry word for word to double its weight, or set weight", "the deployment %s is already on line %d, with other settings", d.Quote(at, m.Name), line)
		} else {
			d.Note(at, fmt.Sprintf("the deployment is already on line %d; its weights add up", line), "")
		}
	}
}

// merge makes one deployment of equal entries, with their weights added up.
func merge(list []Deployment) []Deployment {
	var merged []Deployment
	places := make(map[string]int)
	for _, m := range list {
		key := strings.ToLower(m.Name)
		if i, ok := places[key]; ok {
			merged[i].Weight = min(merged[i].Weight+m.Weight, tree.MaxSmall)
			continue
		}
		places[key] = len(merged)
		merged = append(merged, m)
	}
	return merged
}
