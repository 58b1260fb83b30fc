package price_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/price"
)

const painter = `
currency: USD
prices:
  - model: painter
    pictures:
      - {quality: standard, size: 1024x1024, price: 0.04}
      - {quality: standard, size: 1024x1792, price: 0.08}
      - {quality: hd, size: 1024x1024, price: 0.08}
      - {quality: hd, size: 1024x1792, price: 0.12}
  - {model: speaker, character: 0.000015}
  - {model: listener, second: 0.0001}
  - {model: writer, prompt: 1, completion: 2}
  - {model: seller, call: 0.5}
  - {model: friend, prompt: 0, completion: 0}
`

// A picture costs by its size and quality: what the request leaves open is what the first
// price is for that fits, and what nothing fits, or the service chooses, the dearest.
func TestPictures(t *testing.T) {
	b := parse(t, painter)
	p, ok := b.Find("painter", "", "", now)
	if !ok {
		t.Fatal("no price")
	}
	for kind, want := range map[string]tallygate.Money{
		"": 40_000, "standard/1024x1024": 40_000, "/1024x1792": 80_000, "hd/": 80_000, "HD/1024X1792": 120_000,
		"auto/1024x1024": 80_000, "hd/auto": 120_000, "auto/auto": 120_000, "ultra/1024x1024": 120_000, "hd/9x9": 120_000, "hd/1024x1024/x": 120_000,
	} {
		if got := p.Cost(tallygate.Usage{Images: 1}, kind); got != want {
			t.Errorf("a picture of %q costs %s, want %s", kind, got, want)
		}
		if got := p.Most(tallygate.Bound{Images: 3, Picture: kind}); got != 3*want {
			t.Errorf("three of %q cost at most %s, want %s", kind, got, 3*want)
		}
	}
	again, err := price.Parse("again", b.Marshal())
	if err != nil || !bytes.Equal(again.Marshal(), b.Marshal()) {
		t.Errorf("%v: written as\n%s\nand again\n%s", err, b.Marshal(), again.Marshal())
	}
	if diff := cmp.Diff(b.All(), again.All(), equal, cmp.Transformer("", func(p price.Price) price.Price { p.Origin = ""; return p })); diff != "" {
		t.Error(diff)
	}
	euros, err := b.Convert("EUR", "0.5")
	if p, _ := euros.Find("painter", "", "", now); err != nil || p.Cost(tallygate.Usage{Images: 1}, "hd/1024x1792") != 60_000 {
		t.Errorf("converted: %+v, %v", p, err)
	}
}

// A price that is for nothing of what was used is none: what has no price is not free.
func TestWhatHasNoPriceIsNotFree(t *testing.T) {
	b := parse(t, painter)
	tokens, seconds := tallygate.Usage{Prompt: 1, Total: 1}, tallygate.Usage{Seconds: 1}
	characters, images := tallygate.Usage{Characters: 1}, tallygate.Usage{Images: 1}
	for model, covered := range map[string][]tallygate.Usage{
		"painter": {images}, "speaker": {characters}, "listener": {seconds}, "writer": {tokens},
		"seller": {tokens, seconds, characters, images}, "friend": {tokens, seconds, characters, images},
	} {
		p, _ := b.Find(model, "", "", now)
		for _, u := range []tallygate.Usage{tokens, seconds, characters, images} {
			want := false
			for _, c := range covered {
				want = want || c == u
			}
			if got := p.Covers(&u); got != want || got && model != "friend" && p.Cost(u, "") == 0 {
				t.Errorf("%s covers %+v: %v, which costs %s", model, u, got, p.Cost(u, ""))
			}
		}
		if !p.Covers(&tallygate.Usage{}) {
			t.Errorf("%s charges for nothing", model)
		}
	}
}
