package price

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// FromAzureRetail reads an answer of the Azure Retail Prices API
// (https://prices.azure.com/api/retail/prices), the pages of which may be put together
// into one Items. It takes the meters of Azure OpenAI whose names say all of model,
// class and deployment type in words that leave no doubt, such as "gpt-4o-0806-Inp-glbl
// Tokens", and leaves the others. A model with a version is priced under the version
// only. The notes tell what was left out and why.
func FromAzureRetail(data []byte) (*Book, []string, error) {
	var page struct {
		Items        []retailItem
		NextPageLink string
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return nil, nil, fmt.Errorf("import prices from Azure: %w", err)
	}
	r := retail{importer: importer{origin: "azure-retail"}, groups: make(map[retailKey][]retailRate)}
	currency, others := "", 0
	for i := range page.Items {
		item := &page.Items[i]
		if !strings.HasPrefix(item.ProductName, "Azure OpenAI") {
			others++
			continue
		}
		if currency = cmp.Or(currency, item.CurrencyCode); item.CurrencyCode != currency {
			return nil, r.notes, fmt.Errorf("import prices from Azure: both %.40q and %.40q are currencies of it", currency, item.CurrencyCode)
		}
		if err := r.item(item); err != nil {
			r.note("%.200q in %.100q left out: %v", item.MeterName, item.Region, err)
		}
	}
	if others > 0 {
		r.note("%d items of other products left out", others)
	}
	if page.NextPageLink != "" {
		r.note("there is more, at %.500s", page.NextPageLink)
	}
	for _, key := range slices.SortedFunc(maps.Keys(r.groups), retailKey.compare) {
		r.group(key)
	}
	return r.book(cmp.Or(currency, "USD"))
}

// retailItem is one meter in one region.
type retailItem struct {
	CurrencyCode string
	UnitPrice    json.Number
	MinimumUnits json.Number `json:"tierMinimumUnits"`
	Region       string      `json:"armRegionName"`
	From         string      `json:"effectiveStartDate"`
	To           string      `json:"effectiveEndDate"`
	MeterName    string
	ProductName  string
	Unit         string `json:"unitOfMeasure"`
	Type         string
}

// retail is the reading of Azure's list, by what the meters are for.
type retail struct {
	importer
	groups map[retailKey][]retailRate
}

type retailKey struct{ model, sku, region string }

func (k retailKey) compare(l retailKey) int {
	return cmp.Or(strings.Compare(k.model, l.model), strings.Compare(k.sku, l.sku), strings.Compare(k.region, l.region))
}

// retailRate is what a class costs from some time on.
type retailRate struct {
	class Class
	from  time.Time
	price json.Number
	per   int64
}

// item sorts one item into its group.
func (r *retail) item(item *retailItem) error {
	per := int64(1_000_000)
	switch strings.ToUpper(strings.TrimSuffix(item.Unit, " Tokens")) {
	case "1M":
	case "1K":
		per = 1000
	default:
		return fmt.Errorf("is counted in %.40q", item.Unit)
	}
	if item.Type != "" && item.Type != "Consumption" || item.To != "" || !zero(item.MinimumUnits) {
		return errors.New("is no plain consumption price: reserved, for volume, for development or past")
	}
	from, err := parseTime(item.From)
	if err != nil {
		return fmt.Errorf("effectiveStartDate %.40q %w", item.From, err)
	}
	m, err := parseMeter(item.MeterName, item.ProductName)
	if err != nil {
		return err
	}
	region := strings.ToLower(item.Region)
	if region == "global" {
		region = ""
	}
	for _, name := range m.names() {
		key := retailKey{name, m.sku, region}
		r.groups[key] = append(r.groups[key], retailRate{m.class, from, item.UnitPrice, per})
	}
	return nil
}

func zero(n json.Number) bool { return strings.Trim(string(n), "0.") == "" }

// group adds the prices of one model at one place: a price for each time at which one
// of its classes changes.
func (r *retail) group(key retailKey) {
	rates := r.groups[key]
	slices.SortStableFunc(rates, func(a, b retailRate) int { return a.from.Compare(b.from) })
	var prices []Price
	s := make(steps)
	for i, rate := range rates {
		if i > 0 && rate.from.Equal(rates[i-1].from) && slices.ContainsFunc(rates[:i], func(o retailRate) bool {
			return o.class == rate.class && o.from.Equal(rate.from) && o != rate
		}) {
			r.note("%.100q %s %.100q: %s has several prices at once; the dearest counts", key.model, key.sku, key.region, rate.class)
		} else {
			delete(s, rate.class)
		}
		if err := s.number(rate.class, 0, rate.per, rate.price); err != nil {
			r.note("%.100q %s %.100q left out: %v", key.model, key.sku, key.region, err)
			return
		}
		if i+1 < len(rates) && rates[i+1].from.Equal(rate.from) {
			continue
		}
		p := Price{Model: key.model, SKU: key.sku, Region: key.region, From: rate.from}
		var err error
		if p.Rates, _, err = s.assemble(key.model); err != nil {
			r.note("%.100q %s %.100q from %s left out: %v", key.model, key.sku, key.region, formatTime(rate.from), err)
			continue
		}
		if k := len(prices); k > 0 {
			prices[k-1].To = rate.from
		}
		prices = append(prices, p)
	}
	for _, p := range prices {
		r.add(p)
	}
}

// meter is what a meter's name says.
type meter struct {
	model, version, sku string
	class               Class
}

// parseMeter reads the name of a meter. Every word must be known, or part of the
// model's name, which comes first.
func parseMeter(name, product string) (meter, error) {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '-' || r == '_' })
	var m meter
	var model []string
	var in, out, cached, batch bool
	for _, w := range words {
		rest := true // words behind the model's name
		switch w {
		case "inp", "inpt", "input":
			in = true
		case "outp", "out", "opt", "otpt", "output":
			out, m.class = true, Completion
		case "cached", "cchd", "cache", "cd":
			cached = true
		case "glbl", "gl", "global":
			m.sku = "GlobalStandard"
		case "dzone", "dz", "datazone":
			m.sku = "DataZoneStandard"
		case "regnl", "rgnl", "regional":
			m.sku = "Standard"
		case "batch":
			batch = true
		case "tokens", "token", "1m", "1k":
		default:
			rest = false
		}
		switch {
		case rest:
		case in || out || cached || batch || m.sku != "" || m.version != "" || odd(w):
			return m, fmt.Errorf("%q is not understood", w)
		case len(w) == 4 && digits(w):
			m.version = w
		default:
			model = append(model, w)
		}
	}
	if len(model) > 0 && model[0][0] >= '0' && model[0][0] <= '9' && strings.HasPrefix(product, "Azure OpenAI GPT") {
		model = append([]string{"gpt"}, model...)
	}
	m.model = strings.Join(model, "-")
	switch {
	case m.model == "":
		return m, errors.New("its name has no model")
	case in == out && !(embedding(m.model) && !in):
		return m, errors.New("its name does not say what is counted")
	}
	return m.complete(cached, batch)
}

// odd reports whether a word says something about a price that nothing here stands
// for.
func odd(word string) bool {
	return slices.Contains(strings.Fields("aud audio img image rt realtime txt ft finetuned tuned training hosting grader pp prty priority flex"+
		" provisioned ptu unit units hour hours hr file search code session sessions dev wrt write"), word)
}

// complete puts together what the words said and refuses what they left open.
func (m meter) complete(cached, batch bool) (meter, error) {
	switch {
	case m.sku == "":
		return m, errors.New("its name does not say which deployment type it is for")
	case cached && m.class != Prompt:
		return m, errors.New("cached output is not understood")
	case batch && m.sku == "Standard":
		return m, errors.New("there are no regional batches")
	case batch:
		m.sku = strings.TrimSuffix(m.sku, "Standard") + "Batch"
	}
	if cached {
		m.class = Cached
	}
	return m, nil
}

// names returns the model's names: a version such as 0806 is also the end of a date.
func (m meter) names() []string {
	if m.version == "" {
		return []string{m.model}
	}
	names := []string{m.model + "-" + m.version}
	if month, day := m.version[:2], m.version[2:]; month >= "01" && month <= "12" && day >= "01" && day <= "31" {
		names = append(names, m.model+"-20[0-9][0-9]-"+month+"-"+day)
	}
	return names
}
