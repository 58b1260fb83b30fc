package price

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

// Picture is what a million pictures of a kind cost that are made. Without a size or a
// quality it is for any.
type Picture struct {
	Size, Quality string // such as 1024x1792 and hd
	Rate          tallygate.Money
}

// picture returns the rate of pictures of a kind, QUALITY/SIZE. What a request leaves open
// is what the first price is for that fits; what the service is left to choose (auto), and
// what nothing fits, is the dearest.
func (p *Price) picture(kind string) tallygate.Money {
	quality, size, _ := strings.Cut(kind, "/")
	var first, most, dearest tallygate.Money
	fits := 0
	for i := range p.Pictures {
		c := &p.Pictures[i]
		dearest = max(dearest, c.Rate)
		if !chosen(quality, c.Quality) || !chosen(size, c.Size) {
			continue
		}
		if fits++; fits == 1 {
			first = c.Rate
		}
		most = max(most, c.Rate)
	}
	switch {
	case fits == 0:
		return dearest
	case quality == auto || size == auto:
		return most
	}
	return first
}

// auto is what the service is asked to choose.
const auto = "auto"

// chosen reports whether what is asked for may be what is priced.
func chosen(asked, priced string) bool {
	return asked == "" || priced == "" || asked == auto || strings.EqualFold(asked, priced)
}

// Covers reports whether the price is one for some of what was used: of tokens, calls,
// seconds, characters or pictures. One that is 0 for everything is for everything, and
// what is nothing costs nothing.
func (p *Price) Covers(u *tallygate.Usage) bool {
	tokens := u.Prompt != 0 || u.Completion != 0 || u.Total != 0
	switch {
	case tokens && p.byToken(), u.Seconds != 0 && p.Rates[Second] != 0, u.Characters != 0 && p.Rates[Character] != 0,
		u.Images != 0 && len(p.Pictures) > 0, p.Rates[Call] != 0:
		return true
	case !tokens && u.Seconds == 0 && u.Characters == 0 && u.Images == 0:
		return true
	}
	return p.Rates == Rates{} && !p.byToken() && len(p.Pictures) == 0
}

// byToken reports whether any token costs something.
func (p *Price) byToken() bool {
	for c := range Call {
		if p.Rates[c] != 0 {
			return true
		}
	}
	for i := range p.Tiers {
		for c := range Call {
			if p.Tiers[i].Rates[c] != 0 {
				return true
			}
		}
	}
	return false
}

// maxPictures bounds the kinds of pictures in a price.
const maxPictures = 64

// check tells what is wrong with the price of a kind of picture; before are those before
// it in the same price.
func (c *Picture) check(before []Picture) error {
	for _, s := range []string{c.Size, c.Quality} {
		if s != "" && checkName(s) != nil {
			return fmt.Errorf("%q: %w", s, checkName(s))
		}
	}
	for i := range before {
		if strings.EqualFold(before[i].Size, c.Size) && strings.EqualFold(before[i].Quality, c.Quality) {
			return errors.New("has two prices of the same pictures")
		}
	}
	switch {
	case len(before) == maxPictures:
		return fmt.Errorf("has more than %d kinds of pictures", maxPictures)
	case c.Rate < 0 || c.Rate >= Call.ceiling():
		return errors.New("the price of a picture is negative or absurdly large")
	}
	return nil
}

// picture reads the price of a kind of picture.
func (r *reader) picture(n *yaml.Node, path string, before []Picture) (c Picture, ok bool) {
	fields, ok := r.section(n, path, "size", "quality", "price")
	if !ok {
		return c, false
	}
	problems := len(r.problems)
	c.Size, c.Quality = r.name(fields["size"], path+".size", nil), r.name(fields["quality"], path+".quality", nil)
	if fields["price"] == nil {
		r.fail(n, path+".price", "", "is missing")
	} else if s, ok := r.scalar(fields["price"], path+".price"); ok {
		rate, err := parseRate(Call, s)
		if err != nil {
			r.fail(fields["price"], path+".price", "", "%.80q %v", s, err)
		}
		c.Rate = rate
	}
	if err := c.check(before); err != nil {
		r.fail(n, path, "", "%v", err)
	}
	return c, len(r.problems) == problems
}

// marshal writes the price of a kind of picture as a price file has it.
func (c *Picture) marshal() string {
	var fields []string
	if c.Quality != "" {
		fields = append(fields, "quality: "+word(c.Quality))
	}
	if c.Size != "" {
		fields = append(fields, "size: "+word(c.Size))
	}
	return "{" + strings.Join(append(fields, "price: "+formatRate(Call, c.Rate)), ", ") + "}"
}
