package price

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxFile is the largest price file, in bytes, and maxProblems the most that are told
// of one.
const (
	maxFile     = 8 << 20
	maxProblems = 100
)

// Parse reads a price file; name is what problems and Price.Origin call it. The error
// tells everything that is wrong, one problem a line, as file:line:column: path:
// message (hint).
//
//	currency: USD
//	suffixes: ["-20[0-9][0-9]-[01][0-9]-[0-3][0-9]"] # gpt-4o-2024-08-06 is gpt-4o
//	prices:
//	  - {model: gpt-4o, prompt: 2.50, cached: 1.25, completion: 10.00}
//	  - {model: gpt-4o, sku: DataZoneStandard, region: swedencentral, from: 2026-03-01,
//	     prompt: 2.75, cached: 1.375, completion: 11.00}
//	  - model: gpt-5.4
//	    prompt: 2.50
//	    completion: 15.00
//	    tiers: # for the whole of a request with a larger prompt
//	      - {above: 272k, prompt: 5.00, completion: 22.50}
//	  - {model: text-embedding-3-small, prompt: 0.02, completion: 0}
//	  - {model: whisper, second: 0.0001}
//	  - {model: tts, character: 0.000015}
//	  - model: dall-e-3
//	    pictures: # the first is what a request means that does not say
//	      - {quality: standard, size: 1024x1024, price: 0.04}
//	      - {quality: hd, size: 1024x1024, price: 0.08}
//
// Prices are for 1,000,000 tokens with up to six decimals; those of a call, a second, a
// character and a picture are for one, with up to twelve. A price needs prompt and
// completion, or one of the others; cached, cache_write, audio_in and image default to
// prompt, audio_out and image_out to completion. A call is one for each picture that is
// asked for. What no price of pictures fits is the dearest of them. A tier names the same classes of tokens as its price. A price counts
// from from until just before to, each a date (midnight UTC) or an RFC 3339 time; no
// two prices of a file for the same model, SKU and region may count at the same time.
// Service tiers (flex, priority) have no prices of their own.
func Parse(name string, data []byte) (*Book, error) {
	r := &reader{file: name}
	root := r.document(data)
	if root == nil {
		return nil, r.err()
	}
	top, _ := r.section(root, "", "currency", "suffixes", "prices")
	currency := r.name(top["currency"], "currency", checkCurrency)
	var suffixes []string
	for i, n := range r.items(top["suffixes"], "suffixes") {
		suffixes = append(suffixes, r.name(n, fmt.Sprintf("suffixes[%d]", i), checkGlob))
	}
	var prices []Price
	for i, n := range r.items(top["prices"], "prices") {
		if p, ok := r.price(n, fmt.Sprintf("prices[%d]", i)); ok {
			prices = append(prices, p)
		}
	}
	for _, key := range []string{"currency", "prices"} {
		if root.Kind == yaml.MappingNode && top[key] == nil {
			r.fail(root, key, "", "is missing")
		}
	}
	if n := top["prices"]; n != nil && len(n.Content) == 0 {
		r.fail(n, "prices", "", "is empty")
	}
	b := build(currency, suffixes, prices)
	for _, pair := range b.overlaps() {
		r.problems = append(r.problems, problem{line: pair[1].line, column: 1, text: fmt.Sprintf(
			"price of %q counts at the same time as the one on line %d (give each its from and to)", pair[1].Model, pair[0].line)})
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return b, nil
}

// price reads one price.
func (r *reader) price(n *yaml.Node, path string) (Price, bool) {
	before := len(r.problems)
	fields, ok := r.section(n, path, entryKeys()...)
	if !ok {
		return Price{}, false
	}
	p := Price{Origin: r.file, line: n.Line}
	if fields["model"] == nil {
		r.fail(n, path+".model", "", "is missing")
	}
	p.Model = r.name(fields["model"], path+".model", checkGlob)
	p.SKU = r.name(fields["sku"], path+".sku", checkSKU)
	p.Region = r.name(fields["region"], path+".region", nil)
	p.From = r.time(fields["from"], path+".from")
	p.To = r.time(fields["to"], path+".to")
	if !p.To.IsZero() && !p.From.Before(p.To) {
		r.fail(fields["to"], path+".to", "", "is not after from")
	}
	for i, c := range r.items(fields["pictures"], path+".pictures") {
		if c, ok := r.picture(c, fmt.Sprintf("%s.pictures[%d]", path, i), p.Pictures); ok {
			p.Pictures = append(p.Pictures, c)
		}
	}
	base := r.rates(n, fields, path, nil)
	p.Rates = base.rates
	for i, t := range r.items(fields["tiers"], path+".tiers") {
		if tier, ok := r.tier(t, fmt.Sprintf("%s.tiers[%d]", path, i), &base); ok {
			if k := len(p.Tiers); k > 0 && tier.Above <= p.Tiers[k-1].Above {
				r.fail(t, fmt.Sprintf("%s.tiers[%d].above", path, i), "", "is not more than that of the tier before")
			}
			p.Tiers = append(p.Tiers, tier)
		}
	}
	return p, len(r.problems) == before
}

func entryKeys() []string {
	keys := []string{"model", "sku", "region", "from", "to", "tiers", "pictures"}
	for c := range Classes {
		keys = append(keys, c.String())
	}
	return keys
}

func checkSKU(s string) error {
	known := strings.Fields(skus)
	if slices.Contains(known, s) {
		return nil
	}
	if hint := didYouMean(s, known); hint != "" {
		return fmt.Errorf("%q is no deployment type (%s)", s, hint)
	}
	return nil
}

// tier reads one tier of a price whose own rates are base.
func (r *reader) tier(n *yaml.Node, path string, base *draft) (Tier, bool) {
	before := len(r.problems)
	keys := []string{"above"}
	for c := range Call {
		keys = append(keys, c.String())
	}
	fields, ok := r.section(n, path, keys...)
	if !ok {
		return Tier{}, false
	}
	var t Tier
	if fields["above"] == nil {
		r.fail(n, path+".above", "", "is missing")
	} else if s, ok := r.scalar(fields["above"], path+".above"); ok {
		above, err := parseCount(s)
		if err != nil {
			r.fail(fields["above"], path+".above", "", "%q %v", s, err)
		}
		t.Above = above
	}
	t.Rates = r.rates(n, fields, path, base).rates
	return t, len(r.problems) == before
}

// rates reads the prices of all classes. Those of a tier must be the ones that its
// price has, base.
func (r *reader) rates(n *yaml.Node, fields map[string]*yaml.Node, path string, base *draft) draft {
	d := draft{pictures: base == nil && fields["pictures"] != nil && len(fields["pictures"].Content) > 0}
	sound := true
	for c := range Classes {
		at := fields[c.String()]
		if at == nil {
			continue
		}
		d.given[c] = true
		s, ok := r.scalar(at, path+"."+c.String())
		if ok {
			var err error
			if d.rates[c], err = parseRate(c, s); err != nil {
				r.fail(at, path+"."+c.String(), "", "%.80q %v", s, err)
				ok = false
			}
		}
		sound = sound && ok
	}
	if base != nil {
		for c := range Call {
			if d.given[c] != base.given[c] {
				r.fail(n, path+"."+c.String(), "a tier names the same classes as its price", "stands in one of the two only")
				return d
			}
		}
		for c := Call; c < Classes; c++ {
			d.rates[c], d.given[c] = base.rates[c], base.given[c]
		}
	}
	if !sound {
		return d
	}
	rates, err := d.complete()
	if err != nil {
		r.fail(n, path, "", "%v", err)
	}
	d.rates = rates
	return d
}

// time reads a date or a time; nil is none.
func (r *reader) time(n *yaml.Node, path string) time.Time {
	if n == nil {
		return time.Time{}
	}
	s, ok := r.scalar(n, path)
	if !ok {
		return time.Time{}
	}
	t, err := parseTime(s)
	if err != nil {
		r.fail(n, path, "", "%.80q %v", s, err)
	}
	return t
}

// document returns the root of the file's only YAML document, or nil after a problem
// with the file as a whole.
func (r *reader) document(data []byte) *yaml.Node {
	switch {
	case len(data) > maxFile:
		r.whole("is larger than %d MiB", maxFile>>20)
		return nil
	case !utf8.Valid(data):
		r.whole("is not UTF-8")
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		r.whole("cannot be read: %v", err)
		return nil
	}
	var first, second yaml.Node
	if err := loader.Load(&first); err == io.EOF || err == nil && isNull(first.Content[0]) {
		r.whole("is empty: a price file has currency and prices")
		return nil
	} else if err != nil {
		r.syntax(data, err)
		return nil
	}
	if err := loader.Load(&second); err == nil {
		r.fail(&second, "", "", "a second YAML document begins here")
		return nil
	} else if err != io.EOF {
		r.syntax(data, err)
		return nil
	}
	return first.Content[0]
}

// syntax reports what the YAML parser could not read.
func (r *reader) syntax(data []byte, err error) {
	e, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		r.whole("is not YAML: %v", err)
		return
	}
	line := e.Mark.Line
	if line == 0 {
		line = 1 + bytes.Count(data[:min(max(e.Mark.Index, 0), len(data))], []byte{'\n'})
	}
	r.problems = append(r.problems, problem{line: line, column: max(e.Mark.Column, 1), text: "is not YAML: " + e.Message})
}
