package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
)

func (r *Resource) codec() codec {
	c := section(fields{
		{key: "name", required: true, codec: id(&r.Name), doc: "Name of the resource in logs, metrics and the ledger; your choice."},
		{key: "description", codec: description(&r.Description), doc: "What people should know of it; nothing depends on it."},
		{key: "endpoint", required: true, codec: endpoint(&r.Endpoint), doc: "https://NAME.openai.azure.com, .cognitiveservices.azure.com or .services.ai.azure.com."},
		{key: "key", required: true, codec: secret(&r.Key), doc: "API key of the resource, best as ${env:…} or ${file:…}."},
		{key: "allow_http", codec: flag(&r.AllowHTTP), doc: "Permit plain http to a host that is not loopback."},
		{key: "region", codec: name(&r.Region), doc: "Azure region, such as swedencentral."},
		{key: "deployments", required: true, codec: list(&r.Deployments, Deployment{Priority: 1, Weight: 1}, r.deployment), doc: "Its deployments."},
	})
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		r.Line = v.node.Line
		decode(d, v)
	}
	return c
}

// deployment reads and prints m, a deployment of r.
func (r *Resource) deployment(m *Deployment) codec {
	c := section(fields{
		{key: "name", required: true, codec: id(&m.Name), doc: "Name of the deployment at Azure."},
		{key: "description", codec: description(&m.Description), doc: "What people should know of it; nothing depends on it."},
		{key: "model", codec: id(&m.Model), doc: "Model it serves, what callers ask for; the name unless said."},
		{key: "base", codec: name(&m.Base), doc: "Underlying model, such as gpt-4o; the model unless said."},
		{key: "tpm", codec: tokens(&m.TPM), doc: "Quota in tokens a minute: 600k, 1M."},
		{key: "rpm", codec: tokens(&m.RPM), doc: "Quota in requests a minute."},
		{key: "ptu", codec: small(&m.PTU), doc: "Provisioned throughput units."},
		{key: "ptu_price", codec: hourly(&m.PTUPrice), doc: "What an hour of one of its units costs, where that is not prices.ptu."},
		{key: "priority", codec: small(&m.Priority), doc: "Tier: 1 is tried first."},
		{key: "weight", codec: small(&m.Weight), doc: "Share within the tier."},
		{key: "sku", codec: sku(&m.SKU), doc: "Deployment type at Azure, such as GlobalStandard; prices differ by it."},
		{key: "limits", codec: limits(&m.Limits, tallygate.ByDeployment, func() string { return deploymentID(r, m) }), doc: "What may be used of it."},
	})
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		m.Line = v.node.Line
		decode(d, v)
		if m.Model == "" && !d.has(join(v.path, "model")) {
			m.Model = m.Name
		}
		if m.Base == "" {
			m.Base = m.Model
		}
		if m.PTUPrice > 0 && m.PTU == 0 && d.sound(join(v.path, "ptu")) {
			d.wrongAt(join(v.path, "ptu_price"), "say how many units there are with ptu", "means nothing without ptu")
		}
	}
	return inline(c)
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
func sku(p *string) codec {
	c := name(p)
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		decode(d, v)
		if *p == "" || slices.Contains(skus, *p) {
			return
		}
		if near := tallygate.Nearest(*p, skus); near != "" {
			d.note(v.path, "is no deployment type that is known, so prices may not be found", didYouMean(near))
		}
	}
	return c
}

var skus = []string{
	"Standard", "GlobalStandard", "DataZoneStandard", "ProvisionedManaged", "GlobalProvisionedManaged",
	"DataZoneProvisionedManaged", "GlobalBatch", "DataZoneBatch", "DeveloperTier",
}

// checkResources checks what holds between and within the resources.
func (d *decoder) checkResources(list []Resource) {
	switch {
	case len(list) > 0 || !d.sound("resources"):
	case d.has("resources"):
		d.wrongAt("resources", "name at least one", "there are no resources")
	case !d.has("azure_tables"):
		d.wrongAt("", "", "has no resources")
	}
	lines := make(map[string]int)
	for i, r := range list {
		path := index("resources", i)
		d.unique(lines, join(path, "name"), r.Name)
		if r.Endpoint != nil && r.Endpoint.Scheme == "http" && !r.AllowHTTP && !loopback(r.Endpoint.Hostname()) {
			d.wrongAt(join(path, "endpoint"), "use https, or set allow_http: true on the resource to send them in the clear",
				"would send keys and prompts over plain http")
		}
		if strings.Contains(r.Name, "/") {
			d.wrongAt(join(path, "name"), "", "must not hold a /")
		}
		at := join(path, "deployments")
		if len(r.Deployments) == 0 && d.has(at) && d.sound(at) {
			d.wrongAt(at, "name at least one", "there are no deployments")
		}
		d.checkDeployments(at, r.Deployments)
	}
}

// checkDeployments checks that entries of one name are the same entry.
func (d *decoder) checkDeployments(path string, list []Deployment) {
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
		at := join(index(path, i), "name")
		line := d.marks[join(index(path, j), "name")].line
		if same := list[j]; !strings.EqualFold(same.Model, m.Model) {
			d.wrongAt(at, "a deployment serves one model", "the deployment %s is already on line %d, for another model", d.quote(at, m.Name), line)
		} else if same.Name, same.Line = m.Name, m.Line; !reflect.DeepEqual(same, m) {
			d.wrongAt(at, "repeat an entry word for word to double its weight, or set weight", "the deployment %s is already on line %d, with other settings", d.quote(at, m.Name), line)
		} else {
			d.note(at, fmt.Sprintf("the deployment is already on line %d; its weights add up", line), "")
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
			merged[i].Weight = min(merged[i].Weight+m.Weight, maxSmall)
			continue
		}
		places[key] = len(merged)
		merged = append(merged, m)
	}
	return merged
}
