package tallygate

// Deployment is one Azure OpenAI deployment that can serve a model. It never
// changes after it was made; what is known about its room lives in the pool.
type Deployment struct {
	// Resource is the name of the Azure OpenAI resource it lives in, as
	// configured; the resource knows its endpoint and credential.
	Resource string
	// Name is the deployment's name at Azure. It needs not equal the model's.
	Name string
	// Title is what people call it, where that is not its name.
	Title string
	// Model is the name of the pool it serves: what callers ask for.
	Model string
	// Base is the underlying model for the tokenizer and the catalogue, such as
	// "gpt-4o"; equal to Model unless configured.
	Base string
	// Region is where the resource stands, such as "swedencentral".
	Region string
	// SKU is the deployment type at Azure, such as "GlobalStandard"; prices differ
	// by it. Empty when unknown.
	SKU string
	// TPM and RPM are its quota in tokens and requests a minute; 0 is unknown.
	// PTU is its provisioned throughput units; 0 for a standard deployment.
	TPM, RPM, PTU int64
	// Priority is its tier: a lower number is tried first; 0 counts as 1.
	Priority int
	// Weight is its share among equals; 0 counts as 1.
	Weight int
}

// ID names the deployment in logs, metrics, headers and the ledger.
func (d *Deployment) ID() string { return d.Resource + "/" + d.Name }
