package listing

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/price"
)

// Prices prints prices as people read them, or whole as json or csv.
func Prices(stdout, stderr io.Writer, format string, list *api.PriceList) error {
	switch {
	case format == "json":
		return console.JSON(stdout, list)
	case format == "csv":
		return pricesCSV(stdout, list)
	}
	defer sayStored(stderr, list)
	if len(list.Prices) == 0 {
		_, err := fmt.Fprintln(stderr, "there are no such prices")
		return err
	}
	rows := [][]string{{"model", "for", "origin", "other", "prompt", "cached", "completion"}}
	for i := range list.Prices {
		p := &list.Prices[i]
		rows = append(rows, append([]string{console.Printable(p.Model, 64), Scope(p), shownOrigin(p.Origin)}, shownRates(p.Rates, p.Pictures)...))
		for _, t := range p.Tiers {
			rows = append(rows, append([]string{"  above " + console.Grouped(t.Above), "", ""}, shownRates(t.Rates, nil)...))
		}
	}
	rows = console.WithoutEmpty(rows, 1, 3)
	left := slices.Index(rows[0], "prompt")
	cut := make([]int, 0, 3)
	for i := 1; i < left; i++ {
		cut = append(cut, i)
	}
	gap := console.Fit(rows, cut...)
	if console.Width(rows, gap) > console.Columns {
		console.Fit(rows, 0) // the model's name is cut last
		console.Squeeze(rows, append(cut, 0)...)
	}
	fmt.Fprintf(stdout, "in %s, for 1,000,000 tokens, or for one call, second, character or picture:\n\n", list.Currency)
	return console.Align(stdout, rows, left, gap)
}

// PricedAs says so when a model has no price of its own, but is priced by patterns or
// by another name, and where.
func PricedAs(w io.Writer, model string, prices []api.Price) error {
	var by []string
	everywhere := false
	for i := range prices {
		p := &prices[i]
		if tallygate.Match(model, p.Model) {
			return nil
		}
		if !slices.Contains(by, p.Model) {
			by = append(by, p.Model)
		}
		everywhere = everywhere || p.SKU == "" && p.Region == ""
	}
	if model == "" || len(by) == 0 {
		return nil
	}
	where := ""
	if !everywhere {
		where = ", and only where the table says"
	}
	_, err := fmt.Fprintf(w, "%q has no price of its own; it is priced as %s%s\n", console.Printable(model, 200), console.Printable(strings.Join(by, ", "), 200), where)
	return err
}

// shownOrigin is where a price is from: of a file without its directory, of what is
// stored without its id, which may be long.
func shownOrigin(origin string) string {
	if strings.HasPrefix(origin, storedOrigin) {
		return "stored"
	}
	return console.Printable(filepath.Base(origin), 64)
}

// storedOrigin is before the id in the origin of a price that is stored.
const storedOrigin = "stored:"

// sayStored names the ids that prices of the list are stored under, and what is stored
// but not in use.
func sayStored(w io.Writer, list *api.PriceList) {
	for _, s := range list.Stored {
		switch {
		case s.Problem != "":
			fmt.Fprintf(w, "the prices %q are stored but not in use: %s\n", console.Printable(s.ID, 200), console.Printable(s.Problem, 500))
		case slices.ContainsFunc(list.Prices, func(p api.Price) bool { return p.Origin == storedOrigin+s.ID }):
			fmt.Fprintf(w, "stored under the id %q: %s\n", console.Printable(s.ID, 200), console.Counted(int64(s.Prices), "prices"))
		}
	}
}

// Scope is where and when a price counts, empty for everywhere and always.
func Scope(p *api.Price) string {
	words := make([]string, 0, 4)
	for _, w := range []struct{ before, value string }{{"", p.SKU}, {"", p.Region}, {"from ", p.From}, {"to ", p.To}} {
		if w.value != "" {
			words = append(words, w.before+w.value)
		}
	}
	return console.Printable(strings.Join(words, " "), 100)
}

// shownRates are the cells of the rates: first the classes that have no column.
func shownRates(rates map[string]string, pictures []api.PricePicture) []string {
	var other []string
	for c := range price.Classes {
		switch c {
		case price.Prompt, price.Cached, price.Completion:
			continue
		}
		if r := rates[c.String()]; r != "" {
			other = append(other, c.String()+" "+r)
		}
	}
	for i, c := range pictures {
		if i > 0 && len(pictures) > 2 {
			other = append(other, fmt.Sprintf("%d more", len(pictures)-1))
			break
		}
		other = append(other, strings.TrimSpace(pictureKind(&c)+" "+c.Price))
	}
	return []string{strings.Join(other, ", "), rates["prompt"], rates["cached"], rates["completion"]}
}

func pricesCSV(w io.Writer, list *api.PriceList) error {
	c := csv.NewWriter(w)
	head := []string{"model", "sku", "region", "from", "to", "above", "currency"}
	for class := range price.Classes {
		head = append(head, class.String())
	}
	lines := [][]string{append(head, "pictures", "origin")}
	for i := range list.Prices {
		p := &list.Prices[i]
		line := func(above string, rates map[string]string) {
			cells := []string{console.Cell(p.Model), console.Cell(p.SKU), console.Cell(p.Region), p.From, p.To, above, list.Currency}
			for class := range price.Classes {
				cells = append(cells, rates[class.String()])
			}
			cells = append(cells, "")
			if above == "" {
				cells[len(cells)-1] = console.Cell(everyPicture(p.Pictures))
			}
			lines = append(lines, append(cells, console.Cell(p.Origin)))
		}
		line("", p.Rates)
		for _, t := range p.Tiers {
			line(strconv.FormatInt(t.Above, 10), t.Rates)
		}
	}
	return c.WriteAll(lines)
}

// pictureKind names a kind of picture, as --picture of prices set takes it.
func pictureKind(c *api.PricePicture) string {
	if c.Quality == "" || c.Size == "" {
		return c.Quality + c.Size
	}
	return c.Quality + "/" + c.Size
}

// everyPicture is what pictures cost, each kind.
func everyPicture(pictures []api.PricePicture) string {
	var all []string
	for _, c := range pictures {
		all = append(all, pictureKind(&c)+"="+c.Price)
	}
	return strings.Join(all, " ")
}
