package storetest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Canonical returns e as a journal would give it to a store.
func Canonical(e tallygate.Entry) ledger.Canonical {
	c, err := ledger.DecodeEntry(ledger.AppendEntry(nil, &e))
	if err != nil {
		panic(err) // what was just encoded is valid
	}
	return c
}

// Full returns an entry with a different value in every field.
func Full() tallygate.Entry {
	began := time.Date(2026, 11, 21, 15, 4, 5, 678901000, time.UTC)
	return tallygate.Entry{
		ID: tallygate.NewID(began), Began: began,
		Caller: "search-team", Group: "product", Event: "hackathon", Attendee: "ada", Key: "0123456789ab", IP: netip.MustParseAddr("2001:db8::7"),
		Agent: "AzureOpenAI/Python 1.2 ✓", RequestID: "req-1", Trace: "0af7651916cd43dd8448eb211c80319c", Retry: 2,
		Method: "POST",
		Ask: tallygate.Ask{
			Dialect: tallygate.V1, Operation: tallygate.ChatCompletions, Model: "gpt-4o", APIVersion: "2024-10-21",
			Stream: true, StreamUsage: true, MaxTokens: 512, Choices: 3, BodyBytes: 4096, User: "zoë", Affinity: 1<<63 + 5, Picture: "hd/1024x1792",
		},
		Deployment: &tallygate.Deployment{
			Resource: "sweden-1", Name: "gpt-4o-ptu", Model: "gpt-4o", Base: "gpt-4o-2024-11-20", Region: "swedencentral", SKU: "GlobalStandard",
			TPM: 600_000, RPM: 3600, PTU: 100, Priority: 1, Weight: 7,
		},
		Attempts: 4, UpstreamID: "apim-9", AnswerModel: "gpt-4o-2024-11-20",
		Outcome: tallygate.Answered, Status: 200, Code: "none-such", Finish: "stop",
		Usage: tallygate.Usage{
			Source: tallygate.Exact, Prompt: 101, Completion: 53, Total: 154,
			Cached: 11, CacheWrite: 12, AudioIn: 13, ImageIn: 14,
			Reasoning: 21, AudioOut: 22, AcceptedPrediction: 23, RejectedPrediction: 24, Seconds: 25, ImageOut: 26, Characters: 27, Images: 28,
		},
		Hold:    tallygate.Bound{Prompt: 900, Completion: 1536, Seconds: 30, Characters: 31, Images: 32, Cost: 1 << 50},
		Counted: true, Cost: 1<<41 + 7, Pricing: tallygate.Assumed, AnswerBytes: 8000,
		Upstream: 210 * time.Millisecond, FirstByte: 211 * time.Millisecond, Total: 1700 * time.Millisecond,
		Cause: "upstream: connection reset",
	}
}

// Random returns a lifelike entry that began at a time: few callers, some of
// everything, now and then nothing.
func Random(r *rand.Rand, began time.Time) tallygate.Entry {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	caller := r.IntN(5)
	e := tallygate.Entry{
		ID: tallygate.NewID(began), Began: began,
		Caller: fmt.Sprintf("caller-%d", caller), Group: pick("product", "research", ""),
		Event: pick("", "", "hackathon"), Key: fmt.Sprintf("%012x", caller),
		IP:    netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(4))}),
		Agent: pick("curl/8", "OpenAI/Python 2.1.0", ""), Method: "POST",
		Ask: tallygate.Ask{
			Dialect: tallygate.Dialect(r.IntN(5)), Operation: tallygate.Operation(pick("chat/completions", "embeddings", "files")),
			Model: pick("gpt-4o", "gpt-4o-mini", "gpt-4.1"), User: pick("", "", "ann", "bob"),
			BodyBytes: r.Int64N(10_000), MaxTokens: r.Int64N(3) * 512, Stream: r.IntN(2) == 0, Affinity: r.Uint64(),
		},
		Attempts: 1, Outcome: tallygate.Outcome(r.IntN(5)), Hold: tallygate.Bound{Prompt: 1000, Completion: 500, Cost: 9000},
	}
	if e.Event != "" {
		e.Attendee = pick("ada", "grace")
	}
	e.RequestID = e.ID.String()
	switch e.Outcome {
	case tallygate.Refused:
		e.Status, e.Code, e.Attempts = 429, "RateLimitExceeded", 0
		return e
	case tallygate.Unsettled:
		e.Usage = e.Hold.Whole()
		e.Counted, e.Cost, e.Pricing = true, e.Hold.Cost, tallygate.Listed
		return e
	}
	e.Counted = r.IntN(8) > 0
	e.Status = []int{200, 200, 200, 400, 404, 500}[r.IntN(6)]
	e.Deployment = &tallygate.Deployment{Resource: pick("sweden-1", "france-2"), Name: e.Ask.Model, Model: e.Ask.Model,
		Region: pick("swedencentral", "francecentral"), SKU: pick("", "GlobalStandard")}
	e.Usage = tallygate.Usage{Source: tallygate.Source(r.IntN(5)), Prompt: r.Int64N(2000), Completion: r.Int64N(500)}
	e.Usage.Total = e.Usage.Prompt + e.Usage.Completion
	if r.IntN(3) == 0 {
		e.Usage.Cached, e.Usage.Reasoning = e.Usage.Prompt/2, e.Usage.Completion/2
	}
	if e.Pricing = tallygate.Pricing(r.IntN(4)); e.Pricing == tallygate.Listed || e.Pricing == tallygate.Assumed {
		e.Cost = tallygate.Money(r.Int64N(20_000))
	}
	if r.IntN(16) == 0 {
		e.Usage.Seconds = r.Int64N(3600)
	}
	switch r.IntN(16) {
	case 0:
		e.Usage.Characters = r.Int64N(4096)
		e.Hold.Characters = e.Usage.Characters
	case 1:
		e.Usage.Images, e.Ask.Picture = 1+r.Int64N(10), pick("hd/1024x1024", "/1024x1792", "")
	}
	if r.IntN(8) == 0 {
		e.Usage.AudioIn, e.Cause = r.Int64N(100), pick("", "upstream reset")
	}
	if r.IntN(4) > 0 {
		e.Upstream = time.Duration(r.Int64N(int64(time.Second)))
		e.FirstByte = e.Upstream + time.Millisecond
		e.Total = e.FirstByte + time.Duration(r.ExpFloat64()*float64(3*time.Second))
	}
	return e
}

// Batches fills a batch after another with n random entries that began within a
// span of time, in no order.
func Batches(seed uint64, n, size int, from time.Time, span time.Duration) []ledger.Batch {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []ledger.Batch
	for number := int64(0); n > 0; {
		b := ledger.Batch{Journal: ledger.JournalID{1}, After: number}
		for range min(n, size) {
			e := Random(r, from.Add(time.Duration(r.Int64N(int64(span)))))
			b.Entries = append(b.Entries, Canonical(e))
		}
		number += int64(2 * len(b.Entries)) // as if each had an intent
		b.Upto = number
		n -= len(b.Entries)
		out = append(out, b)
	}
	return out
}
