package cost

import (
	"slices"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/catalog"
)

// Model is the most that requests for a model can use, on any deployment that may come to
// serve them, those of its fallbacks too.
type Model struct {
	tallygate.Capacity
	// Bases are the underlying models by whose encodings prompts are counted, one for
	// each encoding.
	Bases []string
	// Deployments are those that may serve it.
	Deployments []*tallygate.Deployment
}

// ModelOf returns the model that deployments serve, as far as the catalogue knows theirs.
// What is not known of one of them is not known of all.
func ModelOf(known *catalog.Catalog, deployments ...*tallygate.Deployment) (m Model) {
	for _, d := range deployments {
		m.widen(known, d)
	}
	return m
}

// widen makes room for a deployment.
func (m *Model) widen(known *catalog.Catalog, d *tallygate.Deployment) {
	base, sure := known.Lookup(d.Base)
	picture := int64(0)
	if base.Image != nil {
		picture = base.Image.Most()
	}
	tokenless := sure && base.Tokenless
	var square tallygate.ByQuality
	if base.Square != nil {
		square = tallygate.ByQuality(*base.Square)
	}
	if len(m.Deployments) == 0 {
		m.Capacity = tallygate.Capacity{
			Context: base.Context, Picture: picture, Output: base.MaxOutput, Reasoning: base.Reasoning, Square: square, Tokenless: tokenless,
		}
	} else {
		m.Context, m.Picture, m.Output = wider(m.Context, base.Context), wider(m.Picture, picture), longer(m.Output, base.MaxOutput)
		m.Square = tallygate.ByQuality{
			Low: wider(m.Square.Low, square.Low), Medium: wider(m.Square.Medium, square.Medium), High: wider(m.Square.High, square.High),
		}
		m.Tokenless = m.Tokenless && tokenless
	}
	m.Deployments = append(m.Deployments, d)
	if !slices.ContainsFunc(m.Bases, func(other string) bool {
		o, _ := known.Lookup(other)
		return o.Encoding == base.Encoding
	}) {
		m.Bases = append(m.Bases, d.Base)
	}
}
