package price

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// FromLiteLLM reads LiteLLM's model_prices_and_context_window.json, whose prices are
// US dollars for one token. Of it only the keys azure/… are read: azure/global/… is
// for GlobalStandard, azure/eu/… and azure/us/… are for DataZoneStandard, the rest is
// for any SKU. Prices of batches and of service tiers are not. The notes tell what was
// left out and why.
func FromLiteLLM(data []byte) (*Book, []string, error) {
	var file map[string]json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, nil, fmt.Errorf("import prices from LiteLLM: %w", err)
	}
	l := litellm{importer: importer{origin: "litellm"}, taken: make(map[string]int)}
	others := 0
	for _, key := range slices.Sorted(maps.Keys(file)) {
		rest, ok := strings.CutPrefix(key, "azure/")
		if !ok {
			others++
			continue
		}
		if err := l.entry(rest, file[key]); err != nil {
			l.note("%.200q left out: %v", key, err)
		}
	}
	if others > 0 {
		l.note("%d entries of other providers left out", others)
	}
	return l.book("USD")
}

// litellm is the reading of LiteLLM's list; taken has the place of each price by what
// it is for.
type litellm struct {
	importer
	taken map[string]int
}

// entry reads one entry; rest is its key without azure/.
func (l *litellm) entry(rest string, data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return errors.New("is not an object")
	}
	p := Price{Model: rest}
	if zone, model, ok := strings.Cut(rest, "/"); ok {
		switch zone {
		case "global", "global-standard":
			p.SKU = "GlobalStandard"
		case "eu", "us":
			p.SKU = "DataZoneStandard"
		default:
			return errors.New("is not a model, or one at a place that is not known here")
		}
		p.Model = model
	}
	if p.Model = strings.ToLower(p.Model); strings.ContainsAny(p.Model, "/"+wildcards) {
		return errors.New("is not the name of a model")
	}
	s, err := l.steps(fields)
	if err != nil {
		return err
	}
	if p.Rates, p.Tiers, err = s.assemble(p.Model); err != nil {
		return err
	}
	for _, name := range spellings(p.Model) {
		p.Model = name
		l.place(p)
	}
	return nil
}

// place adds a price unless the same has one: the two data zones, say. Then the dearer
// counts, since a list here knows regions but not zones.
func (l *litellm) place(p Price) {
	key := p.Model + "\x00" + p.SKU
	at, ok := l.taken[key]
	if !ok {
		if l.add(p) {
			l.taken[key] = len(l.prices) - 1
		}
		return
	}
	if old := &l.prices[at]; !slices.Equal(p.all(), old.all()) {
		if old.Rates[Prompt] < p.Rates[Prompt] || old.Rates[Prompt] == p.Rates[Prompt] && old.Rates[Completion] < p.Rates[Completion] {
			p.Origin = old.Origin
			*old = p
		}
		l.note("%q for %s has two prices; the one with the dearer prompt counts", p.Model, p.SKU)
	}
}

// steps reads what an entry costs.
func (l *litellm) steps(fields map[string]json.RawMessage) (steps, error) {
	s := make(steps)
	for key, value := range fields {
		if !strings.Contains(key, "cost") || string(value) == "null" {
			continue
		}
		c, above, ok := litellmClass(key)
		if !ok {
			l.ignore(key)
			continue
		}
		var number json.Number
		if err := json.Unmarshal(value, &number); err != nil || number == "" {
			return nil, fmt.Errorf("%.100s is not a number", key)
		}
		if err := s.number(c, above, 1, number); err != nil {
			return nil, fmt.Errorf("%.100s: %w", key, err)
		}
	}
	return s, nil
}

// litellmClass returns the class that a key of LiteLLM's is the price of one of, and
// the size of the prompts it is for.
func litellmClass(key string) (c Class, above int64, ok bool) {
	if base, size, ok := strings.Cut(key, "_above_"); ok {
		n, err := strconv.ParseInt(strings.TrimSuffix(size, "k_tokens"), 10, 32)
		if err != nil || n <= 0 || !strings.HasSuffix(size, "k_tokens") {
			return 0, 0, false
		}
		key, above = base, 1000*n
	}
	switch key {
	case "input_cost_per_token":
		return Prompt, above, true
	case "cache_read_input_token_cost":
		return Cached, above, true
	case "cache_creation_input_token_cost":
		return CacheWrite, above, true
	case "input_cost_per_audio_token":
		return AudioIn, above, true
	case "input_cost_per_image_token":
		return Image, above, true
	case "output_cost_per_token", "output_cost_per_image_token":
		return Completion, above, true
	case "output_cost_per_audio_token":
		return AudioOut, above, true
	case "input_cost_per_request":
		return Call, 0, above == 0
	case "input_cost_per_second":
		return Second, 0, above == 0
	}
	return 0, 0, false
}
