package remark

import (
	"strings"

	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/config"
)

// Unknown is a deployment of whose underlying model the catalogue knows nothing.
type Unknown struct {
	// Deployment is its RESOURCE/NAME, Model what it serves, Base the underlying model as
	// the configuration has it, and Line where in the file its resource stands.
	Deployment, Model, Base string
	// Kind is what it is taken to do: by its name, or as the configuration says.
	Kind string
	Line int
}

// KindOf is what a model does: as the configuration says, else as the catalogue knows
// or guesses by the name of the underlying model.
func KindOf(cfg *config.Config, known *catalog.Catalog, model, base string) string {
	for i := range cfg.Models {
		if m := &cfg.Models[i]; m.Kind != "" && strings.EqualFold(m.Name, model) {
			return m.Kind
		}
	}
	m, _ := known.Lookup(base)
	return m.Kind
}

// UnknownBases returns the deployments of whose models nobody knows how much they can
// write, how their tokens are counted and what their bound is called: one for each model.
func UnknownBases(cfg *config.Config) ([]Unknown, error) {
	known, err := catalog.Default()
	if err != nil {
		return nil, err
	}
	var out []Unknown
	said := make(map[string]bool)
	for i := range cfg.Resources {
		r := &cfg.Resources[i]
		for j := range r.Deployments {
			d := &r.Deployments[j]
			if _, ok := known.Lookup(d.Base); !ok && !said[strings.ToLower(d.Base)] {
				said[strings.ToLower(d.Base)] = true
				out = append(out, Unknown{r.Name + "/" + d.Name, d.Model, d.Base, KindOf(cfg, known, d.Model, d.Base), r.Line})
			}
		}
	}
	return out, nil
}
