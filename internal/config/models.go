package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

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

func (m *Model) fields() tree.Fields {
	return tree.Fields{
		{Key: "description", Codec: tree.Description(&m.Description), Doc: "What people should know of it; nothing depends on it."},
		{Key: "kind", Codec: tree.UnlessEmpty(tree.Choice(&m.Kind, Kinds()...), func() bool { return m.Kind == "" }), Doc: "What it does, where the underlying model (base) does not tell; the playground shows it where that belongs."},
		{Key: "aliases", Codec: tree.List(&m.Aliases, "", tree.ID), Doc: "Other names that callers may use for it, such as gpt-35-turbo. Limits and what a caller may use go by its own name."},
		{Key: "strategy", Codec: tree.Choice(&m.Strategy, "headroom", "priority", "weight", "round_robin", "least_busy", "latency", "random"), Doc: "How a deployment is picked within a tier."},
		{Key: "affinity", Codec: tree.Flag(&m.Affinity), Doc: "Send prompts that begin alike to the same deployment."},
		{Key: "wait", Codec: tree.Duration(&m.Wait, 0), Doc: "How long a request may wait for room; 0s is not at all."},
		{Key: "fallback", Codec: tree.List(&m.Fallback, "", tree.Name), Doc: "Models to try, in order, when this one has no room."},
		{Key: "max_tokens", Codec: tokenCap(&m.MaxTokens), Doc: "Most completion tokens a request for it may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{Key: "reserve", Codec: tree.Table(&m.Reserve, tree.IDFault, percent(1)), Doc: "Share of its room that is kept for a group, by the group's name."},
		{Key: "batch_share", Codec: percent(1)(&m.BatchShare), Doc: "Most of its room that callers with batch: true may take."},
		{Key: "limits", Codec: limits(&m.Limits, tallygate.ByModel, func() string { return m.Name }), Doc: "What may be used of it."},
	}
}

// Kinds are all that models do.
func Kinds() []string {
	return []string{"chat", "completion", "embedding", "image", "speech", "transcription", "realtime", "video"}
}

func newModel(name string) Model {
	return Model{Name: name, Strategy: "headroom", BatchShare: 100}
}

// modelsCodec reads a section whose keys are model names.
func modelsCodec(p *[]Model) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			entries, _ := d.Entries(v)
			for _, e := range entries {
				if err := tree.IDFault(e.Key.Value); err != nil {
					d.Fail(tree.Value{Node: e.Key, Path: e.Path}, err)
					continue
				}
				m := newModel(e.Key.Value)
				d.Section(e.Value, m.fields())
				d.SetMark(e.Path, tree.Mark{Line: e.Key.Line, Column: e.Key.Column})
				*p = append(*p, m)
			}
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if len(*p) == 0 {
				return nil
			}
			n := &yaml.Node{Kind: yaml.MappingNode}
			for i := range *p {
				m := &(*p)[i]
				n.Content = append(n.Content, tree.KeyNode(m.Name), tree.Inline(tree.Section(m.fields())).Encode(pr))
			}
			return n
		},
		Schema: func() tree.Schema {
			m := newModel("")
			return tree.Schema{"type": []string{"object", "null"}, "additionalProperties": tree.SectionSchema(m.fields())}
		},
	}
}

// checkModels checks that models are served, and that fallbacks lead somewhere.
func (d *reading) checkModels(list []Model, s *names) {
	lines := make(map[string]int)
	byName := make(map[string]int)
	for i := range list {
		m := &list[i]
		path := tree.Join("models", m.Name)
		d.Unique(lines, path, m.Name)
		byName[strings.ToLower(m.Name)] = i
		if !s.has(m.Name) {
			d.WrongAt(path, suggest(m.Name, s.list), "no deployment serves this model")
		}
		for j, to := range m.Fallback {
			at := tree.Index(tree.Join(path, "fallback"), j)
			switch {
			case to == "": // could not be read
			case strings.EqualFold(to, m.Name):
				d.WrongAt(at, "", "is the model itself")
			case !s.has(to):
				d.WrongAt(at, suggest(to, s.list), "no deployment serves the model %s", d.Quote(at, to))
			}
		}
	}
	d.checkAliases(list, s)
	d.checkCircles(list, byName)
}

// checkAliases checks that an alias is the name of nothing else.
func (d *reading) checkAliases(list []Model, s *names) {
	lines := make(map[string]int)
	for i := range list {
		for j, alias := range list[i].Aliases {
			at := tree.Index(tree.Join(tree.Join("models", list[i].Name), "aliases"), j)
			switch _, served := s.spelling[strings.ToLower(alias)]; {
			case alias == "": // could not be read
			case served || slices.ContainsFunc(list, func(m Model) bool { return strings.EqualFold(m.Name, alias) }):
				d.WrongAt(at, "a deployment serves another model with model: NAME", "%s is the name of a model", d.Quote(at, alias))
			default:
				d.Unique(lines, at, alias)
			}
		}
	}
}

// checkCircles reports each circle of fallbacks once, at the model of it that
// comes first in the file.
func (d *reading) checkCircles(list []Model, byName map[string]int) {
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
func (d *reading) circle(list []Model, way []int) {
	first := slices.Index(way, slices.Min(way))
	var names []string
	for i := range len(way) + 1 {
		names = append(names, list[way[(first+i)%len(way)]].Name)
	}
	d.WrongAt(tree.Join(tree.Join("models", names[0]), "fallback"), "", "goes round in a circle: %s", strings.Join(names, " → "))
}
