package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

func (m *Model) fields() fields {
	return fields{
		{key: "strategy", codec: choice(&m.Strategy, "headroom", "priority", "weight", "round_robin", "least_busy", "latency", "random"), doc: "How a deployment is picked within a tier."},
		{key: "affinity", codec: flag(&m.Affinity), doc: "Send prompts that begin alike to the same deployment."},
		{key: "wait", codec: duration(&m.Wait, 0), doc: "How long a request may wait for room; 0s is not at all."},
		{key: "fallback", codec: list(&m.Fallback, "", name), doc: "Models to try, in order, when this one has no room."},
	}
}

func newModel(name string) Model { return Model{Name: name, Strategy: "headroom"} }

// modelsCodec reads a section whose keys are model names.
func modelsCodec(p *[]Model) codec {
	return codec{
		decode: func(d *decoder, v value) {
			entries, _ := d.entries(v)
			for _, e := range entries {
				if err := nameFault(e.key.Value); err != nil {
					d.fail(value{e.key, e.path}, err)
					continue
				}
				m := newModel(e.key.Value)
				d.section(e.value, m.fields())
				d.marks[e.path] = mark{line: e.key.Line, column: e.key.Column}
				*p = append(*p, m)
			}
		},
		encode: func(pr *printer) *yaml.Node {
			if len(*p) == 0 {
				return nil
			}
			n := &yaml.Node{Kind: yaml.MappingNode}
			for i := range *p {
				m := &(*p)[i]
				// A name may look like another type (1, true): the key is text.
				key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: m.Name}
				n.Content = append(n.Content, key, inline(section(m.fields())).encode(pr))
			}
			return n
		},
		schema: func() schema {
			m := newModel("")
			return schema{"type": []string{"object", "null"}, "additionalProperties": sectionSchema(m.fields())}
		},
	}
}

// served are the models that deployments serve, by lower-case name, each with the
// spelling that came first. partial says that a deployment could not be read, so
// that a model may be missing.
type served struct {
	spelling map[string]string
	names    []string
	partial  bool
}

func servedBy(resources []Resource) served {
	s := served{spelling: make(map[string]string)}
	for _, r := range resources {
		s.partial = s.partial || len(r.Deployments) == 0
		for _, m := range r.Deployments {
			key := strings.ToLower(m.Model)
			if key == "" {
				s.partial = true
			} else if _, ok := s.spelling[key]; !ok {
				s.spelling[key] = m.Model
				s.names = append(s.names, m.Model)
			}
		}
	}
	s.partial = s.partial || len(s.names) == 0
	return s
}

func (s served) has(model string) bool {
	_, ok := s.spelling[strings.ToLower(model)]
	return ok || s.partial
}

// checkModels checks that models are served, and that fallbacks lead somewhere.
func (d *decoder) checkModels(list []Model, s served) {
	lines := make(map[string]int)
	byName := make(map[string]int)
	for i := range list {
		m := &list[i]
		path := join("models", m.Name)
		d.unique(lines, path, strings.ToLower(m.Name))
		byName[strings.ToLower(m.Name)] = i
		if !s.has(m.Name) {
			d.wrongAt(path, suggest(m.Name, s.names), "no deployment serves this model")
		}
		for j, to := range m.Fallback {
			at := index(join(path, "fallback"), j)
			switch {
			case to == "": // could not be read
			case strings.EqualFold(to, m.Name):
				d.wrongAt(at, "", "is the model itself")
			case !s.has(to):
				d.wrongAt(at, suggest(to, s.names), "no deployment serves the model %s", d.quote(at, to))
			}
		}
	}
	d.checkCircles(list, byName)
}

// checkCircles reports each circle of fallbacks once, at the model of it that
// comes first in the file.
func (d *decoder) checkCircles(list []Model, byName map[string]int) {
	var way []int              // the models from where the walk began to here
	place := make(map[int]int) // of a model on the way, from 1; -1 when it is done
	var walk func(i int)
	walk = func(i int) {
		way = append(way, i)
		place[i] = len(way)
		for _, to := range list[i].Fallback {
			next, ok := byName[strings.ToLower(to)]
			switch {
			case !ok || next == i || place[next] < 0:
			case place[next] > 0:
				d.circle(list, way[place[next]-1:])
			default:
				walk(next)
			}
		}
		way = way[:len(way)-1]
		place[i] = -1
	}
	for i := range list {
		if place[i] == 0 {
			walk(i)
		}
	}
}

// circle reports the circle of the models in way.
func (d *decoder) circle(list []Model, way []int) {
	first := slices.Index(way, slices.Min(way))
	var names []string
	for i := range len(way) + 1 {
		names = append(names, list[way[(first+i)%len(way)]].Name)
	}
	d.wrongAt(join(join("models", names[0]), "fallback"), "", "goes round in a circle: %s", strings.Join(names, " → "))
}
