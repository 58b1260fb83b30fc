package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

func (m *Model) fields() fields {
	return fields{
		{key: "description", codec: description(&m.Description), doc: "What people should know of it; nothing depends on it."},
		{key: "kind", codec: unlessEmpty(choice(&m.Kind, Kinds()...), func() bool { return m.Kind == "" }), doc: "What it does, where the underlying model (base) does not tell; the playground shows it where that belongs."},
		{key: "aliases", codec: list(&m.Aliases, "", id), doc: "Other names that callers may use for it, such as gpt-35-turbo. Limits and what a caller may use go by its own name."},
		{key: "strategy", codec: choice(&m.Strategy, "headroom", "priority", "weight", "round_robin", "least_busy", "latency", "random"), doc: "How a deployment is picked within a tier."},
		{key: "affinity", codec: flag(&m.Affinity), doc: "Send prompts that begin alike to the same deployment."},
		{key: "wait", codec: duration(&m.Wait, 0), doc: "How long a request may wait for room; 0s is not at all."},
		{key: "fallback", codec: list(&m.Fallback, "", name), doc: "Models to try, in order, when this one has no room."},
		{key: "max_tokens", codec: tokenCap(&m.MaxTokens), doc: "Most completion tokens a request for it may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{key: "reserve", codec: table(&m.Reserve, idFault, percent(1)), doc: "Share of its room that is kept for a group, by the group's name."},
		{key: "batch_share", codec: percent(1)(&m.BatchShare), doc: "Most of its room that callers with batch: true may take."},
		{key: "limits", codec: limits(&m.Limits, tallygate.ByModel, func() string { return m.Name }), doc: "What may be used of it."},
	}
}

// Kinds are all that models do.
func Kinds() []string {
	return []string{"chat", "completion", "embedding", "image", "speech", "transcription", "realtime", "video"}
}

func newModel(name string) Model { return Model{Name: name, Strategy: "headroom", BatchShare: 100} }

// modelsCodec reads a section whose keys are model names.
func modelsCodec(p *[]Model) codec {
	return codec{
		decode: func(d *decoder, v value) {
			entries, _ := d.entries(v)
			for _, e := range entries {
				if err := idFault(e.key.Value); err != nil {
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
				n.Content = append(n.Content, keyNode(m.Name), inline(section(m.fields())).encode(pr))
			}
			return n
		},
		schema: func() schema {
			m := newModel("")
			return schema{"type": []string{"object", "null"}, "additionalProperties": sectionSchema(m.fields())}
		},
	}
}

// checkModels checks that models are served, and that fallbacks lead somewhere.
func (d *decoder) checkModels(list []Model, s *names) {
	lines := make(map[string]int)
	byName := make(map[string]int)
	for i := range list {
		m := &list[i]
		path := join("models", m.Name)
		d.unique(lines, path, m.Name)
		byName[strings.ToLower(m.Name)] = i
		if !s.has(m.Name) {
			d.wrongAt(path, suggest(m.Name, s.list), "no deployment serves this model")
		}
		for j, to := range m.Fallback {
			at := index(join(path, "fallback"), j)
			switch {
			case to == "": // could not be read
			case strings.EqualFold(to, m.Name):
				d.wrongAt(at, "", "is the model itself")
			case !s.has(to):
				d.wrongAt(at, suggest(to, s.list), "no deployment serves the model %s", d.quote(at, to))
			}
		}
	}
	d.checkAliases(list, s)
	d.checkCircles(list, byName)
}

// checkAliases checks that an alias is the name of nothing else.
func (d *decoder) checkAliases(list []Model, s *names) {
	lines := make(map[string]int)
	for i := range list {
		for j, alias := range list[i].Aliases {
			at := index(join(join("models", list[i].Name), "aliases"), j)
			switch _, served := s.spelling[strings.ToLower(alias)]; {
			case alias == "": // could not be read
			case served || slices.ContainsFunc(list, func(m Model) bool { return strings.EqualFold(m.Name, alias) }):
				d.wrongAt(at, "a deployment serves another model with model: NAME", "%s is the name of a model", d.quote(at, alias))
			default:
				d.unique(lines, at, alias)
			}
		}
	}
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
