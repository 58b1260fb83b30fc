package price_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/price"
	"pgregory.net/rapid"
)

// only returns the one price of a list.
func only(t testing.TB, text string) *price.Price {
	t.Helper()
	all := parse(t, "currency: USD\nprices: ["+text+"]").All()
	if len(all) != 1 {
		t.Fatalf("%d prices in %s", len(all), text)
	}
	return &all[0]
}

// What a usage costs, worked out by hand, in millionths.
func TestCost(t *testing.T) {
	const (
		chat   = `{model: m, prompt: 2.50, cached: 1.25, cache_write: 3.125, audio_in: 40, image: 5, completion: 10, audio_out: 80}`
		plain  = `{model: m, prompt: 2.50, completion: 10}`
		tiered = `{model: m, prompt: 2, completion: 10, call: 0.001, tiers: [{above: 100, prompt: 4, completion: 15}, {above: 1k, prompt: 1, completion: 5}]}`
		speech = `{model: m, second: 0.0001}`
		image  = `{model: m, call: 0.04}`
	)
	type usage = tallygate.Usage
	f := func(list string, u usage, want tallygate.Money) {
		t.Helper()
		if got := only(t, list).Cost(u, ""); got != want {
			t.Errorf("%+v costs %d, want %d", u, got, want)
		}
	}
	f(chat, usage{}, 0)
	f(chat, usage{Prompt: 1}, 3)                                    // 2.5 rounded up
	f(chat, usage{Prompt: 2}, 5)                                    // exactly
	f(chat, usage{Prompt: 1, Completion: 1}, 13)                    // 12.5: rounded once, not twice
	f(chat, usage{Prompt: 1e6, Completion: 1e6}, 12_500_000)        // 12.50
	f(chat, usage{Prompt: 100, Cached: 60}, 60*5/4+40*5/2)          // cached is part of the prompt
	f(chat, usage{Prompt: 100, Cached: 40, CacheWrite: 60}, 50+188) // 187.5
	f(chat, usage{Prompt: 100, AudioIn: 30, ImageIn: 20}, 30*40+20*5+125)
	f(chat, usage{Completion: 100, AudioOut: 10}, 800+900)
	f(chat, usage{Completion: 100, Reasoning: 70, RejectedPrediction: 20, AcceptedPrediction: 10}, 1000) // plain completion
	f(chat, usage{Prompt: 10, Cached: 1000}, 13)                                                         // 12.5: no more than the whole
	f(chat, usage{Prompt: 10, Cached: 4, AudioIn: 1000, ImageIn: 5}, 5+6*40)
	f(chat, usage{Completion: 10, AudioOut: 11}, 800)
	f(chat, usage{Prompt: -5, Completion: -5, Cached: -5, AudioOut: -5, Seconds: -5}, 0) // never negative
	f(chat, usage{Prompt: 10, Cached: -10}, 25)
	f(chat, usage{Total: 10}, 100)                                                                                   // only the total is known: the dearer
	f(chat, usage{Total: 10, Completion: 1}, 10)                                                                     // it is not only the total
	f(chat, usage{Total: 10, Cached: 5, AudioOut: 5}, 100)                                                           // parts of nothing
	f(plain, usage{Prompt: 10, Cached: 4, CacheWrite: 1, AudioIn: 2, ImageIn: 3, Completion: 2, AudioOut: 1}, 25+20) // all at the whole's
	f(tiered, usage{}, 1000)
	f(tiered, usage{Prompt: 100, Completion: 10}, 1000+200+100)
	f(tiered, usage{Prompt: 101, Completion: 10}, 1000+404+150) // the whole request
	f(tiered, usage{Prompt: 1000, Completion: 10}, 1000+4000+150)
	f(tiered, usage{Prompt: 1001, Completion: 10}, 1000+1001+50)
	f(tiered, usage{Total: 101}, 1000+101*15)
	f(speech, usage{Seconds: 90}, 9000)
	f(image, usage{}, 40_000)
	f(chat, usage{Prompt: math.MaxInt64, Completion: math.MaxInt64}, tallygate.MaxMoney)
}

// No sum overflows: the largest prices there can be and the largest usage saturate.
func TestCostSaturates(t *testing.T) {
	p := only(t, `{model: m, prompt: 999999999, audio_in: 999999999, completion: 999999999, call: 999999.999999999999, second: 999999}`)
	const most = math.MaxInt64
	u := tallygate.Usage{Prompt: most, Completion: most, AudioIn: most / 2, Seconds: most}
	if got := p.Cost(u, ""); got != tallygate.MaxMoney {
		t.Errorf("costs %d", got)
	}
	if got := p.Most(tallygate.Bound{Prompt: most, Completion: most}); got != tallygate.MaxMoney {
		t.Errorf("at most %d", got)
	}
	// 2^42 tokens at 999,999,999 a million come to 4.4e15 units, above MaxMoney; 2^30 do not.
	if got, want := p.Cost(tallygate.Usage{Prompt: 1 << 30}, ""), tallygate.Money(1073741824*999999999+999999999999); got-want > 1 || want-got > 1 {
		t.Errorf("costs %d, want %d", got, want)
	}
}

var rates = rapid.OneOf(rapid.Int64Range(0, 200_000_000), rapid.Int64Range(0, 999_999_999_999_999), rapid.Just[int64](0))

// somePrice draws a price, with tiers that may be dearer or cheaper.
func somePrice(t *rapid.T, model string) price.Price {
	draw := func(label string) (r price.Rates) {
		for c := range price.Classes {
			r[c] = tallygate.Money(rates.Draw(t, label))
		}
		return r
	}
	p := price.Price{Model: model, Rates: draw("rate")}
	above := int64(0)
	for range rapid.IntRange(0, 3).Draw(t, "tiers") {
		above += rapid.Int64Range(1, 1000).Draw(t, "step")
		tier := price.Tier{Above: above, Rates: draw("tier rate")}
		copy(tier.Rates[price.Call:], p.Rates[price.Call:])
		p.Tiers = append(p.Tiers, tier)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "pictures") {
		p.Pictures = append(p.Pictures, price.Picture{
			Size: []string{"1024x1024", "1024x1792", ""}[i], Quality: rapid.SampledFrom([]string{"", "standard", "hd"}).Draw(t, "quality"),
			Rate: tallygate.Money(rates.Draw(t, "picture")),
		})
	}
	return p
}

// No usage within the bounds costs more than Most says, whatever the classes claim.
func TestMostBoundsCost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePrice(t, "m")
		prompt := rapid.OneOf(rapid.Int64Range(-5, 5000), rapid.Int64()).Draw(t, "prompt")
		completion := rapid.OneOf(rapid.Int64Range(-5, 5000), rapid.Int64()).Draw(t, "completion")
		part := rapid.OneOf(rapid.Int64Range(-5, 5000), rapid.Int64())
		u := tallygate.Usage{
			Prompt:     rapid.Int64Range(min(0, prompt), prompt).Draw(t, "u.Prompt"),
			Completion: rapid.Int64Range(min(0, completion), completion).Draw(t, "u.Completion"),
			Cached:     part.Draw(t, "cached"), CacheWrite: part.Draw(t, "cache write"),
			AudioIn: part.Draw(t, "audio in"), ImageIn: part.Draw(t, "image"),
			Reasoning: part.Draw(t, "reasoning"), AudioOut: part.Draw(t, "audio out"), ImageOut: part.Draw(t, "image out"),
		}
		if max(u.Prompt, 0)+max(u.Completion, 0) > 0 { // otherwise only the total would be known
			u.Total = u.Prompt + u.Completion
		}
		bound := tallygate.Bound{Prompt: prompt, Completion: completion}
		for _, n := range []struct{ most, used *int64 }{{&bound.Seconds, &u.Seconds}, {&bound.Characters, &u.Characters}, {&bound.Images, &u.Images}} {
			*n.most = rapid.OneOf(rapid.Int64Range(-5, 5000), rapid.Int64()).Draw(t, "pieces")
			*n.used = rapid.Int64Range(min(0, *n.most), *n.most).Draw(t, "used")
		}
		bound.Picture = rapid.SampledFrom([]string{"", "hd/", "/1024x1792", "auto/auto", "low/9x9"}).Draw(t, "kind")
		cost, most := p.Cost(u, bound.Picture), p.Most(bound)
		if cost > most || cost < 0 {
			t.Fatalf("%+v costs %d, more than the most for %d and %d: %d", u, cost, prompt, completion, most)
		}
	})
}

// Most is no more than it must be: some usage within the bounds reaches it.
func TestMostIsReached(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePrice(t, "m")
		prompt, completion := rapid.Int64Range(1, 5000).Draw(t, "prompt"), rapid.Int64Range(1, 5000).Draw(t, "completion")
		var dearest tallygate.Money
		sizes := []int64{prompt}
		for _, tier := range p.Tiers {
			sizes = append(sizes, min(tier.Above, prompt))
		}
		for _, n := range sizes {
			for _, in := range []tallygate.Usage{{}, {Cached: n}, {CacheWrite: n}, {AudioIn: n}, {ImageIn: n}} {
				in.Prompt, in.Completion = n, completion
				dearest = max(dearest, p.Cost(in, ""))
				in.AudioOut = completion
				dearest = max(dearest, p.Cost(in, ""))
				in.AudioOut, in.ImageOut = 0, completion
				dearest = max(dearest, p.Cost(in, ""))
			}
		}
		if most := p.Most(tallygate.Bound{Prompt: prompt, Completion: completion}); most != dearest {
			t.Fatalf("at most %d, but nothing costs more than %d", most, dearest)
		}
	})
}

// Cost is the exact sum, rounded up once: the same as in numbers of any size.
func TestCostIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePrice(t, "m")
		p.Tiers, p.Pictures = nil, nil
		n := func(label string) int64 { return rapid.Int64Range(0, 1<<40).Draw(t, label) }
		u := tallygate.Usage{Cached: n("cached"), CacheWrite: n("write"), AudioIn: n("audio"), ImageIn: n("image"), AudioOut: n("out"), ImageOut: n("drawn"),
			Seconds: n("s"), Characters: n("characters"), Images: 1 + n("images")}
		text, said := n("text"), n("said")
		u.Prompt, u.Completion = u.Cached+u.CacheWrite+u.AudioIn+u.ImageIn+text, u.AudioOut+u.ImageOut+said
		if u.Prompt+u.Completion == 0 {
			return
		}
		sum := new(big.Int)
		for c, n := range map[price.Class]int64{price.Prompt: text, price.Cached: u.Cached, price.CacheWrite: u.CacheWrite,
			price.AudioIn: u.AudioIn, price.Image: u.ImageIn, price.Completion: said, price.AudioOut: u.AudioOut,
			price.ImageOut: u.ImageOut, price.Second: u.Seconds, price.Character: u.Characters, price.Call: u.Images} {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(n), big.NewInt(int64(p.Rates[c]))))
		}
		sum.Add(sum, big.NewInt(999_999)).Quo(sum, big.NewInt(1_000_000))
		if most := big.NewInt(int64(tallygate.MaxMoney)); sum.Cmp(most) > 0 {
			sum = most
		}
		if got := p.Cost(u, ""); got != tallygate.Money(sum.Int64()) {
			t.Fatalf("costs %d, want %s", got, sum)
		}
	})
}

func BenchmarkCost(b *testing.B) {
	p, _ := builtIn(b).Find("gpt-5.4", "", "", now)
	u := tallygate.Usage{Prompt: 300_000, Cached: 100_000, Completion: 1000, Reasoning: 500}
	b.ReportAllocs()
	for b.Loop() {
		p.Cost(u, "")
		p.Most(tallygate.Bound{Prompt: 400_000, Completion: 1000})
	}
}
