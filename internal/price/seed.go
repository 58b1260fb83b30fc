package price

import _ "embed"

//go:generate go test . -run ^TestSeed$ -update

//go:embed prices.yaml
var embedded []byte

// Default returns the list that comes with the gateway: what OpenAI's models cost on
// Azure's global standard deployments, in US dollars. The head of prices.yaml says
// where it is from and what it leaves out.
func Default() (*Book, error) { return Parse("built in", embedded) }
