package price_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate/internal/price"
)

// body returns a book as a price file without its head.
func body(b *price.Book) []string {
	_, text, _ := strings.Cut(string(b.Marshal()), "prices:\n")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// imported checks what an importer makes of data: the prices, and that it tells of
// everything it left out.
func imported(t *testing.T, from func([]byte) (*price.Book, []string, error), data string, prices, notes []string) {
	t.Helper()
	b, got, err := from([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(prices, body(b)); diff != "" {
		t.Errorf("prices: %s", diff)
	}
	if diff := cmp.Diff(notes, got); diff != "" {
		t.Errorf("notes: %s", diff)
	}
}

// LiteLLM's keys become SKUs, its prices of one token those of a million, exactly.
func TestFromLiteLLM(t *testing.T) {
	imported(t, price.FromLiteLLM, `{
		"sample_spec": {"input_cost_per_token": 0.0},
		"gpt-4o": {"input_cost_per_token": 2.5e-06},
		"azure_ai/grok-4": {"input_cost_per_token": 1},
		"azure/gpt-4o-2024-11-20": {"input_cost_per_token": 2.75e-06, "output_cost_per_token": 1.1e-05, "cache_read_input_token_cost": 1.25e-06,
			"input_cost_per_token_batches": 1e-06, "max_input_tokens": 128000, "mode": "chat"},
		"azure/global/gpt-4o-2024-11-20": {"input_cost_per_token": "0.0000025", "output_cost_per_token": 1e-05},
		"azure/global-standard/gpt-4o-2024-08-06": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05},
		"azure/eu/gpt-5-mini": {"input_cost_per_token": 2.75e-07, "output_cost_per_token": 2.2e-06, "cache_read_input_token_cost": null},
		"azure/us/gpt-5-mini": {"input_cost_per_token": 2.75e-07, "output_cost_per_token": 2.2e-06},
		"azure/eu/o1": {"input_cost_per_token": 1.65e-05, "output_cost_per_token": 6.6e-05},
		"azure/us/o1": {"input_cost_per_token": 1.7e-05, "output_cost_per_token": 6.6e-05},
		"azure/gpt-5.4": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 2.5e-07,
			"input_cost_per_token_above_272k_tokens": 5e-06, "output_cost_per_token_above_272k_tokens": 2.25e-05,
			"cache_read_input_token_cost_above_272k_tokens": 5.000000000000001e-07, "input_cost_per_token_priority": 5e-06},
		"azure/text-embedding-3-small": {"input_cost_per_token": 2e-08, "output_cost_per_token": 0.0, "mode": "embedding"},
		"azure/whisper-1": {"input_cost_per_second": 0.0001, "output_cost_per_second": 0.0001},
		"azure/gpt-realtime": {"input_cost_per_token": 4e-06, "output_cost_per_token": 1.6e-05, "input_cost_per_audio_token": 3.2e-05, "output_cost_per_audio_token": 6.4e-05},
		"azure/gpt-4o-audio-preview": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05},
		"azure/gpt-3.5-turbo": {"input_cost_per_token": 5e-07, "output_cost_per_token": 1.5e-06},
		"azure/hd/1024-x-1024/dall-e-3": {"input_cost_per_pixel": 7.6e-08},
		"azure/half": {"input_cost_per_token": 1e-06},
		"azure/zero": {"input_cost_per_token": 0, "output_cost_per_token": 0},
		"azure/minus": {"input_cost_per_token": -1e-06, "output_cost_per_token": 0},
		"azure/huge": {"input_cost_per_token": 1e29, "output_cost_per_token": 0},
		"azure/bomb": {"input_cost_per_token": 1e999999999, "output_cost_per_token": 0},
		"azure/text": {"input_cost_per_token": "dear", "output_cost_per_token": 0},
		"azure/list": []
	}`, []string{
		"  - {model: gpt-3.5-turbo, prompt: 0.50, completion: 1.50}",
		"  - {model: gpt-35-turbo, prompt: 0.50, completion: 1.50}",
		"  - {model: gpt-4o-2024-08-06, sku: GlobalStandard, prompt: 2.50, completion: 10.00}",
		"  - {model: gpt-4o-2024-11-20, prompt: 2.75, cached: 1.25, completion: 11.00}",
		"  - {model: gpt-4o-2024-11-20, sku: GlobalStandard, prompt: 2.50, completion: 10.00}",
		"  - {model: gpt-5-mini, sku: DataZoneStandard, prompt: 0.275, completion: 2.20}",
		"  - model: gpt-5.4",
		"    prompt: 2.50",
		"    cached: 0.25",
		"    completion: 15.00",
		"    tiers:",
		"      - {above: 272k, prompt: 5.00, cached: 0.50, completion: 22.50}",
		"  - {model: gpt-realtime, prompt: 4.00, audio_in: 32.00, completion: 16.00, audio_out: 64.00}",
		"  - {model: o1, sku: DataZoneStandard, prompt: 17.00, completion: 66.00}",
		"  - {model: text-embedding-3-small, prompt: 0.02, completion: 0.00}",
		"  - {model: whisper, second: 0.0001}",
		"  - {model: whisper-001, second: 0.0001}",
		"  - {model: whisper-1, second: 0.0001}",
	}, []string{
		`"azure/bomb" left out: input_cost_per_token: "1e999999999" is not a sensible number`,
		`"azure/gpt-4o-audio-preview" left out: has no price for audio_in and audio_out`,
		`"azure/half" left out: has no price for completion: an embedding model says 0`,
		`"azure/hd/1024-x-1024/dall-e-3" left out: is not a model, or one at a place that is not known here`,
		`"azure/huge" left out: input_cost_per_token: prompt is absurdly large`,
		`"azure/list" left out: is not an object`,
		`"azure/minus" left out: input_cost_per_token: prompt must not be negative`,
		`"azure/text" left out: input_cost_per_token is not a number`,
		`"o1" for DataZoneStandard has two prices; the one with the dearer prompt counts`,
		`"zero" left out: its price is 0, which is more likely unknown`,
		"3 entries of other providers left out",
		"input_cost_per_token_batches: not read (1 times)",
		"input_cost_per_token_priority: not read (1 times)",
		"output_cost_per_second: not read (1 times)",
	})
}

// Azure's own prices go before OpenAI's; names, tiers and days are read.
func TestFromGenAIPrices(t *testing.T) {
	imported(t, price.FromGenAIPrices, `[
		{"id": "openai", "models": [
			{"id": "a", "match": {"equals": "a"}, "prices": {"input_mtok": 9, "output_mtok": 9}},
			{"id": "b", "match": {"or": [{"equals": "B"}, {"equals": "b-2026-01-02"}, {"starts_with": "b-x["}]}, "prices": [
				{"prices": {"input_mtok": {"base": 1, "tiers": [{"start": 271999, "price": 2}]}, "cache_read_mtok": 0.1, "output_mtok": 3}},
				{"constraint": {"type": "start_date", "start_date": "2026-07-30"}, "prices": {"input_mtok": 0.2, "output_mtok": 1.2, "web_searches_kcount": 10}}]},
			{"id": "night", "match": {"equals": "night"}, "prices": [{"constraint": {"type": "time_of_date", "start_time": "00:00"}, "prices": {"input_mtok": 1}}]},
			{"id": "ft:b", "match": {"starts_with": "ft:b"}, "prices": {"input_mtok": 1, "output_mtok": 1}},
			{"id": "whisper", "match": {"regex": "^w"}, "prices": {"audio_hours": 0.36}},
			{"id": "whisper-1", "match": {"equals": "whisper-1"}, "prices": {"audio_hours": 0.27}},
			{"id": "image", "match": {"equals": "image"}, "prices": {"input_mtok": 5, "input_image_mtok": 8, "output_mtok": 10, "output_image_mtok": 32, "requests_kcount": 1}}
		]},
		{"id": "azure", "models": [
			{"id": "A", "match": {"contains": "a"}, "prices": {"input_mtok": 2.5, "output_mtok": 10}},
			{"id": "emb", "match": {"or": [{"equals": "emb"}, {"equals": "text-embedding-x"}]}, "prices": {"input_mtok": 0.13}},
			{"id": "resold", "match": {"equals": "resold"}, "price_comments": "from OpenRouter", "prices": {"input_mtok": 1, "output_mtok": 1}},
			{"id": "none", "match": {"equals": "none"}, "prices": {}},
			{"id": "wrong", "match": {"equals": "wrong"}, "prices": {"input_mtok": "x"}}
		]},
		{"id": "anthropic", "models": [{"id": "c", "match": {"equals": "c"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]}
	]`, []string{
		"  - {model: a, prompt: 2.50, completion: 10.00}",
		"  - model: b",
		"    to: 2026-07-30",
		"    prompt: 1.00",
		"    cached: 0.10",
		"    completion: 3.00",
		"    tiers:",
		"      - {above: 271999, prompt: 2.00, cached: 0.10, completion: 3.00}",
		"  - {model: b, from: 2026-07-30, prompt: 0.20, completion: 1.20}",
		"  - model: \"b-x\\\\[*\"",
		"    to: 2026-07-30",
		"    prompt: 1.00",
		"    cached: 0.10",
		"    completion: 3.00",
		"    tiers:",
		"      - {above: 271999, prompt: 2.00, cached: 0.10, completion: 3.00}",
		"  - {model: \"b-x\\\\[*\", from: 2026-07-30, prompt: 0.20, completion: 1.20}",
		"  - {model: image, prompt: 5.00, image: 8.00, completion: 32.00, call: 0.001}",
		"  - {model: text-embedding-x, prompt: 0.13, completion: 0.00}",
		"  - {model: whisper, second: 0.000075}",
		"  - {model: whisper-001, second: 0.000075}",
		"  - {model: whisper-1, second: 0.000075}",
	}, []string{
		`"emb" left out: has no price for completion: an embedding model says 0`,
		`azure "resold" left out: the price is another reseller's`,
		`azure "none" left out: has no price`,
		`azure "wrong" left out: input_mtok: is neither a number nor a base with tiers`,
		`openai "a": "a" has a price already`,
		`openai "night" left out: has a price on a condition that is no start date`,
		`openai "ft:b": "ft:b*" is no name of an Azure model`,
		`openai "whisper": names by regular expression or conjunction are not read`,
		`"image": pictures in the completion have no class here; the dearer price counts for all of it`,
		"web_searches_kcount: not read (1 times)",
	})
}

// item writes an item of Azure's list; more is further fields.
func item(meter, region, from, unit, amount, more string) string {
	return `{"currencyCode":"USD","tierMinimumUnits":0.0,"retailPrice":` + amount + `,"unitPrice":` + amount + `,"armRegionName":"` + region +
		`","effectiveStartDate":"` + from + `","meterName":"` + meter + `","productName":"Azure OpenAI","skuName":"x","unitOfMeasure":"` + unit + `","type":"Consumption"` + more + `}`
}

// Meters whose names leave no doubt become prices; of all others a note says why not.
func TestFromAzureRetail(t *testing.T) {
	const day, later = "2024-08-01T00:00:00Z", "2025-03-01T00:00:00Z"
	items := []string{
		item("gpt-4o-0806-Inp-glbl Tokens", "swedencentral", day, "1K", "0.0025", ""),
		item("gpt-4o-0806-Outp-glbl Tokens", "swedencentral", day, "1K", "0.01", ""),
		item("gpt-4o-0806-cached-Inp-glbl Tokens", "swedencentral", later, "1K", "0.00125", ""),
		item("gpt 4.1 Inp DZone Tokens", "eastus", day, "1M", "2.2", ""),
		item("gpt 4.1 Outp DZone Tokens", "eastus", day, "1M", "8.8", ""),
		item("gpt 4.1 Outp DZone Tokens", "eastus", day, "1M", "8.9", ""), // a second one
		item("o1 Batch Inp Data Zone Tokens", "eastus", day, "1M", "1", ""),
		item("gpt-4.1-mini-batch-inp-glbl", "", day, "1M", "0.2", ""),
		item("gpt-4.1-mini-batch-outp-glbl", "Global", day, "1M", "0.8", ""),
		item("text-embedding-3-small-glbl Tokens", "eastus", day, "1K", "0.00002", ""),
		item("5.4 inp Gl 1M Tokens", "eastus", day, "1M", "2.5", `,"productName":"Azure OpenAI GPT5"`),
		item("5.4 opt Gl 1M Tokens", "eastus", day, "1M", "15", `,"productName":"Azure OpenAI GPT5"`),
		item("gpt-5 Inp regnl", "eastus", day, "1M", "1", ""), // no output
		item("Phi-4-Input Tokens", "eastus", day, "1K", "1", `,"productName":"Azure Phi"`),
		item("gpt-4o Inp", "eastus", day, "1K", "1", ""),
		item("gpt-4o glbl", "eastus", day, "1K", "1", ""),
		item("gpt-4o rt aud Inp glbl", "eastus", day, "1K", "1", ""),
		item("Inp glbl", "eastus", day, "1K", "1", ""),
		item("gpt-4o cached Outp glbl", "eastus", day, "1K", "1", ""),
		item("gpt-4o PTU", "eastus", day, "1 Hour", "1", ""),
		item("gpt-4o Inp glbl", "eastus", "soon", "1K", "1", ""),
		item("gpt-4o Inp glbl", "eastus", day, "1K", "1", `,"type":"Reservation"`),
		item("gpt-4o Inp glbl", "eastus", day, "1K", "1", `,"tierMinimumUnits":5`),
	}
	imported(t, price.FromAzureRetail, `{"Items":[`+strings.Join(items, ",")+`],"NextPageLink":"https://prices.azure.com/next"}`, []string{
		"  - {model: gpt-4.1, sku: DataZoneStandard, region: eastus, from: 2024-08-01, prompt: 2.20, completion: 8.90}",
		"  - {model: gpt-4.1-mini, sku: GlobalBatch, from: 2024-08-01, prompt: 0.20, completion: 0.80}",
		"  - {model: gpt-4o-0806, sku: GlobalStandard, region: swedencentral, from: 2024-08-01, to: 2025-03-01, prompt: 2.50, completion: 10.00}",
		"  - {model: gpt-4o-0806, sku: GlobalStandard, region: swedencentral, from: 2025-03-01, prompt: 2.50, cached: 1.25, completion: 10.00}",
		`  - {model: "gpt-4o-20[0-9][0-9]-08-06", sku: GlobalStandard, region: swedencentral, from: 2024-08-01, to: 2025-03-01, prompt: 2.50, completion: 10.00}`,
		`  - {model: "gpt-4o-20[0-9][0-9]-08-06", sku: GlobalStandard, region: swedencentral, from: 2025-03-01, prompt: 2.50, cached: 1.25, completion: 10.00}`,
		"  - {model: gpt-5.4, sku: GlobalStandard, region: eastus, from: 2024-08-01, prompt: 2.50, completion: 15.00}",
		"  - {model: text-embedding-3-small, sku: GlobalStandard, region: eastus, from: 2024-08-01, prompt: 0.02, completion: 0.00}",
	}, []string{
		`"o1 Batch Inp Data Zone Tokens" in "eastus" left out: "data" is not understood`,
		`"gpt-4o Inp" in "eastus" left out: its name does not say which deployment type it is for`,
		`"gpt-4o glbl" in "eastus" left out: its name does not say what is counted`,
		`"gpt-4o rt aud Inp glbl" in "eastus" left out: "rt" is not understood`,
		`"Inp glbl" in "eastus" left out: its name has no model`,
		`"gpt-4o cached Outp glbl" in "eastus" left out: cached output is not understood`,
		`"gpt-4o PTU" in "eastus" left out: is counted in "1 Hour"`,
		`"gpt-4o Inp glbl" in "eastus" left out: effectiveStartDate "soon" is not a date such as 2026-03-01 or a time such as 2026-03-01T00:00:00Z`,
		`"gpt-4o Inp glbl" in "eastus" left out: is no plain consumption price: reserved, for volume, for development or past`,
		`"gpt-4o Inp glbl" in "eastus" left out: is no plain consumption price: reserved, for volume, for development or past`,
		"1 items of other products left out",
		"there is more, at https://prices.azure.com/next",
		`"gpt-4.1" DataZoneStandard "eastus": completion has several prices at once; the dearest counts`,
		`"gpt-5" Standard "eastus" from 2024-08-01 left out: has no price for completion: an embedding model says 0`,
	})
}

// What is no list at all, or has nothing of Azure OpenAI, is an error.
func TestImportRefuses(t *testing.T) {
	for _, data := range []string{"", "null", "[]", "{}", "5", `{"Items":[]}`, `[{"id":"azure"}]`, `{"azure/x":{}}`,
		`{"Items":[` + item("gpt-4o Inp glbl", "", "2026-01-01", "1K", "1", "") + "," + item("gpt-4o Inp glbl", "", "2026-01-01", "1K", "1", `,"currencyCode":"EUR"`) + `]}`} {
		for _, from := range []func([]byte) (*price.Book, []string, error){price.FromLiteLLM, price.FromGenAIPrices, price.FromAzureRetail} {
			if b, _, err := from([]byte(data)); err == nil || b != nil {
				t.Errorf("%s is a list: %v", data, err)
			}
		}
	}
}

// Whatever an importer reads, it does not fall over, and what it makes can be written
// and read.
func FuzzImport(f *testing.F) {
	data, err := os.ReadFile("testdata/genai-prices.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:0])
	f.Add([]byte(`{"azure/gpt-4o":{"input_cost_per_token":2.5e-06,"output_cost_per_token":1e-05,"input_cost_per_token_above_9k_tokens":1e-5}}`))
	f.Add([]byte(`[{"id":"azure","models":[{"id":"a","match":{"equals":"a"},"prices":{"input_mtok":{"base":1,"tiers":[{"start":0,"price":2}]},"output_mtok":3}}]}]`))
	f.Add([]byte(`{"Items":[` + item("gpt-4o-0806 Inp glbl", "x", "2026-01-01", "1K", "1e-3", "") + "," + item("gpt-4o-0806 outp glbl", "x", "2026-01-01", "1K", "1e-3", "") + `]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, from := range []func([]byte) (*price.Book, []string, error){price.FromLiteLLM, price.FromGenAIPrices, price.FromAzureRetail} {
			b, notes, err := from(data)
			if err != nil {
				continue
			}
			if text := b.Marshal(); len(b.All()) == 0 {
				t.Fatal("an empty book")
			} else if _, err := price.Parse("f", text); err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if _, err := json.Marshal(notes); err != nil {
				t.Fatal(err)
			}
		}
	})
}
